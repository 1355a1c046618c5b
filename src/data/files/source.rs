//! The source of a table: a file, the standard input or any reader, decompressed, its format known.

use std::io::{self, Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::DataError;
use super::format::{Format, HEAD, sniff};
use super::input::open;

/// The most bytes that are read of what does not say its size: streams, and what is decompressed.
///
/// A plain file is read whole, whatever its size.
pub const MAX_STREAM: u64 = 256 << 20;

/// Something to read, with a name for messages.
pub(super) struct Source<'a> {
    /// The path, or what stands for it.
    pub(super) name: String,
    /// The format, once decompressed.
    pub(super) format: Format,
    /// The extension in lower case, without the dot and without `.gz`; empty if there is none.
    pub(super) extension: String,
    /// The bytes of a plain file that is not compressed.
    pub(super) length: Option<u64>,
    /// The first [`HEAD`] bytes, or all of them.
    pub(super) head: Vec<u8>,
    compressed: bool,
    /// The most bytes, if there is no length.
    most: u64,
    reader: Box<dyn Read + 'a>,
}

impl Source<'static> {
    /// Opens a path; `-` is the standard input.
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        if path == Path::new("-") {
            return Source::try_new("standard input", "", io::stdin().lock(), None);
        }
        let name = path.display().to_string();
        let (file, about) = open(path)?;
        // Files that a system makes up say 0.
        let length = (about.is_file() && about.len() > 0).then_some(about.len());
        Source::try_new(&name, &extension(path), file, length)
    }
}

impl<'a> Source<'a> {
    /// Begins to read: tells the format, and decompresses.
    pub(super) fn try_new(
        name: &str,
        extension: &str,
        reader: impl Read + 'a,
        length: Option<u64>,
    ) -> Result<Self, DataError> {
        let mut source = Source {
            name: name.to_owned(),
            format: Format::Text,
            extension: extension.to_owned(),
            length,
            head: vec![],
            compressed: false,
            most: MAX_STREAM,
            reader: Box::new(reader),
        };
        source.look()?;
        if source.format == Format::Gzip {
            source.compressed = true;
            source.length = None;
            source.reader = Box::new(MultiGzDecoder::new(source.reader));
            source.look()?;
        }
        Ok(source)
    }

    /// Tells the format by what comes next, which is not consumed.
    fn look(&mut self) -> Result<(), DataError> {
        let mut head = Vec::with_capacity(HEAD);
        let read = self
            .reader
            .by_ref()
            .take(HEAD as u64)
            .read_to_end(&mut head);
        read.map_err(|cause| self.unreadable(cause))?;
        self.format = sniff(&head);
        self.head.clone_from(&head);
        let rest = std::mem::replace(&mut self.reader, Box::new(io::empty()));
        self.reader = Box::new(Cursor::new(head).chain(rest));
        Ok(())
    }

    /// All bytes.
    ///
    /// # Errors
    /// [`DataError::Endless`] beyond [`MAX_STREAM`] bytes of what does not say its size, [`DataError::Unreadable`],
    /// [`DataError::Gzip`].
    pub(super) fn contents(&mut self) -> Result<Vec<u8>, DataError> {
        let most = self.length.map_or(self.most, |_| u64::MAX - 1);
        let mut bytes = vec![];
        let read = self.reader.by_ref().take(most + 1).read_to_end(&mut bytes);
        read.map_err(|cause| self.unreadable(cause))?;
        if bytes.len() as u64 > most {
            return Err(DataError::Endless {
                file: self.name.clone(),
                mebibytes: self.most >> 20,
            });
        }
        Ok(bytes)
    }

    /// The error of a read that failed.
    pub(super) fn unreadable(&self, cause: io::Error) -> DataError {
        let file = self.name.clone();
        // The decoder has kinds of its own for what is damaged.
        let damaged = matches!(
            cause.kind(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
        );
        if self.compressed && damaged {
            DataError::Gzip { file, cause }
        } else {
            DataError::Unreadable { file, cause }
        }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

/// The extension in lower case, without `.gz`.
fn extension(path: &Path) -> String {
    let lower = |path: &Path| {
        let extension = path.extension().unwrap_or_default();
        extension.to_string_lossy().to_lowercase()
    };
    match lower(path) {
        extension if extension == "gz" => lower(&path.with_extension("")),
        extension => extension,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(vec![], Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn source(bytes: &[u8]) -> Result<Source<'_>, DataError> {
        Source::try_new("s", "", bytes, None)
    }

    #[test]
    fn what_is_compressed_is_decompressed_and_sniffed() {
        let mut plain = source(b"1,2\n").unwrap();
        assert_eq!((plain.format, plain.compressed), (Format::Text, false));
        assert_eq!(plain.contents().unwrap(), b"1,2\n");
        let two_members = [gzip(b"1,2\n"), gzip(b"3,4\n")].concat();
        assert_eq!(
            source(&two_members).unwrap().contents().unwrap(),
            b"1,2\n3,4\n"
        );
        let long = b"0.25,1.5\n".repeat(10_000);
        assert_eq!(source(&gzip(&long)).unwrap().contents().unwrap(), long);
        let array = gzip(b"\x93NUMPY\x01\0");
        assert_eq!(source(&array).unwrap().format, Format::Npy);
        assert_eq!(source(&gzip(&gzip(b"1"))).unwrap().format, Format::Gzip);
    }

    #[test]
    fn damaged_streams_are_refused() {
        let whole = gzip(&b"0.25,1.5\n".repeat(10_000));
        for cut in [3, 12, whole.len() - 1] {
            let read = source(&whole[..cut]).and_then(|mut source| source.contents());
            assert!(matches!(read, Err(DataError::Gzip { .. })), "{cut}");
        }
        let mut wrong = whole.clone();
        let last = wrong.len() - 5; // of the checksum
        wrong[last] ^= 1;
        let read = source(&wrong).and_then(|mut source| source.contents());
        assert!(matches!(read, Err(DataError::Gzip { .. })));
    }

    #[test]
    fn endless_sources_are_refused() {
        let mut endless = Source::try_new("s", "", io::repeat(b'1'), None).unwrap();
        endless.most = 1 << 20;
        let refused = |mut source: Source| {
            matches!(
                source.contents(),
                Err(DataError::Endless { mebibytes: 1, .. })
            )
        };
        assert!(refused(endless));
        // Exactly as many are read, one more is not; and a file that says its size has no limit.
        for (bytes, length, is_refused) in [
            (1 << 20, None, false),
            ((1 << 20) + 1, None, true),
            ((1 << 20) + 1, Some((1 << 20) + 1), false),
        ] {
            let mut source =
                Source::try_new("s", "", io::repeat(b'1').take(bytes), length).unwrap();
            source.most = 1 << 20;
            assert_eq!(refused(source), is_refused);
        }
        assert_eq!(MAX_STREAM, 256 << 20);
    }

    #[test]
    fn extensions_are_those_of_the_file_inside() {
        for (path, found) in [
            ("a.csv", "csv"),
            ("a.TSV.GZ", "tsv"),
            ("a.gz", ""),
            ("a", ""),
            ("a.b/c", ""),
        ] {
            assert_eq!(extension(path.as_ref()), found, "{path}");
        }
    }
}
