//! Forms that bring files: `multipart/form-data` (RFC 7578), read up to what is allowed, so that what is too large is refused
//! by name and the rest of the form is still there.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{Bytes, Payload};
use engine::file::{FILE_BYTES_MAX, File};
use futures_core::Stream;
use store::FileBytes;
use tokio::time::timeout;

use crate::door::FORM_MAX;
use crate::pairs::{PAIRS_MAX, Pairs};

/// The most bytes of a form with its files.
pub const UPLOAD_MAX: usize = 64 * 1024 * 1024;
/// How long a form with its files may take to come in: a slow sender must not hold a place for ever.
const UPLOAD_TIME_MAX: Duration = Duration::from_secs(300);
/// The most characters of the name of a part.
const NAME_MAX: usize = 200;

/// A file that a form brought.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The name of the control.
    pub control: String,
    /// The file.
    pub file: File,
    /// Its bytes; nothing where there are too many, in which case the file's size says so.
    pub bytes: Option<FileBytes>,
}

/// What a form brought.
#[derive(Debug, Default)]
pub struct Sent {
    /// What was typed and chosen.
    pub form: Pairs,
    /// The files.
    pub files: Vec<Upload>,
}

/// The form is larger than anything we ask for.
#[derive(Debug)]
pub struct TooLarge;

/// Whether a request says that its body is such a form.
pub fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"))
}

/// Reads a form. One that breaks off or cannot be read is empty, which no page takes.
///
/// # Errors
/// It is too large.
pub async fn read(headers: &HeaderMap, body: Payload) -> Result<Sent, TooLarge> {
    let parts = Multipart::new(headers, Limited { body, left: UPLOAD_MAX });
    match timeout(UPLOAD_TIME_MAX, collect(parts)).await {
        Ok(Ok(sent)) => Ok(sent),
        Ok(Err(Stopped::TooLarge)) => Err(TooLarge),
        Ok(Err(Stopped::Unreadable)) | Err(_) => Ok(Sent::default()),
    }
}

/// Why reading stopped.
enum Stopped {
    TooLarge,
    Unreadable,
}

impl From<actix_multipart::MultipartError> for Stopped {
    fn from(cause: actix_multipart::MultipartError) -> Self {
        match cause {
            actix_multipart::MultipartError::Payload(PayloadError::Overflow) => Stopped::TooLarge,
            _ => Stopped::Unreadable,
        }
    }
}

async fn collect(mut parts: Multipart) -> Result<Sent, Stopped> {
    let (mut pairs, mut files, mut typed) = (Vec::new(), Vec::new(), 0);
    while let Some(part) = poll_fn(|context| Pin::new(&mut parts).poll_next(context)).await {
        let mut part = part?;
        if pairs.len() + files.len() >= PAIRS_MAX {
            return Err(Stopped::TooLarge);
        }
        let control: String = part.name().unwrap_or_default().chars().take(NAME_MAX).collect();
        match name_of(&part) {
            Some(name) => files.extend(upload(control, &name, &mut part).await?),
            None => {
                let text = part.bytes(FORM_MAX - typed).await.map_err(|_| Stopped::TooLarge)??;
                typed += text.len();
                pairs.push((control, String::from_utf8_lossy(&text).into_owned()));
            }
        }
    }
    Ok(Sent { form: Pairs::of(pairs), files })
}

/// The name of the file in a part, where it is one; empty where none was chosen.
fn name_of(part: &Field) -> Option<String> {
    let said = part.content_disposition()?;
    said.get_filename_ext()
        .map(|named| String::from_utf8_lossy(&named.value).into_owned())
        .or_else(|| said.get_filename().map(str::to_owned))
}

/// The file in a part; nothing where none was chosen.
async fn upload(control: String, name: &str, part: &mut Field) -> Result<Option<Upload>, Stopped> {
    let media_type = part.content_type().map(|kind| kind.essence_str().to_owned()).unwrap_or_default();
    let limit = usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX);
    match part.bytes(limit).await {
        Ok(bytes) => {
            let bytes = bytes?;
            if name.is_empty() && bytes.is_empty() {
                return Ok(None);
            }
            let (file, bytes) = FileBytes::brought(name, &media_type, bytes.to_vec());
            Ok(Some(Upload { control, file, bytes: Some(bytes) }))
        }
        Err(_) => {
            let file = File { size: FILE_BYTES_MAX + 1, ..File::of(name, &media_type, &[]) };
            Ok(Some(Upload { control, file, bytes: None }))
        }
    }
}

/// A body that ends with an error where it is longer than allowed.
struct Limited {
    body: Payload,
    left: usize,
}

impl Stream for Limited {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let came = ready!(Pin::new(&mut self.body).poll_next(context));
        Poll::Ready(match came {
            Some(Ok(bytes)) => match self.left.checked_sub(bytes.len()) {
                Some(left) => {
                    self.left = left;
                    Some(Ok(bytes))
                }
                None => Some(Err(PayloadError::Overflow)),
            },
            other => other,
        })
    }
}
