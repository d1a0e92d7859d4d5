//! The installation's signature: an ed25519 key that is made at first use and stays in the data folder.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The key within a data folder. Backups leave it out: whoever holds one must not be able to sign.
const KEY_FILE: &str = "signing.key";

/// What signs.
pub struct Signer(Ed25519KeyPair);

/// Why nothing can be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The key cannot be read or written.
    #[error("{}: {cause}", .path.display())]
    Disk {
        /// Where it is.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// What is in its place is no key.
    #[error("{} holds no signing key", .0.display())]
    NoKey(PathBuf),
    /// The machine gives no random bytes.
    #[error("no random bytes: {0}")]
    NoRandom(String),
}

/// Something that was signed: the text itself, so that nobody has to agree on how to write data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// What was signed: JSON.
    pub body: String,
    /// The public key, in hexadecimal.
    pub key: String,
    /// The signature over the bytes of the body, in hexadecimal.
    pub signature: String,
}

/// Why something that is signed is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbelievable {
    /// The signature does not fit.
    #[error("the signature does not fit")]
    BadSignature,
    /// Another key than the expected one.
    #[error("it is signed with another key: {0}")]
    OtherKey(String),
    /// What was signed cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

impl Signer {
    /// The key of a data folder; made where there is none.
    ///
    /// # Errors
    /// It cannot be read or made.
    pub fn of_folder(folder: &Path) -> Result<Signer, SigningError> {
        let path = folder.join(KEY_FILE);
        let disk = |cause| SigningError::Disk { path: path.clone(), cause };
        match fs::read_to_string(&path) {
            Ok(text) => {
                let seed = hex::decode(text.trim()).map_err(|_| SigningError::NoKey(path.clone()))?;
                pair(&seed).ok_or(SigningError::NoKey(path))
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                let mut seed = [0_u8; 32];
                getrandom::fill(&mut seed).map_err(|cause| SigningError::NoRandom(cause.to_string()))?;
                let mut file = created_for_us_alone(&path).map_err(disk)?;
                writeln!(file, "{}", hex::encode(seed)).and_then(|()| file.sync_all()).map_err(disk)?;
                pair(&seed).ok_or_else(|| SigningError::NoKey(path.clone()))
            }
            Err(cause) => Err(disk(cause)),
        }
    }

    /// The public key, in hexadecimal.
    pub fn public_key(&self) -> String {
        hex::encode(self.0.public_key())
    }

    /// Signs plain data.
    pub fn sign<T: Serialize>(&self, data: &T) -> Signed {
        let body = serde_json::to_string(data).expect("plain data with text for keys always has a JSON form");
        let signature = hex::encode(self.0.sign(body.as_bytes()));
        Signed { body, key: self.public_key(), signature }
    }
}

impl Signed {
    /// What was signed, if the signature fits.
    ///
    /// # Errors
    /// The signature does not fit, or the text is not what is expected.
    pub fn believed<T: DeserializeOwned>(&self, key: Option<&str>) -> Result<T, Unbelievable> {
        if let Some(expected) = key
            && expected != self.key
        {
            return Err(Unbelievable::OtherKey(self.key.clone()));
        }
        let bytes = |text: &str| hex::decode(text).map_err(|_| Unbelievable::BadSignature);
        let (key, signature) = (bytes(&self.key)?, bytes(&self.signature)?);
        UnparsedPublicKey::new(&ED25519, key)
            .verify(self.body.as_bytes(), &signature)
            .map_err(|_| Unbelievable::BadSignature)?;
        serde_json::from_str(&self.body).map_err(|cause| Unbelievable::Unreadable(cause.to_string()))
    }
}

fn pair(seed: &[u8]) -> Option<Signer> {
    Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Signer)
}

#[cfg(unix)]
fn created_for_us_alone(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn created_for_us_alone(path: &Path) -> io::Result<File> {
    File::create_new(path)
}
