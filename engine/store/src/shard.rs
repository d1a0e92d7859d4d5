//! Which shard a record belongs to: all rows of one root instance share it, so that a step is a transaction on one.

use engine::ids::InstanceId;

/// How many shards there are.
pub(crate) const SHARDS: i16 = 1024;

/// The shard of a root instance, 0 to 1023: identities grow with time, so their bits are mixed first (splitmix64).
pub(crate) fn shard_of(root: InstanceId) -> i16 {
    let mut mixed = root.0.cast_unsigned().wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    i16::try_from(mixed % u64::from(SHARDS.unsigned_abs())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_time_spread_over_the_shards() {
        let mut seen = std::collections::BTreeSet::new();
        for id in 0..4_000 {
            let shard = shard_of(InstanceId(id << 22));
            assert!((0..1024).contains(&shard));
            seen.insert(shard);
        }
        assert!(seen.len() > 900, "{} shards", seen.len());
    }
}
