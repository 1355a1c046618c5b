//! Where reports, certificates and checkpoints come from.

use super::Failure;
use crate::data::{DataError, read_bytes};
use crate::text::source;
use std::fs;
use std::path::Path;

/// The most bytes of a document that the command reads back, hundreds of times what it writes: 64 MiB.
const MOST_OF_A_DOCUMENT: u64 = 1 << 26;

/// What a file is called in words.
pub fn named(file: &Path) -> String {
    source(Some(&file.display().to_string())).to_owned()
}

/// Reads a document of the command: a file, a pipe, or with `-` the standard input, that ends.
pub fn text(file: &Path) -> Result<String, Failure> {
    let bytes = read_bytes(file, MOST_OF_A_DOCUMENT)?;
    String::from_utf8(bytes).map_err(|cause| {
        let before = &cause.as_bytes()[..cause.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        let file = named(file);
        DataError::NotUtf8 { file, line }.into()
    })
}

/// The file, if it is there, of what the command keeps and will write again.
///
/// # Errors
/// A folder, a device or a pipe, which keeps nothing.
pub fn if_kept(file: &Path) -> Result<Option<&Path>, Failure> {
    match fs::metadata(file) {
        Ok(there) if !there.is_file() => Err(Failure::NotKept {
            file: file.display().to_string(),
        }),
        there => Ok(there.is_ok().then_some(file)),
    }
}
