//! What the bytes of a file are, beside what its name says. Only kinds that people send each other about their work are
//! taken, each with the content of its kind, so that no program and no page comes in under another name. Archives are not
//! looked into: what they hold runs nowhere before somebody unpacks it.

mod xml;

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};
use engine::file::Fault;
use memchr::memmem;
use serde::de::IgnoredAny;

/// What a file can be.
#[derive(Clone, Copy)]
enum Kind {
    /// Known by how it begins, as `infer` names it.
    Begins(&'static [&'static str]),
    /// A package of Office Open XML (ECMA-376) with a part of this name.
    Office(&'static str),
    /// A package of OpenDocument (ISO/IEC 26300) of this media type.
    OpenDocument(&'static str),
    /// A compound file (MS-CFB) with a stream or storage of one of these names: Office before 2007, and Outlook's mails.
    Compound(&'static [&'static str]),
    RichText,
    Text,
    Json,
    Xml,
    Picture,
    Mail,
}

const OPEN: &str = "application/vnd.oasis.opendocument";

/// What ends in what. Whatever is not here is not taken.
const KINDS: [(&[&str], Kind); 31] = [
    (&["png"], Kind::Begins(&["png"])),
    (&["jpg", "jpeg"], Kind::Begins(&["jpg"])),
    (&["gif"], Kind::Begins(&["gif"])),
    (&["webp"], Kind::Begins(&["webp"])),
    (&["bmp"], Kind::Begins(&["bmp"])),
    (&["tif", "tiff"], Kind::Begins(&["tif"])),
    (&["heic", "heif"], Kind::Begins(&["heif"])),
    (&["avif"], Kind::Begins(&["avif"])),
    (&["svg"], Kind::Picture),
    (&["pdf"], Kind::Begins(&["pdf"])),
    (&["docx"], Kind::Office("word/")),
    (&["xlsx"], Kind::Office("xl/")),
    (&["pptx"], Kind::Office("ppt/")),
    (&["vsdx"], Kind::Office("visio/")),
    (&["odt"], Kind::OpenDocument("text")),
    (&["ods"], Kind::OpenDocument("spreadsheet")),
    (&["odp"], Kind::OpenDocument("presentation")),
    (&["doc", "wps"], Kind::Compound(&["WordDocument"])),
    (&["xls", "et"], Kind::Compound(&["Workbook", "Book"])),
    (&["ppt", "dps"], Kind::Compound(&["PowerPoint Document"])),
    (&["msg"], Kind::Compound(&["__substg1.0_"])),
    (&["rtf"], Kind::RichText),
    (&["json", "har"], Kind::Json),
    (&["xml", "bpmn"], Kind::Xml),
    (&["eml"], Kind::Mail),
    (&["txt", "log", "out", "csv", "tsv", "md", "jsonl", "ndjson", "ics", "vcf"], Kind::Text),
    (&["yaml", "yml", "toml", "ini", "conf", "cfg", "properties", "diff", "patch", "sql"], Kind::Text),
    (&["zip"], Kind::Begins(&["zip"])),
    (&["gz", "tgz"], Kind::Begins(&["gz"])),
    (&["tar"], Kind::Begins(&["tar"])),
    (&["7z", "rar", "bz2", "xz", "zst"], Kind::Begins(&["7z", "rar", "bz2", "xz", "zst"])),
];

/// How a text begins that a browser takes for a page or a picture with scripts.
const PAGES: [&str; 7] = ["<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<svg"];
/// How a program for a shell begins.
const PROGRAM: &str = "#!";
/// How a compound file begins (MS-CFB, section 2.2).
const COMPOUND: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Whether a file of this name may have these bytes.
///
/// # Errors
/// What is wrong with them.
pub fn judge(name: &str, bytes: &[u8]) -> Result<(), Fault> {
    let ending = ending(name);
    let Some((_, kind)) = KINDS.iter().find(|(endings, _)| endings.contains(&&*ending)) else {
        // What a system writes beside its logs has no ending (`messages`), or a number (`syslog.1`).
        let is_unnamed = ending.bytes().all(|byte| byte.is_ascii_digit());
        return match judge_text(bytes) {
            Ok(()) if is_unnamed => Ok(()),
            Err(Fault::Active) if is_unnamed => Err(Fault::Active),
            Ok(()) | Err(_) => Err(Fault::Ending(if is_unnamed { String::new() } else { ending })),
        };
    };
    let is_it = match *kind {
        Kind::Begins(named) => found(bytes).is_some_and(|found| named.contains(&found) && names(&ending, found)),
        Kind::Office(part) => {
            if holds(bytes, b"vbaProject.bin") {
                return Err(Fault::Active);
            }
            is_package(bytes) && holds(bytes, b"[Content_Types].xml") && holds(bytes, part.as_bytes())
        }
        Kind::OpenDocument(kind) => {
            if holds(bytes, b"Basic/Standard/") {
                return Err(Fault::Active);
            }
            is_package(bytes) && bytes.get(30..).is_some_and(|rest| rest.starts_with(&declared(kind)))
        }
        Kind::Compound(streams) => {
            let is_one = bytes.starts_with(&COMPOUND) && streams.iter().any(|name| holds(bytes, &wide(name)));
            if is_one && holds(bytes, &wide("_VBA_PROJECT")) {
                return Err(Fault::Active);
            }
            is_one
        }
        Kind::RichText => {
            let is_one = found(bytes) == Some("rtf");
            if is_one && holds(bytes, b"\\objdata") {
                return Err(Fault::Active);
            }
            is_one
        }
        Kind::Text => return judge_text(bytes).map_err(|fault| named(fault, &ending, bytes)),
        Kind::Json => {
            let text = text(bytes).map_err(|fault| named(fault, &ending, bytes))?;
            serde_json::from_str::<IgnoredAny>(&text).is_ok()
        }
        Kind::Xml | Kind::Picture => {
            let text = text(bytes).map_err(|fault| named(fault, &ending, bytes))?;
            let root = xml::root(&text)?;
            match kind {
                Kind::Picture => root.as_deref() == Some("svg"),
                _ => root.is_some(),
            }
        }
        Kind::Mail => is_mail(bytes),
    };
    if is_it { Ok(()) } else { Err(Fault::OtherKind(ending.clone(), other(&ending, bytes))) }
}

/// What stands after the last dot of a name, in small letters; empty where there is none.
fn ending(name: &str) -> String {
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or_else(String::new, |(_, end)| end.to_lowercase())
}

/// What `infer` takes the bytes for.
fn found(bytes: &[u8]) -> Option<&'static str> {
    infer::get(bytes).map(|kind| kind.extension())
}

/// What the bytes look like, where it is known and is not what the name says.
fn other(ending: &str, bytes: &[u8]) -> Option<String> {
    found(bytes).filter(|found| !names(ending, found)).map(str::to_owned)
}

/// Whether an ending is that of a kind as `infer` calls it.
fn names(ending: &str, found: &str) -> bool {
    match found {
        "jpg" => matches!(ending, "jpg" | "jpeg"),
        "tif" => matches!(ending, "tif" | "tiff"),
        "heif" => matches!(ending, "heic" | "heif"),
        "gz" => matches!(ending, "gz" | "tgz"),
        found => ending == found,
    }
}

/// What is no text may look like something else, which says more.
fn named(fault: Fault, ending: &str, bytes: &[u8]) -> Fault {
    match (fault, other(ending, bytes)) {
        (Fault::NotText, Some(found)) => Fault::OtherKind(ending.to_owned(), Some(found)),
        (fault, _) => fault,
    }
}

fn is_package(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// How the first entry of an OpenDocument package goes on after its header (OpenDocument 1.3, part 2, section 3.3).
fn declared(kind: &str) -> Vec<u8> {
    format!("mimetype{OPEN}.{kind}").into_bytes()
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    memmem::find(bytes, what).is_some()
}

/// A name as compound files have it.
fn wide(name: &str) -> Vec<u8> {
    name.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn judge_text(bytes: &[u8]) -> Result<(), Fault> {
    let text = text(bytes)?;
    let start: String = text.trim_start().chars().take(20).collect::<String>().to_lowercase();
    let is_page = PAGES.iter().any(|page| start.starts_with(page));
    if is_page || text.starts_with(PROGRAM) { Err(Fault::Active) } else { Ok(()) }
}

/// The text that the bytes are: in UTF-8, in UTF-16 with its mark, or in GB 18030, as editors in China write.
fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Fault> {
    let encodings = [UTF_8, UTF_16LE, UTF_16BE, GB18030].into_iter();
    let mut read = encodings.filter(|encoding| match *encoding {
        encoding if encoding == UTF_16LE => bytes.starts_with(&[0xff, 0xfe]),
        encoding if encoding == UTF_16BE => bytes.starts_with(&[0xfe, 0xff]),
        _ => true,
    });
    let text = read.find_map(|encoding| {
        let (text, wrong) = encoding.decode_with_bom_removal(bytes);
        (!wrong && text.chars().all(is_written)).then_some(text)
    });
    text.ok_or(Fault::NotText)
}

/// Whether a sign is one of texts: what terminals write into their logs is.
fn is_written(sign: char) -> bool {
    !sign.is_control() || matches!(sign, '\t' | '\n' | '\r' | '\x0c' | '\x08' | '\x1b' | '\x7f'..='\u{9f}')
}

/// Whether it begins with the fields of a mail (RFC 5322, section 2.2), one of them among those that a mail has.
fn is_mail(bytes: &[u8]) -> bool {
    const KNOWN: [&str; 6] = ["from", "date", "received", "subject", "message-id", "return-path"];
    let mut is_known = false;
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let name = line.split(|byte| *byte == b':').next().filter(|name| name.len() < line.len());
        let Some(name) = name.filter(|name| !name.is_empty() && name.iter().all(u8::is_ascii_graphic)) else {
            return false;
        };
        is_known |= KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
    }
    is_known && !bytes.contains(&0)
}
