//! How records are numbered for people.

/// A pattern such as `INC-{year}-{seq:6}`: `{seq:6}` counts up, with six digits at least, and where `{year}` stands it
/// begins anew each year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberPattern<'p>(pub &'p str);

/// What a pattern has at one place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Letter(char),
    Digit,
    /// Any number of digits, or none.
    Digits,
}

impl NumberPattern<'_> {
    /// Whether the count begins anew each year.
    pub fn has_year(self) -> bool {
        self.0.contains("{year}")
    }

    /// The number as people read it.
    pub fn written(self, year: i16, count: u64) -> String {
        let text = self.0.replace("{year}", &format!("{year:04}"));
        match split_at_count(&text) {
            Some((head, width, tail)) => format!("{head}{count:0width$}{tail}"),
            None => text,
        }
    }

    /// The year, where it has one, and the count of a number that was written by the pattern.
    pub fn read(self, number: &str) -> Option<(Option<i16>, i64)> {
        let (mut pattern, mut rest) = (self.0, number);
        let (mut year, mut count) = (None, None);
        while !pattern.is_empty() {
            if let Some(after) = pattern.strip_prefix("{year}") {
                let (digits, tail) = rest.split_at_checked(4)?;
                (year, pattern, rest) = (Some(digits.parse().ok()?), after, tail);
            } else if pattern.starts_with("{seq") {
                let (_, after) = pattern.split_once('}')?;
                let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
                let (digits, tail) = rest.split_at(end);
                (count, pattern, rest) = (Some(digits.parse().ok()?), after, tail);
            } else {
                let letter = pattern.chars().next()?;
                (pattern, rest) = (pattern.strip_prefix(letter)?, rest.strip_prefix(letter)?);
            }
        }
        if rest.is_empty() { Some((year, count?)) } else { None }
    }

    /// Whether some number can be written by both.
    pub fn meets(self, other: NumberPattern<'_>) -> bool {
        meet(&self.pieces(), &other.pieces())
    }

    fn pieces(self) -> Vec<Piece> {
        let letters = |text: &str| text.chars().map(Piece::Letter).collect::<Vec<_>>();
        let with_years = |text: &str| {
            let parts: Vec<Vec<Piece>> = text.split("{year}").map(letters).collect();
            parts.join(&[Piece::Digit; 4][..])
        };
        match split_at_count(self.0) {
            Some((head, width, tail)) => {
                let count = std::iter::repeat_n(Piece::Digit, width).chain([Piece::Digits]);
                with_years(head).into_iter().chain(count).chain(with_years(tail)).collect()
            }
            None => with_years(self.0),
        }
    }
}

/// What stands before the count, how many digits it has at least, and what stands after it.
fn split_at_count(text: &str) -> Option<(&str, usize, &str)> {
    let (head, rest) = text.split_once("{seq")?;
    let (width, tail) = rest.split_once('}')?;
    Some((head, width.trim_start_matches(':').parse().unwrap_or(1), tail))
}

fn meet(one: &[Piece], other: &[Piece]) -> bool {
    match (one, other) {
        ([], []) => true,
        ([Piece::Digits, one_rest @ ..], _) => {
            meet(one_rest, other) || matches!(other, [first, rest @ ..] if first.may_be_digit() && meet(one, rest))
        }
        (_, [Piece::Digits, ..]) => meet(other, one),
        ([], _) | (_, []) => false,
        ([first, one @ ..], [second, other @ ..]) => first.meets(*second) && meet(one, other),
    }
}

impl Piece {
    fn may_be_digit(self) -> bool {
        match self {
            Piece::Letter(letter) => letter.is_ascii_digit(),
            Piece::Digit | Piece::Digits => true,
        }
    }

    fn meets(self, other: Piece) -> bool {
        self == other
            || (self.may_be_digit() && other.may_be_digit() && (self == Piece::Digit || other == Piece::Digit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_by_its_pattern() {
        assert_eq!(NumberPattern("INC-{year}-{seq:6}").written(2026, 123), "INC-2026-000123");
        assert_eq!(NumberPattern("R{seq}").written(2026, 7), "R7");
    }

    #[test]
    fn a_number_is_read_by_its_pattern_or_not_at_all() {
        assert_eq!(NumberPattern("INC-{year}-{seq:6}").read("INC-2026-000123"), Some((Some(2026), 123)));
        assert_eq!(NumberPattern("R{seq}").read("R7"), Some((None, 7)));
        for other in ["INC-1", "CHG-2026-000123", "INC-2026-", "INC-2026-12x", ""] {
            assert_eq!(NumberPattern("INC-{year}-{seq:6}").read(other), None, "{other}");
        }
    }

    #[test]
    fn patterns_meet_where_some_number_fits_both() {
        let meeting = [
            ("INC-{year}-{seq:6}", "INC-{year}-{seq:6}"),
            ("INC-{year}-{seq:6}", "INC-{year}-{seq:4}"),
            ("INC-{year}-{seq:6}", "INC-2026-{seq}"),
            ("A{seq:5}", "A1{seq:2}"),
            ("A{seq}-{year}", "A7-{seq}"),
        ];
        for (one, other) in meeting {
            assert!(NumberPattern(one).meets(NumberPattern(other)), "{one} {other}");
            assert!(NumberPattern(other).meets(NumberPattern(one)), "{other} {one}");
        }
        let apart = [
            ("INC-{year}-{seq:6}", "CHG-{year}-{seq:6}"),
            ("INC-{seq}", "INCIDENT-{seq}"),
            ("INC-{year}-{seq:6}", "INC-{seq:6}"),
            ("A{seq}", "A{seq}X"),
        ];
        for (one, other) in apart {
            assert!(!NumberPattern(one).meets(NumberPattern(other)), "{one} {other}");
            assert!(!NumberPattern(other).meets(NumberPattern(one)), "{other} {one}");
        }
    }
}
