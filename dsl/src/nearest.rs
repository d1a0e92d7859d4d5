//! "Did you mean": the name in scope that is closest to what was written.

/// The closest of the names, if it is close enough to be a slip of the finger. Ties go to the first.
pub(crate) fn nearest<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let length = written.chars().count();
    let allowed = match length {
        0 => return None,
        1..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    let mut best: Option<(usize, &str)> = None;
    // A name that is much longer or shorter needs no closer look.
    for name in names.into_iter().filter(|name| name.chars().count().abs_diff(length) <= allowed) {
        let away = distance(written, name);
        let close = away > 0 && away <= allowed && away < name.chars().count();
        if close && best.is_none_or(|(held, _)| away < held) {
            best = Some((away, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Changes of one letter, swaps of neighbours included, that make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().take(64).collect();
    let other: Vec<char> = other.chars().take(64).collect();
    let width = other.len() + 1;
    let mut table = vec![0usize; (one.len() + 1) * width];
    let at = |row: usize, column: usize| row * width + column;
    for row in 0..=one.len() {
        table[at(row, 0)] = row;
    }
    for column in 0..width {
        table[at(0, column)] = column;
    }
    for row in 1..=one.len() {
        for column in 1..width {
            let same = usize::from(one[row - 1] != other[column - 1]);
            let mut least = (table[at(row - 1, column)] + 1)
                .min(table[at(row, column - 1)] + 1)
                .min(table[at(row - 1, column - 1)] + same);
            if row > 1 && column > 1 && one[row - 1] == other[column - 2] && one[row - 2] == other[column - 1] {
                least = least.min(table[at(row - 2, column - 2)] + 1);
            }
            table[at(row, column)] = least;
        }
    }
    table[at(one.len(), other.len())]
}
