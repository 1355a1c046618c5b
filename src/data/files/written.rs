//! Writing files of named arrays: NPZ archives and safetensors, of float64.

use std::path::Path;

use flate2::Crc;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, serialize};

use super::archive::{CENTRAL, END, LOCAL};
use super::tensors::NamedArray;

/// Entries of an NPY file begin at a multiple of this.
const ALIGNMENT: usize = 64;

/// A format that keeps several arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrayFormat {
    /// NumPy's archive, without compression.
    Npz,
    /// The format of Hugging Face.
    SafeTensors,
}

impl ArrayFormat {
    /// Returns the format that the end of a name says; none, if it says neither.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "npz" => Some(Self::Npz),
            "safetensors" => Some(Self::SafeTensors),
            _ => None,
        }
    }

    /// Writes arrays as float64, which [`arrays_from_bytes`](super::arrays_from_bytes) reads again to the same bits; none,
    /// where the format does not hold so many bytes (an archive 4 GiB), or two arrays have one name.
    ///
    /// # Panics
    /// Where the entries of an array are not as many as its shape says.
    ///
    /// # Example
    /// ```
    /// use polyak::data::{ArrayFormat, NamedArray, arrays_from_bytes};
    /// let array = NamedArray { name: "loss".into(), shape: vec![2], entries: vec![0.5, 0.25] };
    /// let bytes = ArrayFormat::Npz.bytes(&[array.clone()]).expect("a few bytes");
    /// assert_eq!(arrays_from_bytes("net.npz", &bytes)?, [array]);
    /// # Ok::<(), polyak::data::DataError>(())
    /// ```
    #[must_use]
    pub fn bytes(self, arrays: &[NamedArray]) -> Option<Vec<u8>> {
        for NamedArray {
            name,
            shape,
            entries,
        } in arrays
        {
            let size: usize = shape.iter().product();
            assert_eq!(entries.len(), size, "entries of array {name}");
            if arrays.iter().filter(|other| other.name == *name).count() > 1 {
                return None;
            }
        }
        match self {
            Self::Npz => archived(arrays),
            Self::SafeTensors => tensors(arrays),
        }
    }
}

/// Entries as bytes, the least significant first.
fn little_endian(entries: &[f64]) -> Vec<u8> {
    entries.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn tensors(arrays: &[NamedArray]) -> Option<Vec<u8>> {
    let bodies: Vec<Vec<u8>> = arrays.iter().map(|a| little_endian(&a.entries)).collect();
    let views = arrays.iter().zip(&bodies).map(|(array, body)| {
        let view = TensorView::new(Dtype::F64, array.shape.clone(), body).ok()?;
        Some((array.name.as_str(), view))
    });
    serialize(views.collect::<Option<Vec<_>>>()?, None).ok()
}

/// An NPY file of version 1.0.
fn npy(array: &NamedArray) -> Option<Vec<u8>> {
    let sizes: Vec<String> = array.shape.iter().map(usize::to_string).collect();
    let sizes = sizes.join(", ") + if sizes.len() == 1 { "," } else { "" };
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({sizes}), }}");
    let before = 10;
    let unpadded = before + header.len() + 1;
    header += &" ".repeat(unpadded.next_multiple_of(ALIGNMENT) - unpadded);
    header.push('\n');
    let length = u16::try_from(header.len()).ok()?.to_le_bytes();
    let head = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes()];
    Some([head.concat(), little_endian(&array.entries)].concat())
}

/// A zip archive of stored entries.
///
/// Source: PKWARE, *APPNOTE: .ZIP File Format Specification*, 4.3.
fn archived(arrays: &[NamedArray]) -> Option<Vec<u8>> {
    let long = |number: usize| Some(u32::try_from(number).ok()?.to_le_bytes());
    let short = |number: usize| Some(u16::try_from(number).ok()?.to_le_bytes());
    let (mut bytes, mut directory) = (vec![], vec![]);
    for array in arrays {
        let (name, contents) = (array.name.clone() + ".npy", npy(array)?);
        let mut checksum = Crc::new();
        checksum.update(&contents);
        let size = long(contents.len())?;
        // Version 2.0, names in UTF-8, stored, on the first of January 1980.
        let mut common = vec![20, 0, 0, 8, 0, 0, 0, 0, 33, 0];
        common.extend(checksum.sum().to_le_bytes());
        common.extend([size, size].concat());
        common.extend([short(name.len())?, [0; 2]].concat());
        let place = long(bytes.len())?;
        directory.extend(
            [
                CENTRAL,
                &[20, 0],
                &common,
                &[0; 10],
                &place,
                name.as_bytes(),
            ]
            .concat(),
        );
        bytes.extend([LOCAL, &common, name.as_bytes(), &contents].concat());
    }
    let count = short(arrays.len())?;
    let places = [long(directory.len())?, long(bytes.len())?].concat();
    let end = [END, &[0; 4], &count, &count, &places, &[0; 2]].concat();
    Some([bytes, directory, end].concat())
}

#[cfg(test)]
mod tests {
    use super::super::arrays_from_bytes;
    use super::*;

    fn array(name: &str, shape: &[usize], entries: &[f64]) -> NamedArray {
        NamedArray {
            name: name.into(),
            shape: shape.into(),
            entries: entries.into(),
        }
    }

    #[test]
    fn what_is_written_is_read_to_the_same_bits() {
        let numbers = [0.1, -0.0, 5e-324, f64::MAX, -1.0 / 3.0, 2.0];
        let arrays = [
            array("größe", &[6], &numbers),
            array("layers.0.weight", &[2, 3], &numbers),
            array("layers.1.weight", &[1, 3, 2], &numbers),
            array("scale", &[], &[0.25]),
        ];
        for format in [ArrayFormat::Npz, ArrayFormat::SafeTensors] {
            let bytes = format.bytes(&arrays).unwrap();
            let mut read = arrays_from_bytes("net", &bytes).unwrap();
            read.sort_by_key(|array| arrays.iter().position(|other| other.name == array.name));
            assert_eq!(read, arrays, "{format:?}");
            for (read, array) in read.iter().zip(&arrays) {
                let bits = |array: &NamedArray| -> Vec<u64> {
                    array.entries.iter().map(|x| x.to_bits()).collect()
                };
                assert_eq!(bits(read), bits(array));
            }
            assert_eq!(format.bytes(&[arrays[3].clone(), arrays[3].clone()]), None);
        }
    }

    /// NumPy maps entries into memory where they begin at a multiple of 64.
    #[test]
    fn entries_are_aligned() {
        for size in [1, 10, 100_000] {
            let file = npy(&array("x", &[size], &vec![0.5; size])).unwrap();
            assert_eq!((file.len() - 8 * size) % ALIGNMENT, 0);
        }
    }

    #[test]
    fn formats_are_told_by_the_end_of_a_name() {
        let of = |name: &str| ArrayFormat::of_path(Path::new(name));
        assert_eq!(of("a/net.npz"), Some(ArrayFormat::Npz));
        assert_eq!(of("net.safetensors"), Some(ArrayFormat::SafeTensors));
        assert_eq!((of("net.npy"), of("npz"), of("-")), (None, None, None));
    }
}
