//! What a browser sends in a query or a form: names with values, in order, a name any number of times.

/// The most pairs that are read of one form.
pub(crate) const PAIRS_MAX: usize = 2_000;

/// Names with values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Reads `application/x-www-form-urlencoded`. Line ends are made those of the product (`\n`).
    pub fn parse(encoded: &str) -> Pairs {
        let pairs = encoded.split('&').filter(|part| !part.is_empty()).take(PAIRS_MAX).map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(name), decoded(value).replace("\r\n", "\n"))
        });
        Pairs(pairs.collect())
    }

    /// What came apart already. Line ends are made those of the product.
    pub fn of(pairs: Vec<(String, String)>) -> Pairs {
        Pairs(pairs.into_iter().map(|(name, value)| (name, value.replace("\r\n", "\n"))).collect())
    }

    /// The first value of a name, with blanks around it removed; nothing where it is blank or not there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.raw(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The first value of a name, as typed.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a name, in order, blank ones left out.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(held, _)| held == name).map(|(_, value)| value.trim()).filter(|v| !v.is_empty())
    }

    /// Whether the name is there at all, blank or not.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(held, _)| held == name)
    }

    /// What was sent under one name, as if it had been sent under another, and nothing else.
    pub fn renamed(&self, from: &str, to: &str) -> Pairs {
        let values = self.0.iter().filter(|(held, _)| held == from).map(|(_, value)| (to.to_owned(), value.clone()));
        Pairs(values.collect())
    }

    /// Everything, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                match (ahead.next().and_then(hex_digit), ahead.next().and_then(hex_digit)) {
                    (Some(high), Some(low)) => {
                        bytes.push(high * 16 + low);
                        rest = ahead;
                    }
                    _ => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A text as it may stand as a value in a query.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_signs_and_line_ends() {
        let form =
            Pairs::parse("summary=a+%E9%82%AE%E4%BB%B6%26+b&details=one%0D%0Atwo&item=x&item=+&item=y&empty=&bad=%zz");
        assert_eq!(form.get("summary"), Some("a 邮件& b"));
        assert_eq!(form.raw("details"), Some("one\ntwo"));
        assert_eq!(form.all("item").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!((form.get("empty"), form.has("empty"), form.has("none")), (None, true, false));
        assert_eq!(form.get("bad"), Some("%zz"));
    }

    #[test]
    fn what_is_encoded_is_read_back() {
        let text = "邮件 a&b=c/%+";
        assert_eq!(Pairs::parse(&format!("next={}", encoded(text))).get("next"), Some(text));
    }
}
