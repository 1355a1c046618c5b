//! Reading NPY files, NumPy's format of one array.
//!
//! The header is read here rather than by a general parser, because it comes from outside: whatever it
//! says, no memory is reserved before it agrees with the bytes that there are, and nothing overflows.
//!
//! Source: the [NPY format](https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html),
//! versions 1.0, 2.0 and 3.0.

mod error;
mod header;
mod number;

pub use error::ArrayError;
pub(super) use number::{exact, half};

use std::io::Read;
use std::path::Path;

use nalgebra::DMatrix;

use super::DataError;
use super::half::Half;
use super::input::read_to_end;
use super::source::Source;
use crate::memory::room_for;
use header::{Header, fill};
use number::Number;

/// Bytes of entries that are decoded at a time: a multiple of every width.
const CHUNK: usize = 1 << 16;

/// Reads a two-dimensional array of real numbers from an NPY file.
///
/// # Errors
/// [`DataError::Unreadable`], [`DataError::NotAFile`], [`DataError::Gzip`], [`DataError::Endless`], and those of
/// [`npy_from_reader`].
pub fn read_npy(path: &Path) -> Result<DMatrix<f64>, DataError> {
    read_array(path, Role::Table)
}

/// Reads the matrix of an NPY file for a role.
pub(super) fn read_array(path: &Path, role: Role) -> Result<DMatrix<f64>, DataError> {
    let mut source = Source::open(path)?;
    matrix_from_npy(&source.name.clone(), &source.contents()?, role)
}

/// Reads a two-dimensional array of bool, or of integers or floats of at most 64 bits, of either byte order, in C
/// or Fortran order.
///
/// # Arguments
/// * `name` stands for the file in messages.
///
/// # Returns
/// Rows × columns as stored: a row of the array is a row of the matrix. True is 1, false 0.
///
/// # Guarantee
/// Exact: every entry is the stored number, and finite. An integer that is no f64 is refused.
///
/// # Errors
/// [`DataError::Unreadable`], and [`DataError::Array`] with an [`ArrayError`].
///
/// # Cost
/// Linear; beside the bytes of the file 16 for an entry.
pub fn npy_from_reader(name: &str, reader: impl Read) -> Result<DMatrix<f64>, DataError> {
    let bytes = read_to_end(reader, u64::MAX).map_err(|cause| DataError::Unreadable {
        file: name.to_owned(),
        cause,
    })?;
    matrix_from_npy(name, &bytes.unwrap_or_default(), Role::Table)
}

/// Reads from the bytes of a file, as [`npy_from_reader`] does.
pub(super) fn matrix_from_npy(
    name: &str,
    bytes: &[u8],
    role: Role,
) -> Result<DMatrix<f64>, DataError> {
    let array = Array::read(&mut &bytes[..], bytes.len() as u64, role);
    Ok(array.map_err(|cause| cause.of(name))?.into_matrix())
}

impl ArrayError {
    /// The error of a file.
    pub(super) fn of(self, name: &str) -> DataError {
        DataError::Array {
            file: name.to_owned(),
            cause: self,
        }
    }
}

/// What an array is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Rows × columns: samples, points or a matrix.
    Table,
    /// Numbers in their order, as a row, a column or neither.
    Vector,
    /// A tile of a factor.
    #[cfg_attr(not(feature = "serde"), allow(dead_code))]
    Tile,
    /// Layers × particles × coordinates.
    Network,
    /// One of the arrays of a network that was trained elsewhere.
    Weights,
}

impl Role {
    /// Tells whether an array of this shape can be it.
    fn takes(self, shape: &[usize]) -> bool {
        match self {
            Self::Vector => matches!(shape.len(), 1 | 2),
            Self::Weights => true,
            Self::Table | Self::Tile | Self::Network => shape.len() == self.dimensions(),
        }
    }

    /// The dimensions that are asked for where others are not taken.
    fn dimensions(self) -> usize {
        match self {
            Self::Network => 3,
            Self::Table | Self::Vector | Self::Tile | Self::Weights => 2,
        }
    }
}

/// An array as stored: not empty, its entries finite, in C or in Fortran order.
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) fortran: bool,
    pub(super) entries: Vec<f64>,
}

impl Array {
    /// Reads an array for a role, with as many dimensions as that has.
    ///
    /// # Arguments
    /// * `length`: the bytes that the reader has, header and all; no more are read than the header calls for.
    pub(super) fn read(
        reader: &mut impl Read,
        length: u64,
        role: Role,
    ) -> Result<Self, ArrayError> {
        let header = Header::read(reader)?;
        let number = Number::try_new(&header.dtype, role, &header.shape)?;
        let Header { shape, fortran, .. } = header;
        if !role.takes(&shape) {
            return Err(ArrayError::Shape {
                shape,
                needed: role.dimensions(),
            });
        }
        // Saturating: a product that passes 2^128 is not the size of a file.
        let sizes = shape.iter().map(|&size| size as u128);
        let count = sizes.fold(1, u128::saturating_mul);
        let expected = count.saturating_mul(number.width as u128);
        let found = length.saturating_sub(header.length);
        if u128::from(found) != expected {
            return Err(ArrayError::Size { expected, found });
        }
        if count == 0 {
            return Err(ArrayError::Empty { shape });
        }
        let mut array = Self {
            shape,
            fortran,
            entries: vec![],
        };
        array.fill(reader, number, found)?;
        Ok(array)
    }

    /// Reads the entries, so many bytes.
    fn fill(
        &mut self,
        reader: &mut impl Read,
        number: Number,
        mut bytes: u64,
    ) -> Result<(), ArrayError> {
        let count = bytes / number.width as u64;
        self.entries = room_for(count)?;
        let mut chunk = vec![0; CHUNK.min(bytes as usize)];
        let damaged = ArrayError::NotNpz {
            cause: "its entry is damaged",
        };
        while bytes > 0 {
            let part = chunk.len().min(bytes as usize);
            fill(reader, &mut chunk[..part], damaged.clone())?;
            for entry in chunk[..part].chunks_exact(number.width) {
                let value = number.decode(entry).map_err(|value| ArrayError::Inexact {
                    index: self.index(self.entries.len()),
                    value,
                })?;
                self.entries.push(value);
            }
            bytes -= part as u64;
        }
        // Of an archive the end is where its checksum is compared.
        if reader.read(&mut [0]).ok() != Some(0) {
            return Err(damaged);
        }
        let bad = (0..self.entries.len()).filter(|&place| !self.entries[place].is_finite());
        match bad.min_by_key(|&place| self.index(place)) {
            Some(_) if self.is_half() => Err(ArrayError::HalfMatrix),
            Some(place) => Err(ArrayError::NotFinite {
                index: self.index(place),
                value: self.entries[place],
            }),
            None => Ok(()),
        }
    }

    /// Tells whether NaN stand on one side of the diagonal, and nowhere else.
    fn is_half(&self) -> bool {
        let &[rows, columns] = &self.shape[..] else {
            return false;
        };
        let mut half = Half::new(columns);
        for row in 0..rows {
            half.look_at((0..columns).map(|column| {
                let place = match self.fortran {
                    true => row + rows * column,
                    false => row * columns + column,
                };
                self.entries[place].is_nan()
            }));
        }
        half.is_one()
    }

    /// The index, counted from 1, of the entry that is stored at a place, counted from 0.
    fn index(&self, place: usize) -> Vec<usize> {
        let mut rest = place;
        let digit = |&size: &usize| {
            let digit = rest % size + 1;
            rest /= size;
            digit
        };
        if self.fortran {
            return self.shape.iter().map(digit).collect();
        }
        let mut index: Vec<usize> = self.shape.iter().rev().map(digit).collect();
        index.reverse();
        index
    }

    /// The shape, and the entries in C order.
    pub(super) fn into_rows(self) -> (Vec<usize>, Vec<f64>) {
        if !self.fortran {
            return (self.shape, self.entries);
        }
        let mut entries = vec![0.0; self.entries.len()];
        for (place, &entry) in self.entries.iter().enumerate() {
            // Where the last dimension is the fastest.
            let index = self.index(place).into_iter().zip(&self.shape);
            let at = index.fold(0, |at, (digit, size)| at * size + digit - 1);
            entries[at] = entry;
        }
        (self.shape, entries)
    }

    /// The matrix of an array of two dimensions; of one dimension a column.
    pub(super) fn into_matrix(self) -> DMatrix<f64> {
        let (rows, columns) = (self.shape[0], self.shape.get(1).copied().unwrap_or(1));
        if self.fortran {
            DMatrix::from_vec(rows, columns, self.entries)
        } else {
            DMatrix::from_row_slice(rows, columns, &self.entries)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::npy_with;
    use super::*;
    use npyz::WriterBuilder;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    fn read(header: &str, body: &[u8]) -> Result<DMatrix<f64>, DataError> {
        npy_from_reader("a.npy", &npy_with(header, body)[..])
    }

    const SQUARE: &str = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }\n";

    fn body(values: [f64; 4]) -> Vec<u8> {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect()
    }

    /// The independent writer of `npyz`.
    fn written(dtype: &str, order: npyz::Order, values: &[f64]) -> Vec<u8> {
        let mut bytes = vec![];
        let descr = npyz::DType::Plain(dtype.parse().unwrap());
        macro_rules! write_as {
            ($number:ty) => {{
                let options = npyz::WriteOptions::<$number>::new()
                    .shape(&[2, 3])
                    .order(order)
                    .dtype(descr);
                let mut writer = options.writer(&mut bytes).begin_nd().unwrap();
                writer
                    .extend(values.iter().map(|&value| value as $number))
                    .unwrap();
                writer.finish().unwrap();
            }};
        }
        if dtype.ends_with('8') {
            write_as!(f64)
        } else {
            write_as!(f32)
        }
        bytes
    }

    #[test]
    fn types_and_orders_agree_with_an_independent_writer() {
        let values = [1.0, -0.0, 3.5, 0.1, 1e300, 5e-324];
        for dtype in ["<f8", ">f8", "<f4", ">f4"] {
            let stored = values.map(|value| match &dtype[2..] {
                "8" => value,
                _ if value > 1e30 => 1e30f32.into(),
                _ => f64::from(value as f32),
            });
            for (order, shape) in [(npyz::Order::C, (2, 3)), (npyz::Order::Fortran, (2, 3))] {
                let bytes = written(dtype, order, &stored);
                let matrix = npy_from_reader("a.npy", &bytes[..]).unwrap();
                assert_eq!(matrix.shape(), shape);
                for (position, value) in stored.iter().enumerate() {
                    let place = match order {
                        npyz::Order::C => (position / 3, position % 3),
                        npyz::Order::Fortran => (position % 2, position / 2),
                    };
                    assert_eq!(
                        matrix[place].to_bits(),
                        value.to_bits(),
                        "{dtype} {order:?} {position}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_file_of_numpy_is_read() {
        // numpy.save of numpy.array([[1, 2], [3, 4]], '<f8'), byte for byte: the header ends at 128.
        let mut header =
            String::from("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }");
        header.push_str(&" ".repeat(117 - header.len()));
        header.push('\n');
        let matrix = read(&header, &body([1.0, 2.0, 3.0, 4.0])).unwrap();
        assert_eq!(matrix, DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 3.0, 4.0]));
    }

    #[test]
    fn later_versions_have_a_longer_length() {
        for version in [2, 3] {
            let mut bytes = b"\x93NUMPY".to_vec();
            bytes.extend([version, 0]);
            bytes.extend(u32::try_from(SQUARE.len()).unwrap().to_le_bytes());
            bytes.extend(SQUARE.as_bytes());
            bytes.extend(body([1.0, 2.0, 3.0, 4.0]));
            assert_eq!(npy_from_reader("a", &bytes[..]).unwrap()[(0, 1)], 2.0);
        }
        for (major, minor) in [(4, 0), (0, 0), (1, 1), (2, 1)] {
            let mut bytes = npy_with(SQUARE, &body([0.0; 4]));
            (bytes[6], bytes[7]) = (major, minor);
            assert!(matches!(
                npy_from_reader("a", &bytes[..]),
                Err(DataError::Array {
                    cause: ArrayError::NotNpy,
                    ..
                })
            ));
        }
    }

    #[test]
    fn other_files_are_refused() {
        for bytes in [
            &b""[..],
            b"\x93NUMP",
            b"\x93NUMPY\x01\x00\x05",
            b"1,2\n3,4\n",
            b"PK\x03\x04",
        ] {
            assert!(
                matches!(npy_from_reader("a", bytes), Err(DataError::Array { file, cause: ArrayError::NotNpy }) if file == "a")
            );
        }
    }

    #[test]
    fn damaged_headers_are_refused() {
        for header in [
            "",
            "{}",
            "{'descr': '<f8', 'fortran_order': False}",
            "{'descr': '<f8', 'fortran_order': 0, 'shape': (2, 2)}",
            "{'descr': '<f8, 'fortran_order': False",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2",
            "{'descr': '<f8', 'fortran_order': False, 'shape': [2, 2]}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (2, -2)}",
            "{'descr' '<f8', 'fortran_order': False, 'shape': (2, 2)}",
        ] {
            let error = read(header, &body([0.0; 4])).unwrap_err();
            assert!(
                matches!(
                    error,
                    DataError::Array {
                        cause: ArrayError::Header,
                        ..
                    }
                ),
                "{header}: {error}"
            );
        }
        let mut bytes = npy_with(SQUARE, &[]);
        bytes[11] = 0xFF;
        assert!(matches!(
            npy_from_reader("a", &bytes[..]),
            Err(DataError::Array {
                cause: ArrayError::Header,
                ..
            })
        ));
        bytes.truncate(40);
        assert!(matches!(
            npy_from_reader("a", &bytes[..]),
            Err(DataError::Array {
                cause: ArrayError::Header,
                ..
            })
        ));
    }

    #[test]
    fn other_types_are_refused_by_name() {
        for (descr, found) in [
            ("'|O'", "|O"),
            ("'<c16'", "<c16"),
            ("[('shape', '<f8')]", "[('shape'"),
        ] {
            let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (2, 2)}}");
            let error = read(&header, &body([0.0; 4])).unwrap_err();
            assert!(
                matches!(&error, DataError::Array { cause: ArrayError::Type { dtype, .. }, .. } if dtype.starts_with(found)),
                "{error}"
            );
        }
    }

    #[test]
    fn other_dimensions_are_refused() {
        for (shape, found) in [
            ("()", vec![]),
            ("(4,)", vec![4]),
            ("(1, 2, 2)", vec![1, 2, 2]),
        ] {
            let header = SQUARE.replace("(2, 2)", shape);
            let error = read(&header, &body([0.0; 4])).unwrap_err();
            assert!(
                matches!(error, DataError::Array { cause: ArrayError::Shape { shape, .. }, .. } if shape == found)
            );
        }
        for shape in ["(0, 3)", "(3, 0)"] {
            assert!(matches!(
                read(&SQUARE.replace("(2, 2)", shape), &[]),
                Err(DataError::Array {
                    cause: ArrayError::Empty { .. },
                    ..
                })
            ));
        }
    }

    #[test]
    fn sizes_must_match() {
        for length in [0, 8, 31, 33, 40] {
            let mut bytes = body([1.0; 4]);
            bytes.resize(length, 0);
            let error = read(SQUARE, &bytes).unwrap_err();
            assert!(
                matches!(error, DataError::Array { cause: ArrayError::Size { expected: 32, found }, .. } if found == length as u64)
            );
        }
        let huge = SQUARE.replace("(2, 2)", &format!("({}, {})", usize::MAX, usize::MAX));
        assert!(matches!(
            read(&huge, &[]),
            Err(DataError::Array {
                cause: ArrayError::Size {
                    expected: u128::MAX,
                    found: 0
                },
                ..
            })
        ));
    }

    #[test]
    fn entries_that_are_not_finite_are_placed() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = read(SQUARE, &body([1.0, 2.0, bad, 4.0])).unwrap_err();
            assert!(matches!(
                error,
                DataError::Array { cause: ArrayError::NotFinite { ref index, .. }, .. } if index == &[2, 1]
            ));
            let fortran = SQUARE.replace("False", "True");
            let error = read(&fortran, &body([1.0, bad, bad, 4.0])).unwrap_err();
            assert!(matches!(
                error,
                DataError::Array { cause: ArrayError::NotFinite { ref index, .. }, .. } if index == &[1, 2]
            ));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(1), failure_persistence: None, cases: 4096, ..Default::default()
        })]

        #[test]
        fn any_damage_is_an_error_or_leaves_a_finite_matrix(
            at in 0..100usize, byte in any::<u8>(), length in 0..110usize,
        ) {
            let mut bytes = npy_with(SQUARE, &body([1.0, 2.0, 3.0, 4.0]));
            bytes.resize(length.max(60), 0);
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(matrix) = npy_from_reader("a", &bytes[..]) {
                prop_assert!(matrix.iter().all(|value| value.is_finite()));
            }
        }
    }
}
