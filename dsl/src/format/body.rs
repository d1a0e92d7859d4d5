//! The text of a rule. It is another language, so that it is moved as a whole or not at all.

use super::INDENT;

/// The lines between the braces of a rule's body, moved so that the least indented stands two columns deep. Where
/// white space might mean something, in a text over several lines, nothing is moved.
pub(super) fn moved(inside: &str) -> String {
    if !may_move(inside) {
        return inside.to_owned();
    }
    let mut lines = inside.split('\n');
    let first = lines.next().unwrap_or_default();
    let rest: Vec<&str> = lines.map(str::trim_end).collect();
    let least = rest.iter().filter(|line| !line.is_empty()).map(|line| depth(line)).min().unwrap_or(0);
    let mut text = first.trim_end().to_owned();
    for line in rest {
        text.push('\n');
        if !line.is_empty() {
            text.extend(std::iter::repeat_n(' ', depth(line) - least + INDENT));
            text.push_str(line.trim_start_matches(' '));
        }
    }
    text
}

fn may_move(inside: &str) -> bool {
    let odd = |line: &str| line.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
    let unlike = |line: &str| line.starts_with(|blank: char| blank.is_whitespace() && blank != ' ' && blank != '\r');
    !inside.contains(['`', '\\', '\t'])
        && !inside.contains("/*")
        && !inside.split('\n').any(|line| odd(line) || unlike(line))
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}
