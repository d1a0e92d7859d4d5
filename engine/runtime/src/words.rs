//! The words of a text, as they are compared: for keeping them, for asking for them, and for marking where they stand.
//!
//! Every letter is folded by itself: full width to half width and the like (NFKC), capitals to small letters, traditional
//! characters to simplified ones. A run of letters and digits is a word. Chinese is written without spaces, so of a run of its
//! characters every two neighbours are a word, and the last one alone, so that one typed character is the beginning of some
//! word wherever it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use store::Needle;
use unicode_normalization::UnicodeNormalization;

/// The longest word that is kept, in characters; of a longer one this beginning.
const WORD_MAX: usize = 40;
/// How many words are kept of a record: many pages of text.
pub const WORDS_MAX: usize = 4_000;
/// How many terms a question has at most; more are not looked at.
pub const TERMS_MAX: usize = 8;
/// The longest question, in characters; of a longer one this beginning.
const QUESTION_MAX: usize = 200;

/// The simplified form of each traditional character. Character by character, since a word of the question may end where one
/// of the text does not.
static SIMPLIFIED: LazyLock<BTreeMap<char, char>> = LazyLock::new(|| {
    let simplified = |letter: char| {
        let text = hanconv::t2s(letter.to_string());
        let mut letters = text.chars();
        letters.next().filter(|simple| *simple != letter && letters.next().is_none()).map(|simple| (letter, simple))
    };
    ('\u{3400}'..='\u{9fff}').filter_map(simplified).collect()
});

/// A letter as it is compared.
fn folded_letter(letter: char) -> impl Iterator<Item = char> {
    let simple = |letter: char| SIMPLIFIED.get(&letter).copied().unwrap_or(letter);
    std::iter::once(letter).nfkc().flat_map(char::to_lowercase).map(simple)
}

/// A text as it is compared.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfc().flat_map(folded_letter).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    /// Chinese, Japanese and Korean, which are written without spaces between words, or nearly so.
    Joined,
    /// Letters and digits of other scripts.
    Apart,
    /// What stands between words.
    Between,
}

fn kind(letter: char) -> Letters {
    match letter {
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{3ffff}' => {
            Letters::Joined
        }
        '々' | '〇' => Letters::Joined,
        letter if letter.is_alphanumeric() => Letters::Apart,
        _ => Letters::Between,
    }
}

/// The runs of letters of one kind in a folded text.
fn runs(folded: &str) -> Vec<(Letters, Vec<char>)> {
    let mut runs: Vec<(Letters, Vec<char>)> = Vec::new();
    for letter in folded.chars() {
        match runs.last_mut() {
            Some((held, run)) if *held == kind(letter) => run.push(letter),
            Some(_) | None => runs.push((kind(letter), vec![letter])),
        }
    }
    runs
}

fn beginning(run: &[char]) -> String {
    run.iter().take(WORD_MAX).collect()
}

/// A number without the zeros before it: `000123` is found by `123`.
fn without_zeros(word: &str) -> Option<&str> {
    let short = word.trim_start_matches('0');
    (short.len() < word.len() && !short.is_empty() && word.bytes().all(|digit| digit.is_ascii_digit())).then_some(short)
}

/// Adds the words of a text, as long as there is room.
pub fn gather(text: &str, words: &mut BTreeSet<String>) {
    for (kind, run) in runs(&folded(text)) {
        if words.len() >= WORDS_MAX {
            return;
        }
        match kind {
            Letters::Joined => {
                words.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
                words.extend(run.last().map(char::to_string));
            }
            Letters::Apart => {
                let word = beginning(&run);
                words.extend(without_zeros(&word).map(str::to_owned));
                words.insert(word);
            }
            Letters::Between => {}
        }
    }
}

/// One part of a question, which must stand in what is found as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term(String);

impl Term {
    /// As it is compared.
    pub fn folded(&self) -> &str {
        &self.0
    }

    /// Whether it stands in a folded text.
    pub fn is_in(&self, folded: &str) -> bool {
        folded.contains(&self.0)
    }

    /// What of it stands among the words of whatever has it.
    pub fn needles(&self) -> Vec<Needle> {
        let mut needles = Vec::new();
        for (kind, run) in runs(&self.0) {
            match (kind, run.as_slice()) {
                (Letters::Joined, [one]) => needles.push(Needle::Beginning(one.to_string())),
                (Letters::Joined, run) => {
                    needles.extend(run.windows(2).map(|pair| Needle::Word(pair.iter().collect())));
                }
                (Letters::Apart, run) => needles.push(Needle::Beginning(beginning(run))),
                (Letters::Between, _) => {}
            }
        }
        needles
    }
}

/// The parts of a question: what stands between spaces and punctuation marks, with what holds numbers and addresses
/// together. None where nothing was asked.
pub fn terms(question: &str) -> Vec<Term> {
    let question: String = question.chars().take(QUESTION_MAX).collect();
    let holds = |letter: char| matches!(letter, '-' | '_' | '.' | '/' | '@' | ':');
    let folded = folded(&question);
    let parts = folded.split(|letter: char| kind(letter) == Letters::Between && !holds(letter));
    let parts = parts.map(|part| part.trim_matches(holds)).filter(|part| !part.is_empty());
    let mut terms: Vec<Term> = Vec::new();
    for part in parts {
        let term = Term(part.to_owned());
        if terms.len() < TERMS_MAX && !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// As it was written.
    pub text: String,
    /// Whether it was asked for.
    pub hit: bool,
}

/// A text in pieces, with what was asked for marked, wherever it stands.
pub fn marked(text: &str, terms: &[Term]) -> Vec<Marked> {
    let letters: Vec<char> = text.nfc().collect();
    let mut folded = String::new();
    // Where in `letters` each byte of `folded` comes from.
    let mut from = Vec::new();
    for (place, letter) in letters.iter().enumerate() {
        folded.extend(folded_letter(*letter));
        from.resize(folded.len(), place);
    }
    let mut hits = vec![false; letters.len()];
    for term in terms {
        for (begin, found) in folded.match_indices(&term.0) {
            for place in from.iter().skip(begin).take(found.len()) {
                hits.get_mut(*place).into_iter().for_each(|hit| *hit = true);
            }
        }
    }
    let mut pieces: Vec<Marked> = Vec::new();
    for (letter, hit) in letters.into_iter().zip(hits) {
        match pieces.last_mut() {
            Some(piece) if piece.hit == hit => piece.text.push(letter),
            Some(_) | None => pieces.push(Marked { text: letter.to_string(), hit }),
        }
    }
    pieces
}

/// What stands around the first hit of a text, with the hits marked; nothing where there is none.
pub fn excerpt(text: &str, terms: &[Term]) -> Option<Vec<Marked>> {
    /// How much stands before the hit, and how much of the whole is shown, in characters.
    const BEFORE: usize = 30;
    const SHOWN: usize = 140;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let pieces = marked(&line, terms);
    let hit = pieces.iter().position(|piece| piece.hit)?;
    let before: usize = pieces.iter().take(hit).map(|piece| piece.text.chars().count()).sum();
    let (skip, all) = (before.saturating_sub(BEFORE), line.chars().count());
    let mut shown = String::new();
    if skip > 0 {
        shown.push('…');
    }
    shown.extend(line.chars().skip(skip).take(SHOWN));
    if all > skip + SHOWN {
        shown.push('…');
    }
    Some(marked(&shown, terms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = BTreeSet::new();
        gather(text, &mut words);
        words.into_iter().collect()
    }

    #[test]
    fn letters_are_folded_and_chinese_is_cut_into_pairs() {
        assert_eq!(words("ＶＰＮ 故障"), ["vpn", "故障", "障"]);
        assert_eq!(words("打印機，壞了"), ["了", "印机", "坏了", "打印", "机"]);
        assert_eq!(words("INC-2026-000123"), ["000123", "123", "2026", "inc"]);
        assert_eq!(words("Cafe\u{301} １２３"), ["123", "café"]);
        assert_eq!(words("—— 。，"), [] as [&str; 0]);
    }

    #[test]
    fn a_question_asks_for_what_the_text_is_made_of() {
        let needles = |question: &str| terms(question).iter().flat_map(Term::needles).collect::<Vec<_>>();
        let (word, beginning) = (|word: &str| Needle::Word(word.into()), |word: &str| Needle::Beginning(word.into()));
        assert_eq!(needles("故障"), [word("故障")]);
        assert_eq!(needles("网"), [beginning("网")]);
        assert_eq!(needles("打印機壞"), [word("打印"), word("印机"), word("机坏")]);
        assert_eq!(needles("vpn故障, Mail"), [beginning("vpn"), word("故障"), beginning("mail")]);
        assert_eq!(needles("ＩＮＣ-１２"), [beginning("inc"), beginning("12")]);
        assert_eq!(needles(" -- ，\"'\\ "), []);
    }

    #[test]
    fn hits_are_marked_as_they_were_written() {
        let said = |text: &str, question: &str| {
            marked(text, &terms(question))
                .into_iter()
                .map(|piece| if piece.hit { format!("[{}]", piece.text) } else { piece.text })
                .collect::<String>()
        };
        assert_eq!(said("ＶＰＮ 打印機故障", "vpn 打印机"), "[ＶＰＮ] [打印機]故障");
        assert_eq!(said("½ Mail, mail", "mail"), "½ [Mail], [mail]");
        assert_eq!(said("nothing", "else"), "nothing");
        let long = format!("{} 故障 {}", "a ".repeat(100), "b ".repeat(200));
        let cut = excerpt(&long, &terms("故障")).expect("it is there");
        assert!(cut.first().is_some_and(|piece| piece.text.starts_with('…')), "{cut:?}");
        assert!(cut.last().is_some_and(|piece| piece.text.ends_with('…')), "{cut:?}");
        assert_eq!(excerpt("nothing", &terms("else")), None);
    }
}
