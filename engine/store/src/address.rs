//! The address of a definition as the line of a record keeps it: thirty-two bytes. Its text has twice as many, and stands in
//! each line and in two indexes of them.

use engine::ids::DefinitionId;

/// What a line keeps of an address. A text that is none is kept as nothing, so that no line is found by it.
pub(crate) fn kept(address: &str) -> Vec<u8> {
    hex::decode(address).unwrap_or_default()
}

/// The address that a line keeps.
pub(crate) fn read(kept: &[u8]) -> DefinitionId {
    DefinitionId(hex::encode(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_was_kept() {
        let id = DefinitionId::of_source("process");
        assert_eq!(kept(&id.0).len(), 32);
        assert_eq!(read(&kept(&id.0)), id);
        for none in ["", "d", "dg", "流程"] {
            assert_eq!(kept(none), Vec::<u8>::new(), "{none}");
        }
    }
}
