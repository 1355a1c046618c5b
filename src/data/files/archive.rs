//! Zip archives, as far as NPZ files go: entries that are stored or deflated, not encrypted, of any size.
//!
//! Two hundred lines over `flate2`, which is there already; the crate `zip` brings six more (`indexmap`,
//! `typed-path`, `zeroize` and others) and keeps the last of two entries of one name without a word. Nothing is
//! unpacked before it is read, and never more than the directory states.
//!
//! Source: PKWARE, *APPNOTE: .ZIP File Format Specification*, 4.3 to 4.5.

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use std::io::{self, ErrorKind, Read};

pub(super) const END: &[u8] = b"PK\x05\x06";
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR64: &[u8] = b"PK\x06\x07";
pub(super) const CENTRAL: &[u8] = b"PK\x01\x02";
pub(super) const LOCAL: &[u8] = b"PK\x03\x04";

/// The end record without its comment, the longest comment, and the locator of the end record of 64 bits.
const END_LENGTH: usize = 22;
const COMMENT: usize = 65_535;
const LOCATOR_LENGTH: usize = 20;

/// The extra field of sizes of 64 bits.
const ZIP64: u16 = 1;

/// What is wrong with an archive, in words.
pub(super) type Damage = &'static str;

/// No byte of DEFLATE is worth more: the longest match, 258 bytes, takes two bits at least.
const MOST_EXPANSION: u64 = 1032;

/// The directory of an archive.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    checksum: u32,
    packed: u64,
    size: u64,
    offset: u64,
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

fn longest(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*eight))
}

/// The bytes from a place that an archive states.
fn from(bytes: &[u8], at: u64) -> Option<&[u8]> {
    bytes.get(usize::try_from(at).ok()?..)
}

impl<'a> Archive<'a> {
    /// Reads the directory.
    pub(super) fn try_new(bytes: &'a [u8]) -> Result<Self, Damage> {
        let end = end_record(bytes).ok_or("it has no end record")?;
        let entries = directory(bytes, end).ok_or("its directory is damaged")?;
        Ok(Self { bytes, entries })
    }

    /// The names in it, in its order; those that are no UTF-8 with replacement characters.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        let name = |entry: &Entry| String::from_utf8_lossy(entry.name).into_owned();
        self.entries.iter().map(name)
    }

    /// Tells whether entries share what is packed: together they state more than there is.
    pub(super) fn overlaps(&self) -> bool {
        let packed = self.entries.iter().map(|entry| u128::from(entry.packed));
        packed.sum::<u128>() > self.bytes.len() as u128
    }

    /// The bytes of the entry at a position of [`names`](Self::names), and how many they are.
    pub(super) fn open(&self, position: usize) -> Result<Unpacked<'a>, Damage> {
        let entry = &self.entries[position];
        if entry.flags & 1 == 1 {
            return Err("its entry is encrypted");
        }
        let packed = self.packed(entry).ok_or("its entry is cut short")?;
        let packed = match entry.method {
            0 if entry.packed == entry.size => Packed::Stored(packed),
            8 if entry.size <= MOST_EXPANSION.saturating_mul(entry.packed) => {
                Packed::Deflated(Box::new(DeflateDecoder::new(packed)))
            }
            0 | 8 => return Err("the size of its entry is not what is packed"),
            _ => return Err("its entry is neither stored nor deflated"),
        };
        Ok(Unpacked {
            packed,
            size: entry.size,
            left: entry.size,
            checksum: Crc::new(),
            expected: entry.checksum,
        })
    }

    /// The bytes behind the local header.
    fn packed(&self, entry: &Entry) -> Option<&'a [u8]> {
        let local = from(self.bytes, entry.offset)?;
        if !local.starts_with(LOCAL) {
            return None;
        }
        let name = usize::from(short(local, 26)?);
        let extra = usize::from(short(local, 28)?);
        let packed = local.get(30 + name + extra..)?;
        packed.get(..usize::try_from(entry.packed).ok()?)
    }
}

/// An entry while it is read. It ends with an error unless size and checksum are those of the directory.
pub(super) struct Unpacked<'a> {
    packed: Packed<'a>,
    size: u64,
    left: u64,
    checksum: Crc,
    expected: u32,
}

enum Packed<'a> {
    Stored(&'a [u8]),
    Deflated(Box<DeflateDecoder<&'a [u8]>>),
}

impl Unpacked<'_> {
    /// The bytes in all, as the directory states them.
    pub(super) fn size(&self) -> u64 {
        self.size
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Of every kind of damage one kind of error.
        let damaged = || io::Error::from(ErrorKind::InvalidData);
        let read = match &mut self.packed {
            Packed::Stored(bytes) => bytes.read(buffer),
            Packed::Deflated(bytes) => bytes.read(buffer),
        };
        let read = read.map_err(|_| damaged())?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(damaged)?;
        self.checksum.update(&buffer[..read]);
        let ended = read == 0 && !buffer.is_empty();
        if ended && (self.left > 0 || self.checksum.sum() != self.expected) {
            return Err(damaged());
        }
        Ok(read)
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

/// How many entries the directory has, and where it begins: from the end record of 64 bits, if there is one.
fn extent(bytes: &[u8], end: usize) -> Option<(u64, u64)> {
    let locator = end.checked_sub(LOCATOR_LENGTH).map(|at| &bytes[at..end]);
    if let Some(locator) = locator.filter(|locator| locator.starts_with(LOCATOR64)) {
        let end64 = from(bytes, longest(locator, 8)?)?;
        return match end64.starts_with(END64) {
            true => Some((longest(end64, 32)?, longest(end64, 48)?)),
            false => None,
        };
    }
    let count = short(bytes, end + 10)?.into();
    Some((count, long(bytes, end + 16)?.into()))
}

fn directory(bytes: &[u8], end: usize) -> Option<Vec<Entry<'_>>> {
    let (count, start) = extent(bytes, end)?;
    let mut rest = from(&bytes[..end], start)?;
    let mut entries = vec![];
    for _ in 0..count {
        if !rest.starts_with(CENTRAL) {
            return None;
        }
        let lengths = [28, 30, 32].map(|place| short(rest, place).map(usize::from));
        let [name, extra, comment] = lengths;
        let (name, extra, comment) = (name?, extra?, comment?);
        let mut entry = Entry {
            name: rest.get(46..46 + name)?,
            flags: short(rest, 8)?,
            method: short(rest, 10)?,
            checksum: long(rest, 16)?,
            packed: long(rest, 20)?.into(),
            size: long(rest, 24)?.into(),
            offset: long(rest, 42)?.into(),
        };
        entry.extend(rest.get(46 + name..46 + name + extra)?)?;
        entries.push(entry);
        rest = rest.get(46 + name + extra + comment..)?;
    }
    Some(entries)
}

impl Entry<'_> {
    /// Takes the numbers that do not fit into 32 bits from the extra field; none if they are not there.
    fn extend(&mut self, mut extra: &[u8]) -> Option<()> {
        const THERE: u64 = u32::MAX as u64;
        let numbers = [&mut self.size, &mut self.packed, &mut self.offset];
        let mut numbers = numbers
            .into_iter()
            .filter(|number| **number == THERE)
            .peekable();
        if numbers.peek().is_none() {
            return Some(());
        }
        while let (Some(id), Some(length)) = (short(extra, 0), short(extra, 2)) {
            let field = extra.get(4..4 + usize::from(length))?;
            if id == ZIP64 {
                for (k, number) in numbers.enumerate() {
                    *number = longest(field, 8 * k)?;
                }
                return Some(());
            }
            extra = &extra[4 + usize::from(length)..];
        }
        // A size that is exactly that of the mark, without a field.
        Some(())
    }
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

    /// The same, written to a pipe: sizes in data descriptors, and with `zipfile.ZIP64_LIMIT = 4` all numbers of 64
    /// bits, as of entries beyond 2 GiB.
    const PYTHON64: &[u8] =
        b"PK\x03\x04-\0\x08\0\0\0\0\0!\0\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x05\0\x14\0a.txt\
        \x01\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0storedPK\x07\x08\x0B\xF9CV\x06\0\0\0\0\0\0\0\
        \x06\0\0\0\0\0\0\0PK\x03\x04-\0\x08\0\x08\0\0\0!\0\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\
        \xFF\x05\0\x14\0b.txt\x01\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0KIM\xCBI,IMQH\xA1\x12\
        \x03\0PK\x07\x08\xAF8a\xB5\x0E\0\0\0\0\0\0\0Q\0\0\0\0\0\0\0PK\x01\x02-\x03-\0\x08\0\0\0\
        \0\0!\0\x0B\xF9CV\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x05\0\x14\0\0\0\0\0\0\0\0\0\x80\x01\0\
        \0\0\0a.txt\x01\0\x10\0\x06\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0PK\x01\x02-\x03-\0\x08\0\x08\
        \0\0\0!\0\xAF8a\xB5\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x05\0\x1C\0\0\0\0\0\0\0\0\0\x80\x01\
        \xFF\xFF\xFF\xFFb.txt\x01\0\x18\0Q\0\0\0\0\0\0\0\x0E\0\0\0\0\0\0\0U\0\0\0\0\0\0\0PK\x06\
        \x06,\0\0\0\0\0\0\0-\0-\0\0\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x96\0\0\0\
        \0\0\0\0\xB2\0\0\0\0\0\0\0PK\x06\x07\0\0\0\0H\x01\0\0\0\0\0\0\x01\0\0\0PK\x05\x06\0\0\0\
        \0\x02\0\x02\0\x96\0\0\0\xB2\0\0\0\0\0";

    /// The bytes of the entry of a name.
    fn read(archive: &Archive, name: &str) -> Result<Vec<u8>, Damage> {
        let position = archive.names().position(|other| other == name).unwrap();
        let mut entry = archive.open(position)?;
        let mut bytes = vec![];
        let read = entry.read_to_end(&mut bytes);
        read.map_err(|_| "its entry is damaged")?;
        assert_eq!(bytes.len() as u64, entry.size());
        Ok(bytes)
    }

    #[test]
    fn entries_that_share_their_bytes_are_seen() {
        let archive = Archive::try_new(PYTHON).unwrap();
        assert!(!archive.overlaps());
        let entry = |packed| Entry {
            name: b"a",
            flags: 0,
            method: 8,
            checksum: 0,
            packed,
            size: 9,
            offset: 0,
        };
        let bytes = &PYTHON[..100];
        for (packed, overlaps) in [(50, false), (51, true)] {
            let entries = vec![entry(50), entry(packed)];
            assert_eq!(Archive { bytes, entries }.overlaps(), overlaps);
        }
    }

    #[test]
    fn archives_of_another_writer_are_read() {
        for bytes in [PYTHON, PYTHON64] {
            let archive = Archive::try_new(bytes).unwrap();
            assert_eq!(archive.names().collect::<Vec<_>>(), ["a.txt", "b.txt"]);
            assert_eq!(read(&archive, "a.txt").unwrap(), b"stored");
            let expected = "deflated ".repeat(9).into_bytes();
            assert_eq!(read(&archive, "b.txt").unwrap(), expected);
        }
    }

    /// Beyond 4 GiB numbers are those of the extra field; here they are more than is there, and no memory is asked for.
    #[test]
    fn large_entries_have_their_sizes() {
        let mut bytes = PYTHON64.to_vec();
        let central = bytes.windows(4).position(|four| four == CENTRAL).unwrap();
        // Behind the name and the head of the field.
        let size = central + 46 + 5 + 4;
        for field in [size, size + 8] {
            assert_eq!(longest(&bytes, field), Some(6));
            bytes[field..field + 8].copy_from_slice(&(3u64 << 30).to_le_bytes());
        }
        let archive = Archive::try_new(&bytes).unwrap();
        assert_eq!(archive.entries[0].size, 3 << 30);
        assert_eq!(archive.open(0).err(), Some("its entry is cut short"));
    }

    /// DEFLATE does not pack so well, whatever the directory says.
    #[test]
    fn sizes_that_cannot_be_are_refused_before_anything_is_unpacked() {
        let bytes = |size: u32| {
            let mut bytes = PYTHON.to_vec();
            let second = bytes.windows(9).rposition(|nine| nine[..4] == *CENTRAL);
            let field = second.unwrap() + 24;
            bytes[field..field + 4].copy_from_slice(&size.to_le_bytes());
            bytes
        };
        for (size, fault) in [
            (14 * 1032, "its entry is damaged"),
            (14 * 1032 + 1, "the size of its entry is not what is packed"),
        ] {
            let bytes = bytes(size);
            let archive = Archive::try_new(&bytes).unwrap();
            assert_eq!(read(&archive, "b.txt"), Err(fault));
        }
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
            read(&archive, "a.txt").err()
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
        // One byte less, and one more, than there is; of what is stored there are two sizes.
        for size in [5, 7] {
            let mut bytes = changed(central + 24, size);
            let sizes = Some("the size of its entry is not what is packed");
            assert_eq!(fault(&bytes), sizes);
            bytes[central + 20] = size;
            assert_eq!(fault(&bytes), Some("its entry is damaged"));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(1), failure_persistence: None, cases: 4096, ..Default::default()
        })]

        #[test]
        fn any_damage_is_refused_or_harmless(at in 0..PYTHON.len(), byte in any::<u8>(), cut in 0..PYTHON.len()) {
            let mut long = PYTHON64.to_vec();
            long[at] = byte;
            for bytes in [changed(at, byte), PYTHON[..cut].to_vec(), long] {
                if let Ok(archive) = Archive::try_new(&bytes) {
                    for name in archive.names() {
                        if let Ok(unpacked) = read(&archive, &name) {
                            prop_assert!(unpacked == b"stored" || unpacked.starts_with(b"deflated "));
                        }
                    }
                }
            }
        }
    }
}
