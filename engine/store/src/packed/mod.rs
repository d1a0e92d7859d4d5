//! States and facts as they are kept: JSON, packed with zstd and a text of the words that they are made of. A record takes
//! less than half the room on disk. The hash of a row of history covers the JSON itself.

use std::cell::RefCell;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use crate::StoreError;

/// What packed bytes begin with: which words they were packed with. JSON begins with a bracket or a brace, so that what is
/// not packed is known too.
const VERSION: u8 = 1;
/// The words of version 1. What was packed with them is read with them: they never change, others get another version.
const WORDS: &[u8] = include_bytes!("words-1.txt");
/// What each frame of zstd begins with, which is not kept.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// How hard to look for repetitions: little, since every commit waits for it, but so much that frequent letters get fewer
/// bits than others, which makes a state a tenth smaller.
const LEVEL: i32 = 1;
/// The greatest text that is read, in bytes: a row that asks for more is broken.
const TEXT_MAX: u64 = 256 * 1024 * 1024;

static TO_PACK: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(WORDS, LEVEL));
static TO_READ: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(WORDS));

thread_local! {
    static PACKER: RefCell<Compressor<'static>> =
        RefCell::new(Compressor::with_prepared_dictionary(&TO_PACK).expect("there is memory for a packer"));
    static READER: RefCell<Decompressor<'static>> =
        RefCell::new(Decompressor::with_prepared_dictionary(&TO_READ).expect("there is memory for a reader"));
}

/// The bytes to keep.
pub(crate) fn pack(json: &str) -> Vec<u8> {
    let packed = PACKER.with_borrow_mut(|packer| packer.compress(json.as_bytes()));
    let mut packed = packed.expect("memory is all it needs");
    packed.drain(..MAGIC.len() - 1);
    packed[0] = VERSION;
    packed
}

/// The JSON in kept bytes.
///
/// # Errors
/// They are neither packed nor JSON in UTF-8.
pub(crate) fn unpack(kept: &[u8], what: &'static str) -> Result<String, StoreError> {
    let text = match kept.split_first() {
        Some((&VERSION, frame)) => {
            let frame = [&MAGIC, frame].concat();
            unframed(&frame).map_err(|cause| StoreError::unreadable(what, cause))?
        }
        Some((b'{' | b'[', _)) => kept.to_vec(),
        Some((other, _)) => return Err(StoreError::unreadable(what, format!("it begins with the byte {other}"))),
        None => return Err(StoreError::unreadable(what, "it is empty")),
    };
    String::from_utf8(text).map_err(|cause| StoreError::unreadable(what, cause))
}

fn unframed(frame: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    let broken = |why: String| std::io::Error::new(std::io::ErrorKind::InvalidData, why);
    let length = zstd::zstd_safe::get_frame_content_size(frame).map_err(|cause| broken(cause.to_string()))?;
    let length = length.filter(|length| *length <= TEXT_MAX).ok_or_else(|| broken("it tells no length".to_owned()))?;
    let length = usize::try_from(length).map_err(|cause| broken(cause.to_string()))?;
    READER.with_borrow_mut(|reader| reader.decompress(frame, length))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn what_is_packed_is_read_again_and_is_smaller() {
        let facts =
            r#"[{"entered":{"token":1,"step":"review"}},{"fields_set":{"fields":{"title":{"text":"换机柜"}}}}]"#;
        let packed = pack(facts);
        assert_eq!(unpack(&packed, "event").expect("it is read"), facts);
        assert!(packed.len() * 2 < facts.len(), "{} of {}", packed.len(), facts.len());
        let long = format!("[\"{}\"]", "A sentence of some length, and 另一句. ".repeat(100_000));
        assert_eq!(unpack(&pack(&long), "event").expect("it is read"), long);
    }

    #[test]
    fn what_was_kept_before_is_read_and_what_is_broken_is_refused() {
        assert_eq!(unpack(b"{\"id\":1}", "instance").expect("it is read"), "{\"id\":1}");
        let mut broken = pack("[{\"entered\":{\"token\":1,\"step\":\"review\"}}]");
        let last = broken.len() - 1;
        broken.truncate(last);
        for kept in [broken.as_slice(), b"", b"\x02{}", b"\x01", b"[\xff]"] {
            let refused = unpack(kept, "event").expect_err("it is broken");
            assert!(matches!(refused, StoreError::Unreadable { .. }), "{refused}");
        }
    }

    #[test]
    fn the_words_of_a_version_never_change() {
        assert_eq!(
            hex::encode(Sha256::digest(WORDS)),
            "5cbd254d798b6794c70ca13ae99ecb1fee4d6a26b7129f666c57c7cadd71fecf"
        );
    }
}
