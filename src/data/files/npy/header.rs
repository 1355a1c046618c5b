//! The header of an NPY file.

use std::io::{ErrorKind, Read};

use super::ArrayError;
use crate::text::excerpt;

/// Headers of numbers have some hundred bytes; longer ones than version 1 allows are not read.
const MOST: u32 = 1 << 16;

/// What an array is, before its entries.
pub(super) struct Header {
    pub(super) dtype: String,
    pub(super) fortran: bool,
    pub(super) shape: Vec<usize>,
    /// Bytes of the header, magic string and all.
    pub(super) length: u64,
}

impl Header {
    /// Reads the magic string, the version, the length (2 bytes in version 1, then 4), and the dictionary.
    pub(super) fn read(reader: &mut impl Read) -> Result<Self, ArrayError> {
        let mut magic = [0; 8];
        fill(reader, &mut magic, ArrayError::NotNpy)?;
        let mut length = [0; 4];
        let bytes = match magic.strip_prefix(b"\x93NUMPY") {
            Some([1, 0]) => 2,
            Some([2 | 3, 0]) => 4,
            _ => return Err(ArrayError::NotNpy),
        };
        fill(reader, &mut length[..bytes], ArrayError::NotNpy)?;
        let length = u32::from_le_bytes(length);
        if length > MOST {
            return Err(ArrayError::Header);
        }
        let mut text = vec![0; length as usize];
        fill(reader, &mut text, ArrayError::Header)?;
        let text = String::from_utf8(text).map_err(|_| ArrayError::Header)?;
        let (dtype, fortran, shape) = fields(&text).ok_or(ArrayError::Header)?;
        Ok(Self {
            dtype,
            fortran,
            shape,
            length: 8 + bytes as u64 + u64::from(length),
        })
    }
}

/// Reads so many bytes; says what is given where they are not there, and of an archive that it is damaged.
pub(super) fn fill(
    reader: &mut impl Read,
    bytes: &mut [u8],
    short: ArrayError,
) -> Result<(), ArrayError> {
    reader
        .read_exact(bytes)
        .map_err(|cause| match cause.kind() {
            ErrorKind::UnexpectedEof => short,
            _ => ArrayError::NotNpz {
                cause: "its entry is damaged",
            },
        })
}

/// Type, whether the order is Fortran's, and shape, of
/// `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`.
fn fields(header: &str) -> Option<(String, bool, Vec<usize>)> {
    let value = |key: &str| {
        let (_, rest) = header.split_once(&format!("'{key}'"))?;
        Some(rest.trim_start().strip_prefix(':')?.trim_start())
    };
    let descr = value("descr")?;
    let dtype = match descr.strip_prefix('\'') {
        Some(quoted) => quoted.split_once('\'')?.0,
        None => return Some((excerpt(descr), false, vec![])), // a record, which is no number
    };
    let order = value("fortran_order")?;
    let fortran = order.starts_with("True");
    if !fortran && !order.starts_with("False") {
        return None;
    }
    let (shape, _) = value("shape")?.strip_prefix('(')?.split_once(')')?;
    let sizes = shape
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty());
    Some((
        excerpt(dtype),
        fortran,
        sizes.map(|size| size.parse().ok()).collect::<Option<_>>()?,
    ))
}
