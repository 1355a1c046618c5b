//! Reading NPY files, NumPy's format of one array.
//!
//! The header is read here rather than by a general parser, because it comes from outside: whatever it
//! says, no memory is reserved before the bytes are there, and nothing overflows.
//!
//! Source: the [NPY format](https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html),
//! versions 1.0, 2.0 and 3.0.

use std::io::Read;
use std::path::Path;

use nalgebra::DMatrix;

use super::DataError;
use crate::text::excerpt;

/// Reads a two-dimensional array of `float64` or `float32` from an NPY file.
///
/// # Errors
/// [`DataError::Unreadable`], and those of [`npy_from_reader`].
pub fn read_npy(path: &Path) -> Result<DMatrix<f64>, DataError> {
    let source = path.display().to_string();
    match std::fs::File::open(path) {
        Ok(file) => npy_from_reader(&source, file),
        Err(cause) => Err(DataError::Unreadable {
            file: source,
            cause,
        }),
    }
}

/// Reads a two-dimensional array of `float64` or `float32`, of either byte order, in C or Fortran order.
///
/// # Arguments
/// * `name` stands for the file in messages.
///
/// # Returns
/// Rows × columns as stored: a row of the array is a row of the matrix.
///
/// # Guarantee
/// Exact: every entry is the stored number (`float32` converts exactly), and finite.
///
/// # Errors
/// [`DataError::NotNpy`], [`DataError::NpyHeader`], [`DataError::NpyType`], [`DataError::NpyShape`],
/// [`DataError::NpySize`], [`DataError::Empty`], [`DataError::NotFiniteEntry`].
///
/// # Cost
/// Linear; twice the size of the file in memory.
pub fn npy_from_reader(name: &str, reader: impl Read) -> Result<DMatrix<f64>, DataError> {
    let array = Array::from_reader(name, reader, 2)?;
    let (rows, columns) = (array.shape[0], array.shape[1]);
    let matrix = if array.fortran {
        DMatrix::from_vec(rows, columns, array.entries)
    } else {
        DMatrix::from_row_slice(rows, columns, &array.entries)
    };
    let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    match places.into_iter().find(|&place| !matrix[place].is_finite()) {
        Some((row, column)) => Err(DataError::NotFiniteEntry {
            file: name.to_owned(),
            row: row + 1,
            column: column + 1,
            value: matrix[(row, column)],
        }),
        None => Ok(matrix),
    }
}

/// An array as stored: not empty, its entries in C or in Fortran order.
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) fortran: bool,
    pub(super) entries: Vec<f64>,
}

impl Array {
    /// Reads an array that must have so many dimensions.
    pub(super) fn from_reader(
        name: &str,
        mut reader: impl Read,
        dimensions: usize,
    ) -> Result<Self, DataError> {
        let file = || name.to_owned();
        let mut bytes = Vec::new();
        reader
            .read_to_end(&mut bytes)
            .map_err(|cause| DataError::Unreadable {
                file: file(),
                cause,
            })?;
        let (header, body) = header_and_body(name, &bytes)?;
        let (dtype, fortran, shape) =
            fields(header).ok_or_else(|| DataError::NpyHeader { file: file() })?;
        let (width, decode) = decoder(&dtype).ok_or(DataError::NpyType {
            file: file(),
            dtype,
        })?;
        if shape.len() != dimensions {
            return Err(DataError::NpyShape {
                file: file(),
                shape,
                needed: dimensions,
            });
        }
        // Saturating: a product that passes 2^128 is not the size of a file.
        let sizes = shape.iter().map(|&size| size as u128);
        let expected = sizes.fold(width as u128, u128::saturating_mul);
        if body.len() as u128 != expected {
            return Err(DataError::NpySize {
                file: file(),
                expected,
                found: body.len(),
            });
        }
        if body.is_empty() {
            return Err(DataError::Empty { file: file() });
        }
        Ok(Self {
            shape,
            fortran,
            entries: body.chunks_exact(width).map(decode).collect(),
        })
    }
}

/// Magic string, version, length of the header (2 bytes in version 1, then 4), header, entries.
fn header_and_body<'a>(name: &str, bytes: &'a [u8]) -> Result<(&'a str, &'a [u8]), DataError> {
    let not_npy = || DataError::NotNpy {
        file: name.to_owned(),
    };
    let bad_header = || DataError::NpyHeader {
        file: name.to_owned(),
    };
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or_else(not_npy)?;
    let (length, rest) = match rest {
        [1, 0, a, b, rest @ ..] => (u32::from(u16::from_le_bytes([*a, *b])), rest),
        [2 | 3, 0, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]), rest),
        _ => return Err(not_npy()),
    };
    let (header, body) = rest
        .split_at_checked(length as usize)
        .ok_or_else(bad_header)?;
    Ok((std::str::from_utf8(header).map_err(|_| bad_header())?, body))
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
        None => return Some((excerpt(descr), false, vec![])), // a record, which no decoder takes
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

/// Bytes of an entry, and how to read it.
type Decoder = (usize, fn(&[u8]) -> f64);

fn decoder(dtype: &str) -> Option<Decoder> {
    fn array<const WIDTH: usize>(bytes: &[u8]) -> [u8; WIDTH] {
        bytes.try_into().expect("chunks are as wide as the entry")
    }
    match dtype {
        "<f8" => Some((8, |bytes| f64::from_le_bytes(array(bytes)))),
        ">f8" => Some((8, |bytes| f64::from_be_bytes(array(bytes)))),
        "<f4" => Some((4, |bytes| f64::from(f32::from_le_bytes(array(bytes))))),
        ">f4" => Some((4, |bytes| f64::from(f32::from_be_bytes(array(bytes))))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use npyz::WriterBuilder;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    /// A file of version 1.0 with this dictionary and these entries.
    fn npy(header: &str, body: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(body);
        bytes
    }

    fn read(header: &str, body: &[u8]) -> Result<DMatrix<f64>, DataError> {
        npy_from_reader("a.npy", &npy(header, body)[..])
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
            let mut bytes = npy(SQUARE, &body([0.0; 4]));
            (bytes[6], bytes[7]) = (major, minor);
            assert!(matches!(
                npy_from_reader("a", &bytes[..]),
                Err(DataError::NotNpy { .. })
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
                matches!(npy_from_reader("a", bytes), Err(DataError::NotNpy { file }) if file == "a")
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
                matches!(error, DataError::NpyHeader { .. }),
                "{header}: {error}"
            );
        }
        let mut bytes = npy(SQUARE, &[]);
        bytes[11] = 0xFF;
        assert!(matches!(
            npy_from_reader("a", &bytes[..]),
            Err(DataError::NpyHeader { .. })
        ));
        bytes.truncate(40);
        assert!(matches!(
            npy_from_reader("a", &bytes[..]),
            Err(DataError::NpyHeader { .. })
        ));
    }

    #[test]
    fn other_types_are_refused_by_name() {
        for (descr, found) in [
            ("'<i8'", "<i8"),
            ("'|O'", "|O"),
            ("'<c16'", "<c16"),
            ("[('shape', '<f8')]", "[('shape'"),
        ] {
            let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (2, 2)}}");
            let error = read(&header, &body([0.0; 4])).unwrap_err();
            assert!(
                matches!(&error, DataError::NpyType { dtype, .. } if dtype.starts_with(found)),
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
            assert!(matches!(error, DataError::NpyShape { shape, .. } if shape == found));
        }
        for shape in ["(0, 3)", "(3, 0)"] {
            assert!(matches!(
                read(&SQUARE.replace("(2, 2)", shape), &[]),
                Err(DataError::Empty { .. })
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
                matches!(error, DataError::NpySize { expected: 32, found, .. } if found == length)
            );
        }
        let huge = SQUARE.replace("(2, 2)", &format!("({}, {})", usize::MAX, usize::MAX));
        assert!(matches!(
            read(&huge, &[]),
            Err(DataError::NpySize {
                expected: u128::MAX,
                found: 0,
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
                DataError::NotFiniteEntry {
                    row: 2,
                    column: 1,
                    ..
                }
            ));
            let fortran = SQUARE.replace("False", "True");
            let error = read(&fortran, &body([1.0, bad, bad, 4.0])).unwrap_err();
            assert!(matches!(
                error,
                DataError::NotFiniteEntry {
                    row: 1,
                    column: 2,
                    ..
                }
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
            let mut bytes = npy(SQUARE, &body([1.0, 2.0, 3.0, 4.0]));
            bytes.resize(length.max(60), 0);
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(matrix) = npy_from_reader("a", &bytes[..]) {
                prop_assert!(matrix.iter().all(|value| value.is_finite()));
            }
        }
    }
}
