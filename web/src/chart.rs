//! Charts as SVG, drawn here. Each says nothing that the table beside it does not say, so it is one picture to those who
//! cannot see it.

use std::fmt::Write;

use dsl::diagram::lines::broken;

/// One column, or a pair of them side by side.
pub struct Column {
    /// What stands under it.
    pub label: String,
    /// How high each of its bars is, in thousandths of the greatest.
    pub bars: Vec<u16>,
}

/// How wide and high the picture is, in its own units.
const WIDTH: usize = 640;
const HEIGHT: usize = 168;
/// How high the bars may be.
const ROOM: usize = 118;
/// How many labels fit under it, and how large their letters are where it is small.
const LABELS_MAX: usize = 8;
const LETTER: f64 = 17.0;
/// From one line of a label to the next.
const LINE: usize = 16;

/// Columns from left to right, with the greatest figure in words.
pub fn columns(columns: &[Column], greatest: &str, says: &str) -> String {
    let count = columns.len().max(1);
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\
         <path class=\"chart-line\" d=\"M0 {base}H{WIDTH}\"/><text class=\"chart-words\" x=\"0\" y=\"9\">{}</text>",
        escaped(says),
        escaped(greatest),
        base = ROOM + 12,
    );
    let every = count.div_ceil(LABELS_MAX);
    for (place, column) in columns.iter().enumerate() {
        let (left, right) = (place * WIDTH / count, (place + 1) * WIDTH / count);
        let room = (right - left) * 4 / 5;
        let bars = column.bars.len().max(1);
        let wide = (room / bars).clamp(1, 48);
        for (bar, height) in column.bars.iter().enumerate() {
            let high = usize::from(*height) * ROOM / 1_000;
            let x = left + (right - left).saturating_sub(wide * bars) / 2 + bar * wide;
            let y = ROOM + 12 - high;
            // Writing into a text cannot fail.
            let _ = write!(
                svg,
                "<rect class=\"chart-bar of-{bar}\" x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{high}\"/>"
            );
        }
        if place % every == 0 {
            let middle = (left + right) / 2;
            let anchor = if place == 0 && count > LABELS_MAX { "start" } else { "middle" };
            let x = if anchor == "start" { left } else { middle };
            let fits = f64::from(u16::try_from(every * WIDTH / count).unwrap_or(u16::MAX));
            for (line, said) in broken(short(&column.label), LETTER, fits, 2).iter().enumerate() {
                let _ = write!(
                    svg,
                    "<text class=\"chart-words\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
                    ROOM + 28 + line * LINE,
                    escaped(said),
                );
            }
        }
    }
    svg.push_str("</svg>");
    svg
}

/// A day without its year, which the table says.
fn short(label: &str) -> &str {
    let is_day = label.parse::<jiff::civil::Date>().is_ok();
    label.get(5..).filter(|_| is_day).unwrap_or(label)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_they_say_and_words_are_escaped() {
        let column = |label: &str, bars: &[u16]| Column { label: label.to_owned(), bars: bars.to_vec() };
        let svg = columns(&[column("a<b", &[1_000, 500]), column("c", &[0])], "12 & more", "how \"many\"");
        assert!(svg.contains("height=\"118\"/>") && svg.contains("height=\"59\"/>"), "{svg}");
        assert!(
            svg.contains("a&lt;b") && svg.contains("12 &amp; more") && svg.contains("how &quot;many&quot;"),
            "{svg}"
        );
        assert_eq!(columns(&[], "", "").matches("<rect").count(), 0);
    }
}
