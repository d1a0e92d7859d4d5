//! Chance that is the same each time for a seed (SplitMix64).

/// A small generator of numbers.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below the limit; 0 where the limit is not positive.
    pub(super) fn below(&mut self, limit: i64) -> i64 {
        match u64::try_from(limit) {
            Ok(limit) if limit > 0 => i64::try_from(self.next() % limit).unwrap_or(0),
            _ => 0,
        }
    }

    /// A number from the first to below the second.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below(to - from)
    }

    /// True in so many cases of a hundred.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    /// One of them; nothing of an empty list.
    pub(super) fn pick<'l, T>(&mut self, from: &'l [T]) -> Option<&'l T> {
        let at = self.below(i64::try_from(from.len()).unwrap_or(0));
        from.get(usize::try_from(at).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let draw = |seed| {
            let mut dice = Dice(seed);
            (0..8).map(|_| dice.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(20_000), draw(20_000));
        assert_ne!(draw(20_000), draw(20_001));
    }
}
