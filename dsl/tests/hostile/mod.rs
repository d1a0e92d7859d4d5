//! Texts that nobody should write, made from a seed: files mutilated, statements thrown together from the language's
//! words, and strings known to break programs put in anywhere.

use std::fs;
use std::path::{Path, PathBuf};

/// The seed where `TIAOLI_SEED` gives none.
const SEED: u64 = 0x7143_0911_2026;
/// How many words, at most, a mutilation copies, moves or takes out.
const SPAN_MAX: usize = 12;
/// How deep the braces of thrown statements go.
const DEPTH_MAX: usize = 5;

/// Words with which statements begin or go on, those still to come among them.
const WORDS: &str = "process owner number title seen edited by hours clauses choices record decide clock runs from \
    until pauses in resumes on target at start anyone asks task for role team due not who did outcome requires else \
    milestone race after way if set notify escalate to with template end aside whenever becomes rule notice \
    background of example given when then and claims completes as starts sends because it is refused open passes \
    text number boolean date instant duration markdown ref many optional max override needs reason zh first true \
    register together each wait call job approval measure obligation customise undo link signal every month within \
    summary impact service requester nothing empty working hours minutes days a b c x1 _ incident p1 high";

/// What stands between words.
const MARKS: &[&str] = &[
    "->",
    "=>",
    "<=",
    ">=",
    "==",
    "!=",
    "<",
    ">",
    "=",
    ",",
    ":",
    "|",
    ".",
    "%",
    "+",
    "-",
    "*",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "`",
    "'",
    "//",
    "/*",
    "\\",
    "，",
    "“",
    "：",
    "\u{feff}",
    "\t",
    "\r",
    "\n",
    "\n\n\n",
    "  ",
    "\u{3000}",
    "摘要",
    "7",
    "0.5",
    "2026-01-05",
    "2026-01-05 09:00",
    "99999999999999999999",
    "\0",
    "\u{202e}",
    "𠀋",
    "é",
];

/// A small generator of numbers that looks random and is not.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.max(1))
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap_or(0)
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// The seed of this run, from `TIAOLI_SEED` (hexadecimal) if that is set; it is printed.
pub fn seed() -> u64 {
    let given = std::env::var("TIAOLI_SEED").ok();
    let seed = given.map_or(SEED, |hex| u64::from_str_radix(hex.trim_start_matches("0x"), 16).expect("hexadecimal"));
    println!("TIAOLI_SEED={seed:x}");
    seed
}

/// How many rounds this run has, from `TIAOLI_ROUNDS` if that is set.
pub fn rounds(usual: usize) -> usize {
    let given = std::env::var("TIAOLI_ROUNDS").ok();
    given.map_or(usual, |rounds| rounds.parse().expect("a number"))
}

/// Where texts are taken from.
pub struct Larder {
    sources: Vec<String>,
    strings: Vec<String>,
    words: Vec<&'static str>,
}

impl Larder {
    /// The packaged processes, the files of the suite, and strings that break programs.
    pub fn full() -> Larder {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = Vec::new();
        for folder in ["tests/suite", "tests/format", "../processes/resolution"] {
            let entries = fs::read_dir(root.join(folder)).expect("the folder is there");
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be read").path()).collect();
            paths.sort();
            let flow = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "flow"));
            sources.extend(flow.map(|path| fs::read_to_string(path).expect("it can be read")));
        }
        let strings = ["naughty_strings.json", "parser_strings.json"].map(|name| {
            let text = fs::read_to_string(root.join("tests/data").join(name)).expect("it can be read");
            serde_json::from_str::<Vec<String>>(&text).expect("a list of texts")
        });
        Larder { sources, strings: strings.concat(), words: WORDS.split_whitespace().collect() }
    }

    /// The strings that break programs.
    pub fn strings(&self) -> &[String] {
        &self.strings
    }

    /// A text of one kind or another.
    pub fn text(&self, dice: &mut Dice) -> String {
        match dice.below(4) {
            0 => {
                let mut text = String::new();
                self.statements(dice, 0, &mut text);
                text
            }
            1 => {
                let mut text = "process p \"P\" zh \"甲\" {\n".to_owned();
                self.statements(dice, 1, &mut text);
                text + "}\n"
            }
            _ => self.mutilated(dice),
        }
    }

    fn string(&self, dice: &mut Dice) -> &str {
        &self.strings[dice.below(self.strings.len())]
    }

    fn mutilated(&self, dice: &mut Dice) -> String {
        let source = &self.sources[dice.below(self.sources.len())];
        let mut pieces: Vec<&str> = source.split_inclusive(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        for _ in 0..=dice.below(5) {
            let at = dice.below(pieces.len());
            let end = (at + 1 + dice.below(SPAN_MAX)).min(pieces.len());
            match dice.below(6) {
                0 => drop(pieces.drain(at..end)),
                1 => {
                    let copied = pieces[at..end].to_vec();
                    let to = dice.below(pieces.len());
                    drop(pieces.splice(to..to, copied));
                }
                2 => {
                    let other = dice.below(pieces.len());
                    pieces.swap(at, other);
                }
                3 => pieces.insert(at, dice.one(&self.words)),
                4 => pieces.insert(at, dice.one(MARKS)),
                _ => pieces.insert(at, self.string(dice)),
            }
        }
        pieces.concat()
    }

    fn statements(&self, dice: &mut Dice, depth: usize, text: &mut String) {
        for _ in 0..=dice.below(6) {
            text.extend(std::iter::repeat_n(' ', 2 * depth + dice.below(3)));
            for _ in 0..=dice.below(7) {
                match dice.below(12) {
                    0 => text.push_str(dice.one(MARKS)),
                    1 => *text += "\"A\" zh \"甲\"",
                    2 => *text += &format!("\"{}\"", self.string(dice)),
                    3 => *text += "(a, b)",
                    4 => *text += "[p1, p2]",
                    5 => *text += "4 working hours",
                    _ => text.push_str(dice.one(&self.words)),
                }
                text.extend(std::iter::repeat_n(' ', dice.below(3)));
            }
            if depth < DEPTH_MAX && dice.below(4) == 0 {
                *text += "{\n";
                self.statements(dice, depth + 1, text);
                *text += "}";
            }
            text.push('\n');
        }
    }
}
