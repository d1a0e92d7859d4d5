//! XML that somebody sends: whether it is whole, and whether a picture in it could act.

use engine::file::Fault;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Elements of SVG that run what they hold, or bring in pages (SVG 2, sections 12 and 15).
const ACTIVE: [&str; 6] = ["script", "handler", "foreignobject", "iframe", "object", "embed"];

/// The name of the outermost element; nothing where it is not well-formed.
///
/// # Errors
/// It is a page, or a picture that can act.
pub fn root(text: &str) -> Result<Option<String>, Fault> {
    let mut reader = Reader::from_str(text);
    let (mut root, mut depth, mut declares) = (None::<String>, 0_usize, false);
    loop {
        let (element, opens) = match reader.read_event() {
            Ok(Event::Start(element)) => (element, true),
            Ok(Event::Empty(element)) => (element, false),
            Ok(Event::End(_)) => {
                depth = depth.saturating_sub(1);
                continue;
            }
            Ok(Event::DocType(declared)) => {
                declares |= declared.contains("<!ENTITY");
                continue;
            }
            Ok(Event::Eof) => return Ok(root.filter(|_| depth == 0)),
            Ok(_) => continue,
            Err(_) => return Ok(None),
        };
        let name = element.local_name().as_ref().to_lowercase();
        match &root {
            Some(_) if depth == 0 => return Ok(None),
            Some(_) => {}
            None if name == "html" || (name == "svg" && declares) => return Err(Fault::Active),
            None => root = Some(name.clone()),
        }
        if root.as_deref() == Some("svg") && (ACTIVE.contains(&&*name) || acts(&element)) {
            return Err(Fault::Active);
        }
        depth += usize::from(opens);
    }
}

/// Whether an attribute has a script in it, or what cannot be read.
fn acts(element: &BytesStart<'_>) -> bool {
    element.attributes().any(|attribute| {
        let Ok(attribute) = attribute else { return true };
        let name = attribute.key.local_name().as_ref().to_lowercase();
        let Ok(value) = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0) else { return true };
        let value: String = value.chars().filter(|letter| !letter.is_whitespace() && !letter.is_control()).collect();
        let value = value.to_lowercase();
        let leads = |name: &str| name == "href" || name == "src";
        name.starts_with("on")
            || value.contains("javascript:")
            || (leads(&name) && value.starts_with("data:") && !value.starts_with("data:image/"))
            || value.contains("data:image/svg")
    })
}
