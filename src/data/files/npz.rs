//! Reading NPZ files, NumPy's archives of named arrays: which of them is meant.

use super::DataError;
use super::archive::Archive;
use super::npy::{Array, ArrayError, Role};
use nalgebra::DMatrix;

/// What every zip archive begins with.
const ZIP: &[u8] = b"PK";

/// Reads a two-dimensional array from the bytes of an NPZ archive, or of an NPY file.
///
/// # Arguments
/// * `name` stands for the file in messages.
/// * `array`: the name of the array, with or without `.npy`; if none, there must be one array only.
///
/// # Errors
/// [`DataError::Array`] with an [`ArrayError`].
pub fn matrix_from_npz(
    name: &str,
    bytes: &[u8],
    array: Option<&str>,
) -> Result<DMatrix<f64>, DataError> {
    matrix_for(name, bytes, array, Role::Table)
}

/// Reads a matrix for a role.
pub(super) fn matrix_for(
    name: &str,
    bytes: &[u8],
    array: Option<&str>,
    role: Role,
) -> Result<DMatrix<f64>, DataError> {
    let array = named(bytes, array, None, role);
    Ok(array.map_err(|cause| cause.of(name))?.into_matrix())
}

/// Reads an array of an NPZ archive or of an NPY file.
///
/// # Arguments
/// * `wanted`: the name that was asked for, which must be there.
/// * `usual`: the name that is taken if none was asked for and it is there.
pub(super) fn named(
    bytes: &[u8],
    wanted: Option<&str>,
    usual: Option<&str>,
    role: Role,
) -> Result<Array, ArrayError> {
    if is_npy(bytes) {
        return match wanted {
            Some(array) => Err(ArrayError::Nameless {
                array: array.to_owned(),
            }),
            None => Array::read(&mut &bytes[..], bytes.len() as u64, role),
        };
    }
    let archive = Archive::try_new(bytes).map_err(|cause| ArrayError::NotNpz { cause })?;
    let position = choose(&archive, wanted, usual)?;
    let mut entry = archive
        .open(position)
        .map_err(|cause| ArrayError::NotNpz { cause })?;
    let size = entry.size();
    Array::read(&mut entry, size, role)
}

/// Tells whether bytes begin as an NPY file does.
pub(super) fn is_npy(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x93NUMPY")
}

/// Tells whether bytes begin as a zip archive does.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP)
}

/// The position of the array that is meant.
fn choose(
    archive: &Archive,
    wanted: Option<&str>,
    usual: Option<&str>,
) -> Result<usize, ArrayError> {
    let entries = archive.names().enumerate();
    let entries = entries.filter(|(_, name)| !name.ends_with('/'));
    let arrays: Vec<(usize, String)> = entries
        .map(|(position, name)| (position, stem(&name).to_owned()))
        .collect();
    let places = |array: &str| -> Vec<usize> {
        let same = arrays.iter().filter(|(_, name)| name == stem(array));
        same.map(|(position, _)| *position).collect()
    };
    let available = || arrays.iter().map(|(_, name)| name.clone()).collect();
    let usual = usual.filter(|array| !places(array).is_empty());
    let Some(array) = wanted.or(usual) else {
        return match arrays[..] {
            [(position, _)] => Ok(position),
            [] => Err(ArrayError::NotNpz {
                cause: "it holds no array",
            }),
            _ if !places("indptr").is_empty() && !places("indices").is_empty() => {
                Err(ArrayError::SparseOfScipy)
            }
            _ => Err(ArrayError::Several {
                available: available(),
            }),
        };
    };
    match places(array)[..] {
        [position] => Ok(position),
        [] => Err(ArrayError::NoArray {
            array: array.to_owned(),
            available: available(),
        }),
        ref several => Err(ArrayError::Twice {
            array: array.to_owned(),
            times: several.len(),
        }),
    }
}

/// The name of an array from that of its entry.
pub(super) fn stem(entry: &str) -> &str {
    entry.strip_suffix(".npy").unwrap_or(entry)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{archive, npy};
    use super::*;

    fn read(entries: &[(&str, &[u8])], array: Option<&str>) -> Result<f64, ArrayError> {
        match matrix_from_npz("a.npz", &archive(entries, true), array) {
            Ok(matrix) => Ok(matrix[(0, 0)]),
            Err(DataError::Array { cause, .. }) => Err(cause),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn one_array_is_taken_and_several_are_asked_for() {
        let (one, two) = (npy("(1, 1)", &[1.0]), npy("(1, 2)", &[2.0, 3.0]));
        for name in ["x.npy", "x", "arr_0.npy", "a/b.npy"] {
            assert_eq!(read(&[(name, &one)], None), Ok(1.0));
        }
        assert_eq!(read(&[("folder/", b""), ("x.npy", &one)], None), Ok(1.0));
        let both: &[(&str, &[u8])] = &[("x.npy", &one), ("y", &two)];
        for (asked, first) in [("x", 1.0), ("y", 2.0), ("x.npy", 1.0), ("y.npy", 2.0)] {
            assert_eq!(read(both, Some(asked)), Ok(first));
        }
        let available = vec!["x".to_owned(), "y".to_owned()];
        let several = ArrayError::Several {
            available: available.clone(),
        };
        assert!(
            several
                .to_string()
                .contains("x, y; name one of them with --array")
        );
        assert_eq!(read(both, None), Err(several));
        let array = "z".to_owned();
        assert_eq!(
            read(both, Some("z")),
            Err(ArrayError::NoArray { array, available })
        );
    }

    #[test]
    fn archives_of_another_kind_are_refused_in_words() {
        let one = npy("(1, 1)", &[1.0]);
        let twice = read(&[("x.npy", &one), ("x", &one)], Some("x"));
        assert!(matches!(twice, Err(ArrayError::Twice { times: 2, .. })));
        let scipy: Vec<(&str, &[u8])> = [
            "indices.npy",
            "indptr.npy",
            "format.npy",
            "shape.npy",
            "data.npy",
        ]
        .map(|name| (name, &one[..]))
        .to_vec();
        assert_eq!(read(&scipy, None), Err(ArrayError::SparseOfScipy));
        assert!(matches!(
            read(&[], None),
            Err(ArrayError::NotNpz {
                cause: "it holds no array"
            })
        ));
        // An entry that is larger or smaller than its header says is not unpacked.
        let wrong = npy("(1, 4)", &[0.0; 1000]);
        let size = ArrayError::Size {
            expected: 32,
            found: 8000,
        };
        assert_eq!(read(&[("x.npy", &wrong)], None), Err(size));
    }

    #[test]
    fn seventy_thousand_names_are_one_short_line() {
        let available = (0..70_000).map(|k| format!("array_{k}")).collect();
        let message = ArrayError::Several { available }.to_string();
        assert!(
            message.contains("70000 arrays") && message.len() < 400,
            "{message}"
        );
    }
}
