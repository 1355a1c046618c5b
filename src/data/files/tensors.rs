//! Files of named arrays: NPZ archives and safetensors, as networks are kept in.

use std::path::Path;

use safetensors::tensor::{SafeTensorError, TensorView};
use safetensors::{Dtype, SafeTensors};

use super::DataError;
use super::archive::Archive;
use super::npy::{Array, ArrayError, Role, half};
use super::npz::{is_zip, stem};
use super::source::Source;

/// Bytes of the length of a safetensors header.
const LENGTH: usize = 8;

/// An array of a file of several: its entries are finite, in C order, and none is rounded.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedArray {
    /// The name in the file.
    pub name: String,
    /// The sizes of its dimensions; none for a single number.
    pub shape: Vec<usize>,
    /// The entries, the last dimension the fastest.
    pub entries: Vec<f64>,
}

/// Reads every array of an NPZ archive or a safetensors file, told by what it begins with; `-` is the standard input.
///
/// # Errors
/// [`DataError::Unreadable`], [`DataError::NotAFile`], [`DataError::Gzip`], [`DataError::Endless`], and those of
/// [`arrays_from_bytes`].
pub fn read_arrays(path: &Path) -> Result<Vec<NamedArray>, DataError> {
    let mut source = Source::open(path)?;
    arrays_from_bytes(&source.name.clone(), &source.contents()?)
}

/// Reads every array of the bytes of an NPZ archive, of the types of [`npy_from_reader`](super::npy_from_reader), or of a
/// safetensors file, of floats of 16 (either kind), 32 and 64 bits.
///
/// # Arguments
/// * `name` stands for the file in messages.
///
/// # Returns
/// In the order of their names.
///
/// # Guarantee
/// Exact: every entry is the stored number.
///
/// # Errors
/// [`DataError::NoArrays`] for bytes of another kind; [`DataError::SafeTensors`]; [`DataError::InArray`] with the array
/// and the place.
///
/// # Cost
/// Linear. Memory is at most a constant times the bytes, whatever they say.
pub fn arrays_from_bytes(name: &str, bytes: &[u8]) -> Result<Vec<NamedArray>, DataError> {
    let mut arrays = if is_zip(bytes) {
        archived(name, bytes)?
    } else if is_safetensors(bytes) {
        tensors(name, bytes)?
    } else {
        let file = name.to_owned();
        return Err(DataError::NoArrays { file });
    };
    arrays.sort_by(|a, b| a.name.cmp(&b.name));
    match arrays.windows(2).find(|pair| pair[0].name == pair[1].name) {
        Some(pair) => {
            let array = pair[0].name.clone();
            let times = arrays.iter().filter(|other| other.name == array).count();
            Err(ArrayError::Twice { array, times }.of(name))
        }
        None => Ok(arrays),
    }
}

/// Tells whether bytes begin as a safetensors file does: a length, and a JSON object behind it.
fn is_safetensors(bytes: &[u8]) -> bool {
    bytes.get(LENGTH) == Some(&b'{')
}

/// The error of an array of a file.
fn in_array(file: &str, array: &str, cause: ArrayError) -> DataError {
    // Rows and columns are words of tables, layers and particles those of other networks.
    let cause = match cause {
        ArrayError::NotFinite { index, value } => ArrayError::NotFiniteEntry { index, value },
        other => other,
    };
    DataError::InArray {
        file: file.to_owned(),
        array: array.to_owned(),
        cause,
    }
}

fn archived(file: &str, bytes: &[u8]) -> Result<Vec<NamedArray>, DataError> {
    let damaged = |cause| ArrayError::NotNpz { cause }.of(file);
    let archive = Archive::try_new(bytes).map_err(damaged)?;
    if archive.overlaps() {
        return Err(damaged("its entries overlap"));
    }
    let names = archive.names().enumerate();
    let mut arrays = vec![];
    for (position, entry) in names.filter(|(_, name)| !name.ends_with('/')) {
        let name = stem(&entry).to_owned();
        let read = || {
            let cause = |cause| ArrayError::NotNpz { cause };
            let mut entry = archive.open(position).map_err(cause)?;
            let size = entry.size();
            Array::read(&mut entry, size, Role::Weights)
        };
        let array = read().map_err(|cause| in_array(file, &name, cause))?;
        let (shape, entries) = array.into_rows();
        arrays.push(NamedArray {
            name,
            shape,
            entries,
        });
    }
    Ok(arrays)
}

fn tensors(file: &str, bytes: &[u8]) -> Result<Vec<NamedArray>, DataError> {
    let read = SafeTensors::deserialize(bytes).map_err(|cause| DataError::SafeTensors {
        file: file.to_owned(),
        cause: words(&cause),
    })?;
    let named = read.tensors().into_iter().map(|(name, tensor)| {
        let entries = decoded(&tensor).map_err(|cause| in_array(file, &name, cause))?;
        let shape = tensor.shape().to_vec();
        Ok(NamedArray {
            name,
            shape,
            entries,
        })
    });
    named.collect()
}

/// What is wrong with a safetensors file, in words.
fn words(cause: &SafeTensorError) -> &'static str {
    match cause {
        SafeTensorError::HeaderTooLarge => "its header says that it is larger than 100 MB",
        SafeTensorError::HeaderTooSmall | SafeTensorError::InvalidHeaderLength => {
            "it ends within its header"
        }
        SafeTensorError::InvalidHeader(_)
        | SafeTensorError::InvalidHeaderDeserialization(_)
        | SafeTensorError::JsonError(_) => "its header is not the JSON of one",
        SafeTensorError::MetadataIncompleteBuffer => {
            "it has fewer or more bytes than its header says"
        }
        SafeTensorError::ValidationOverflow => "the sizes in its header overflow",
        _ => "the shapes, types and places in its header contradict each other",
    }
}

/// The entries of a tensor, which are finite.
fn decoded(tensor: &TensorView<'_>) -> Result<Vec<f64>, ArrayError> {
    let (width, number): (usize, fn(&[u8]) -> f64) = match tensor.dtype() {
        Dtype::F16 => (2, |b| half(u16::from_le_bytes([b[0], b[1]]))),
        Dtype::BF16 => (2, |b| f64::from(f32::from_le_bytes([0, 0, b[0], b[1]]))),
        Dtype::F32 => (4, |b| {
            f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        }),
        Dtype::F64 => (8, |b| {
            f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])
        }),
        other => {
            return Err(ArrayError::Type {
                dtype: format!("{other:?}"),
                what: "not floats of 16, 32 or 64 bits",
                remedy: "save x.astype('float64'), or leave the array out",
            });
        }
    };
    let (shape, data) = (tensor.shape(), tensor.data());
    if data.is_empty() {
        let shape = shape.to_vec();
        return Err(ArrayError::Empty { shape });
    }
    let entries: Vec<f64> = data.chunks_exact(width).map(number).collect();
    match entries.iter().position(|entry| !entry.is_finite()) {
        Some(place) => Err(ArrayError::NotFinite {
            index: index(shape, place),
            value: entries[place],
        }),
        None => Ok(entries),
    }
}

/// The index, counted from 1, of an entry of a place in C order, counted from 0.
fn index(shape: &[usize], mut place: usize) -> Vec<usize> {
    let digit = |&size: &usize| {
        let digit = place % size + 1;
        place /= size;
        digit
    };
    let mut index: Vec<usize> = shape.iter().rev().map(digit).collect();
    index.reverse();
    index
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{archive, npy};
    use super::*;

    /// A safetensors file: a header, and the bytes of the tensors.
    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let length = (header.len() as u64).to_le_bytes();
        [&length, header.as_bytes(), data].concat()
    }

    fn one(dtype: &str, shape: &str, data: &[u8]) -> Result<Vec<NamedArray>, DataError> {
        let end = data.len();
        let header = format!(
            "{{\"w\":{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":[0,{end}]}}}}"
        );
        arrays_from_bytes("net", &file(&header, data))
    }

    fn message(found: Result<Vec<NamedArray>, DataError>) -> String {
        found.unwrap_err().to_string()
    }

    #[test]
    fn floats_of_every_width_are_read_exactly() {
        // 1.5, −0.25 in both halves, and what no half holds in the others.
        let half: Vec<u8> = [0x3e00u16, 0xb400]
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        let brain: Vec<u8> = [0x3fc0u16, 0xbe80]
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        for (dtype, data) in [("F16", half), ("BF16", brain)] {
            let read = one(dtype, "[2,1]", &data).unwrap();
            assert_eq!(read[0].entries, [1.5, -0.25]);
            assert_eq!(read[0].shape, [2, 1]);
        }
        let single: Vec<u8> = [0.1f32, 2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        let read = one("F32", "[2]", &single).unwrap();
        assert_eq!(read[0].entries, [f64::from(0.1f32), 2.0]);
        let read = one("F64", "[]", &0.1f64.to_le_bytes()).unwrap();
        assert_eq!((read[0].shape.len(), read[0].entries[0]), (0, 0.1));
    }

    #[test]
    fn archives_are_read_whole_in_the_order_of_names() {
        let (one, three) = (
            npy("(2,)", &[1.0, 2.0]),
            npy("(1, 2, 2)", &[1.0, 2.0, 3.0, 4.0]),
        );
        let mut number = npy("()", &[7.0]);
        for deflated in [false, true] {
            let entries: &[(&str, &[u8])] = &[("z.npy", &one), ("a", &three), ("n.npy", &number)];
            let read = arrays_from_bytes("net", &archive(entries, deflated)).unwrap();
            let names: Vec<&str> = read.iter().map(|array| &*array.name).collect();
            assert_eq!(names, ["a", "n", "z"]);
            assert_eq!(read[0].shape, [1, 2, 2]);
            assert_eq!(read[0].entries, [1.0, 2.0, 3.0, 4.0]);
            assert_eq!((read[1].shape.len(), read[1].entries[0]), (0, 7.0));
        }
        // Fortran's order is undone.
        let text = String::from_utf8_lossy(&three).replace("False", "True ");
        assert_eq!(text.len(), String::from_utf8_lossy(&three).len());
        let place = three.windows(5).position(|word| word == b"False").unwrap();
        let mut turned = three.clone();
        turned[place..place + 5].copy_from_slice(b"True ");
        let read = arrays_from_bytes("net", &archive(&[("a", &turned)], false)).unwrap();
        assert_eq!(read[0].entries, [1.0, 3.0, 2.0, 4.0]);
        // A name twice, and an array that is cut short.
        let twice = archive(&[("a.npy", &one), ("a", &one)], false);
        assert!(message(arrays_from_bytes("net", &twice)).contains("2 arrays are named `a`"));
        number.pop();
        let short = message(arrays_from_bytes("net", &archive(&[("n", &number)], true)));
        assert!(short.starts_with("net: array `n`: "), "{short}");
    }

    #[test]
    fn what_is_not_finite_is_placed_in_its_array() {
        let mut data: Vec<u8> = [1f64; 6].iter().flat_map(|x| x.to_le_bytes()).collect();
        data[32..40].copy_from_slice(&f64::NAN.to_le_bytes());
        let found = message(one("F64", "[3,1,2]", &data));
        assert!(found.contains("array `w`: entry [3, 1, 1]: NaN"), "{found}");
        let broken = npy("(1, 3, 2)", &[0.0, 1.0, 2.0, 3.0, f64::INFINITY, 5.0]);
        let found = message(arrays_from_bytes("net", &archive(&[("w", &broken)], true)));
        assert!(found.contains("array `w`: entry [1, 3, 1]: inf"), "{found}");
    }

    #[test]
    fn damaged_files_are_refused_in_words() {
        let header = "{\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}";
        let whole = file(header, &[0; 8]);
        assert!(arrays_from_bytes("net", &whole).is_ok());
        let mut huge = whole.clone();
        huge[..8].copy_from_slice(&u64::MAX.to_le_bytes());
        let mut large = whole.clone();
        large[..8].copy_from_slice(&90_000_000u64.to_le_bytes());
        let contradicting = header.replace("[1]", "[2]");
        let overflowing = header.replace("[1]", "[4294967296,4294967296,4294967296]");
        for (bytes, part) in [
            (huge, "larger than 100 MB"),
            (large, "ends within its header"),
            (whole[..whole.len() - 1].to_vec(), "fewer or more bytes"),
            (file("{\"w\":7}", &[]), "not the JSON of one"),
            (file(&contradicting, &[0; 8]), "contradict each other"),
            (file(&overflowing, &[0; 8]), "its header"),
            (b"1,2,3\n4,5,6\n".to_vec(), "neither an NPZ archive nor"),
            (vec![], "neither an NPZ archive nor"),
        ] {
            let found = message(arrays_from_bytes("net", &bytes));
            assert!(
                found.starts_with("net: ") && found.contains(part),
                "{found}"
            );
        }
        let found = message(one("I64", "[1]", &[0; 8]));
        assert!(found.contains("not floats of 16, 32 or 64 bits"), "{found}");
        let found = message(one("F32", "[0,4]", &[]));
        assert!(found.contains("is empty"), "{found}");
    }
}
