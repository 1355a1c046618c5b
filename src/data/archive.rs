//! Zip archives, as far as NPZ files go: entries that are stored or deflated, not encrypted, below
//! 4 GiB.
//!
//! A hundred lines over `flate2`, which is there already; the crate `zip` brings ten more, and what
//! they ask of others has everything built again. As with NPY headers, whatever the archive says of
//! sizes, no memory is reserved before the bytes are there.
//!
//! Source: PKWARE, *APPNOTE: .ZIP File Format Specification*, 4.3 and 4.4.

use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::io::Read;

const END: &[u8] = b"PK\x05\x06";
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

/// The end record without its comment, and the longest comment.
const END_LENGTH: usize = 22;
const COMMENT: usize = 65_535;

/// What is wrong with an archive, in words.
pub(super) type Damage = &'static str;

/// The directory of an archive.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    flags: u16,
    method: u16,
    checksum: u32,
    packed: u32,
    size: u32,
    offset: u32,
}

/// Little-endian numbers at a place, if they are there.
fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_le_bytes(*two))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*four))
}

impl<'a> Archive<'a> {
    /// Reads the directory.
    pub(super) fn try_new(bytes: &'a [u8]) -> Result<Self, Damage> {
        let end = end_record(bytes).ok_or("it has no end record")?;
        let entries = directory(bytes, end).ok_or("its directory is damaged")?;
        Ok(Self { bytes, entries })
    }

    /// The names in it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// Unpacks an entry; `None` if there is none of this name.
    pub(super) fn read(&self, name: &str) -> Option<Result<Vec<u8>, Damage>> {
        let entry = self.entries.iter().find(|entry| entry.name == name)?;
        Some(self.unpack(entry))
    }

    fn unpack(&self, entry: &Entry) -> Result<Vec<u8>, Damage> {
        if entry.flags & 1 == 1 {
            return Err("its entry is encrypted");
        }
        if entry.size == u32::MAX || entry.packed == u32::MAX {
            return Err("its entry is larger than 4 GiB");
        }
        let packed = self.packed(entry).ok_or("its entry is cut short")?;
        let mut unpacked = vec![];
        // One byte more than stated tells that there is more.
        let most = u64::from(entry.size) + 1;
        let read = match entry.method {
            0 => packed.take(most).read_to_end(&mut unpacked),
            8 => DeflateDecoder::new(packed)
                .take(most)
                .read_to_end(&mut unpacked),
            _ => return Err("its entry is neither stored nor deflated"),
        };
        let mut checksum = Crc::new();
        checksum.update(&unpacked);
        let whole = read.is_ok_and(|length| length as u64 == u64::from(entry.size));
        if whole && checksum.sum() == entry.checksum {
            Ok(unpacked)
        } else {
            Err("its entry is damaged")
        }
    }

    /// The bytes behind the local header.
    fn packed(&self, entry: &Entry) -> Option<&'a [u8]> {
        let local = self.bytes.get(entry.offset as usize..)?;
        if !local.starts_with(LOCAL) {
            return None;
        }
        let name = usize::from(short(local, 26)?);
        let extra = usize::from(short(local, 28)?);
        local.get(30 + name + extra..)?.get(..entry.packed as usize)
    }
}

/// Where the end record is: the last one whose comment ends with the file.
fn end_record(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END_LENGTH)?;
    let places = last.saturating_sub(COMMENT)..=last;
    places.rev().find(|&at| {
        let comment = short(bytes, at + 20).map(usize::from);
        bytes[at..].starts_with(END) && comment == Some(last - at)
    })
}

fn directory(bytes: &[u8], end: usize) -> Option<Vec<Entry>> {
    let count = short(bytes, end + 10)?;
    let mut at = long(bytes, end + 16)? as usize;
    let mut entries = vec![];
    for _ in 0..count {
        let record = bytes.get(at..end)?;
        if !record.starts_with(CENTRAL) {
            return None;
        }
        let lengths = [28, 30, 32].map(|place| short(record, place).map(usize::from));
        let [name, extra, comment] = lengths;
        let (name, rest) = (name?, extra? + comment?);
        entries.push(Entry {
            name: String::from_utf8_lossy(record.get(46..46 + name)?).into_owned(),
            flags: short(record, 8)?,
            method: short(record, 10)?,
            checksum: long(record, 16)?,
            packed: long(record, 20)?,
            size: long(record, 24)?,
            offset: long(record, 42)?,
        });
        at += 46 + name + rest;
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    /// Written by Python's `zipfile`: `a.txt` stored, `b.txt` deflated, with sizes of 64 bits in the local headers
    /// as NumPy asks for, and a comment.
    const PYTHON: &[u8] =
        b"PK\x03\x04-\0\0\0\0\0\0\0!\0\x0B\xF9CV\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x05\0\x14\0\
        a.txt\x01\0\x10\0\x06\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0storedPK\x03\x04-\0\0\0\x08\0\
        \0\0!\0\xAF8a\xB5\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x05\0\x14\0b.txt\x01\0\x10\0Q\0\
        \0\0\0\0\0\0\x0E\0\0\0\0\0\0\0KIM\xCBI,IMQH\xA1\x12\x03\0PK\x01\x02-\x03-\0\0\0\0\
        \0\0\0!\0\x0B\xF9CV\x06\0\0\0\x06\0\0\0\x05\0\0\0\0\0\0\0\0\0\0\0\x80\x01\0\0\0\0\
        a.txtPK\x01\x02-\x03-\0\0\0\x08\0\0\0!\0\xAF8a\xB5\x0E\0\0\0Q\0\0\0\x05\0\0\0\0\0\
        \0\0\0\0\0\0\x80\x01=\0\0\0b.txtPK\x05\x06\0\0\0\0\x02\0\x02\0f\0\0\0\x82\0\0\0\x0A\
        \0by zipfile";

    #[test]
    fn archives_of_another_writer_are_read() {
        let archive = Archive::try_new(PYTHON).unwrap();
        assert_eq!(archive.names().collect::<Vec<_>>(), ["a.txt", "b.txt"]);
        assert_eq!(archive.read("a.txt").unwrap().unwrap(), b"stored");
        let expected = "deflated ".repeat(9).into_bytes();
        assert_eq!(archive.read("b.txt").unwrap().unwrap(), expected);
        assert!(archive.read("c.txt").is_none());
    }

    /// The archive with a byte changed.
    fn changed(at: usize, to: u8) -> Vec<u8> {
        let mut bytes = PYTHON.to_vec();
        bytes[at] = to;
        bytes
    }

    fn place(of: &[u8]) -> usize {
        PYTHON
            .windows(of.len())
            .position(|bytes| bytes == of)
            .unwrap()
    }

    #[test]
    fn what_is_damaged_is_refused_in_words() {
        let fault = |bytes: &[u8]| Archive::try_new(bytes).err();
        assert_eq!(fault(b""), Some("it has no end record"));
        assert_eq!(
            fault(&PYTHON[..PYTHON.len() - 1]),
            Some("it has no end record")
        );
        let central = place(CENTRAL);
        assert_eq!(
            fault(&changed(central, 0)),
            Some("its directory is damaged")
        );
        let fault = |bytes: &[u8]| {
            let archive = Archive::try_new(bytes).unwrap();
            archive.read("a.txt").unwrap().err()
        };
        assert_eq!(fault(PYTHON), None);
        assert_eq!(
            fault(&changed(place(b"stored"), b'S')),
            Some("its entry is damaged")
        );
        assert_eq!(
            fault(&changed(central + 8, 1)),
            Some("its entry is encrypted")
        );
        let unknown = Some("its entry is neither stored nor deflated");
        assert_eq!(fault(&changed(central + 10, 12)), unknown);
        assert_eq!(fault(&changed(0, 0)), Some("its entry is cut short"));
        // One byte less, and one more, than there is.
        assert_eq!(
            fault(&changed(central + 24, 5)),
            Some("its entry is damaged")
        );
        assert_eq!(
            fault(&changed(central + 24, 7)),
            Some("its entry is damaged")
        );
        for field in [20, 24] {
            let mut bytes = PYTHON.to_vec();
            bytes[central + field..central + field + 4].fill(0xFF);
            assert_eq!(fault(&bytes), Some("its entry is larger than 4 GiB"));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(1), failure_persistence: None, cases: 4096, ..Default::default()
        })]

        #[test]
        fn any_damage_is_refused_or_harmless(at in 0..PYTHON.len(), byte in any::<u8>(), cut in 0..PYTHON.len()) {
            for bytes in [changed(at, byte), PYTHON[..cut].to_vec()] {
                if let Ok(archive) = Archive::try_new(&bytes) {
                    for name in ["a.txt", "b.txt"] {
                        if let Some(Ok(unpacked)) = archive.read(name) {
                            prop_assert!(unpacked == b"stored" || unpacked.starts_with(b"deflated "));
                        }
                    }
                }
            }
        }
    }
}
