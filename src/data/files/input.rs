//! Bytes of a file that ends: nothing here reads for ever.

use std::fs::{File, FileType, Metadata};
use std::io::{IsTerminal, Read};
use std::path::Path;

use super::{DataError, MAX_STREAM};

/// Reads a regular file, a pipe or a terminal to its end.
///
/// # Arguments
/// * `most`: a file that has more bytes is not read. Of a pipe [`MAX_STREAM`] bytes are read at most, too.
///
/// # Errors
/// [`DataError::Unreadable`]; [`DataError::NotAFile`] for a folder, a socket or a device, which may have no end;
/// [`DataError::TooLong`].
///
/// # Cost
/// No more memory than `most`, nor than is there.
pub fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>, DataError> {
    if path == Path::new("-") {
        return all_of(
            "standard input",
            std::io::stdin().lock(),
            most.min(MAX_STREAM),
        );
    }
    let (file, there) = open(path)?;
    let most = if there.is_file() {
        most
    } else {
        most.min(MAX_STREAM)
    };
    let name = path.display().to_string();
    if there.is_file() && there.len() > most {
        return Err(DataError::TooLong { file: name, most });
    }
    all_of(&name, file, most)
}

/// All bytes of a reader of this name, no more than `most`.
fn all_of(name: &str, reader: impl Read, most: u64) -> Result<Vec<u8>, DataError> {
    let file = name.to_owned();
    match read_to_end(reader, most) {
        Ok(bytes) => bytes.ok_or(DataError::TooLong { file, most }),
        Err(cause) => Err(DataError::Unreadable { file, cause }),
    }
}

/// Opens a regular file, a pipe or a terminal.
///
/// # Errors
/// [`DataError::Unreadable`] and [`DataError::NotAFile`].
pub(super) fn open(path: &Path) -> Result<(File, Metadata), DataError> {
    let name = || path.display().to_string();
    let unreadable = |cause| DataError::Unreadable {
        file: name(),
        cause,
    };
    let file = File::open(path).map_err(unreadable)?;
    let there = file.metadata().map_err(unreadable)?;
    match endless(there.file_type()).filter(|_| !file.is_terminal()) {
        Some(what) => Err(DataError::NotAFile { file: name(), what }),
        None => Ok((file, there)),
    }
}

/// All bytes of a reader, or none if there are more than that.
///
/// # Errors
/// Those of the reader, and of memory that is not to be had.
pub(super) fn read_to_end(reader: impl Read, most: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// What is no file and no pipe, in words.
fn endless(kind: FileType) -> Option<&'static str> {
    if kind.is_dir() {
        Some("a folder")
    } else if is_device(kind) {
        Some("a device")
    } else {
        None
    }
}

#[cfg(unix)]
fn is_device(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_char_device() || kind.is_block_device() || kind.is_socket()
}

#[cfg(not(unix))]
fn is_device(_: FileType) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn files_are_read_whole_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "12345").unwrap();
        assert_eq!(read_bytes(&path, 5).unwrap(), b"12345");
        let error = read_bytes(&path, 4).unwrap_err();
        assert!(matches!(&error, DataError::TooLong { most: 4, .. }));
        assert!(error.to_string().contains("more than 4 bytes"), "{error}");
        assert_eq!(read_to_end(&b"123"[..], 3).unwrap().unwrap(), b"123");
        assert!(read_to_end(&b"123"[..], 2).unwrap().is_none());
    }

    #[test]
    fn folders_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_bytes(folder.path(), 9).unwrap_err();
        // Some systems do not even open one.
        assert!(matches!(
            error,
            DataError::NotAFile {
                what: "a folder",
                ..
            } | DataError::Unreadable { .. }
        ));
        let missing = read_bytes(&folder.path().join("b"), 9).unwrap_err();
        assert!(
            matches!(missing, DataError::Unreadable { cause, .. } if cause.kind() == std::io::ErrorKind::NotFound)
        );
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_refused_and_links_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.csv");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for path in [
            Path::new("/dev/zero"),
            Path::new("/dev/urandom"),
            Path::new("/dev/null"),
            &link,
        ] {
            let error = read_bytes(path, u64::MAX).unwrap_err();
            assert!(matches!(
                error,
                DataError::NotAFile {
                    what: "a device",
                    ..
                }
            ));
        }
    }
}
