//! Passwords: argon2id, kept as a PHC string, never shown, never a default one.

use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};

/// The fewest characters of a password.
pub const LENGTH_MIN: usize = 10;
/// The most characters of a password, so that hashing one stays cheap.
pub const LENGTH_MAX: usize = 200;

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Fewer characters than [`LENGTH_MIN`].
    TooShort,
    /// More characters than [`LENGTH_MAX`].
    TooLong,
    /// The same as the name one signs in with.
    IsTheName,
}

/// Whether a password may be taken.
///
/// # Errors
/// Says why not.
pub fn check(password: &str, sign_in: &str) -> Result<(), Unfit> {
    match password.chars().count() {
        0..LENGTH_MIN => Err(Unfit::TooShort),
        LENGTH_MIN..=LENGTH_MAX if password.eq_ignore_ascii_case(sign_in) => Err(Unfit::IsTheName),
        LENGTH_MIN..=LENGTH_MAX => Ok(()),
        _ => Err(Unfit::TooLong),
    }
}

/// The PHC string of a password, with a salt of its own.
///
/// # Errors
/// The machine gives no random bytes.
pub fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    let hashed: PasswordHash = Argon2::default().hash_password(password.as_bytes())?;
    Ok(hashed.to_string())
}

/// Whether a password is the one that was hashed. Without a hash (an unknown person) the same work is done and
/// the answer is no, so that nobody learns from the time who is known.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let hash = hash.unwrap_or_else(|| nobodys());
    // A longer text cannot be anybody's password; hashing it would only cost.
    let password: String = password.chars().take(LENGTH_MAX + 1).collect();
    Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
}

/// The hash of a password that nobody has: random, made once per run.
fn nobodys() -> &'static str {
    static NOBODYS: OnceLock<String> = OnceLock::new();
    NOBODYS.get_or_init(|| random().and_then(|made| hash(&made).ok()).unwrap_or_default())
}

/// Letters and digits that are not mistaken for one another.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A random password of 16 characters in four groups (80 bits), to be shown once.
pub fn random() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Some(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_verified_against_its_hash_and_nothing_else() {
        let kept = hash("a long enough one").expect("random bytes are there");
        assert!(kept.starts_with("$argon2id$"), "{kept}");
        assert!(verify("a long enough one", Some(&kept)));
        assert!(!verify("another long one", Some(&kept)));
        assert!(!verify("", Some(&kept)));
        assert!(!verify("a long enough one", None));
        assert!(!verify("a long enough one", Some("not a hash")));
    }

    #[test]
    fn short_passwords_and_the_name_itself_are_refused() {
        assert_eq!(check("short", "anna"), Err(Unfit::TooShort));
        assert_eq!(check("一二三四五六七八九", "anna"), Err(Unfit::TooShort));
        assert_eq!(check("administrator", "Administrator"), Err(Unfit::IsTheName));
        assert_eq!(check(&"x".repeat(201), "anna"), Err(Unfit::TooLong));
        assert_eq!(check("ten letters", "anna"), Ok(()));
    }

    #[test]
    fn random_passwords_differ_and_are_fit() {
        let (one, other) = (random().expect("random"), random().expect("random"));
        assert_ne!(one, other);
        assert_eq!(check(&one, "anna"), Ok(()));
    }
}
