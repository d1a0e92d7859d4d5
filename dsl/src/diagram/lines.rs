//! Texts of pictures in lines: how wide they are, near enough, and where they break.

/// How wide a text is, near enough: Han and other wide letters take one em, the rest a little more than half.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|letter| if is_wide(letter) { size } else { narrow(letter) * size }).sum()
}

fn narrow(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | '.' | ',' | '\'' | '|' | ' ' => 0.3,
        'm' | 'w' | 'M' | 'W' => 0.85,
        'A'..='Z' => 0.68,
        _ => 0.56,
    }
}

fn is_wide(letter: char) -> bool {
    matches!(u32::from(letter),
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFF60
        | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD)
        || matches!(letter, '“' | '”' | '…' | '—')
}

/// Breaks a text into lines: between words, and between any two wide letters. What is more than so many lines is cut.
pub fn broken(text: &str, size: f64, line_max: f64, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces(text) {
        let is_last = lines.len() == lines_max;
        let fits = |line: &String| is_last || width(&format!("{line}{}", piece.trim_end()), size) <= line_max;
        match lines.last_mut().filter(|line| line.is_empty() || fits(line)) {
            Some(line) => line.push_str(&piece),
            None => lines.push(piece.trim_start().to_owned()),
        }
    }
    lines.iter_mut().for_each(|line| *line = cut(line.trim_end(), size, line_max));
    lines
}

/// A line that is too long although it has no place to break it.
fn cut(line: &str, size: f64, line_max: f64) -> String {
    if width(line, size) <= line_max {
        return line.to_owned();
    }
    let mut kept = String::new();
    for letter in line.chars() {
        kept.push(letter);
        if width(&kept, size) + size > line_max {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

/// A text in pieces that stay together: words with the blank behind them, single wide letters.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut fresh = true;
    for letter in text.chars() {
        if is_wide(letter) || fresh {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
        fresh = letter == ' ' || is_wide(letter);
    }
    pieces
}
