//! Reading a table, whatever its format.

use std::io::Read;
use std::path::Path;

use super::delimited::csv_from_source;
use super::format::Format;
use super::npy::{Role, matrix_from_npy};
use super::npz::matrix_for;
use super::source::Source;
use super::sparse::is_svmlight;
use super::{ArrayError, DataError, Dataset, Preparation, Table, matrix_market, prepare, svmlight};

/// Reads a table from a file; `-` is the standard input.
///
/// The format is told by the first bytes, after decompression of gzip, whatever the extension: an array of NumPy's
/// or an archive of one, a matrix in Matrix Market's format, a table in that of [`svmlight`], or text by the rules of
/// [`csv_from_reader`](super::csv_from_reader). What is called `.npy`, `.npz` or `.mtx` and is text must be of that
/// format.
///
/// # Errors
/// [`DataError::ForeignFormat`] names a format that is not read; [`DataError::Unreadable`], [`DataError::Gzip`],
/// [`DataError::Endless`], and those of the format.
pub fn read_table(path: &Path) -> Result<Table, DataError> {
    read_table_with(path, None)
}

/// Reads a table from a file, as [`read_table`] does: of an archive the array of that name.
///
/// # Errors
/// Those of [`read_table`]; a name where there is no archive.
pub fn read_table_with(path: &Path, array: Option<&str>) -> Result<Table, DataError> {
    table(Source::open(path)?, array, Role::Table)
}

/// Reads the numbers of a file in its order, as [`read_table`] does, row by row; an array of NumPy's may have one
/// dimension.
///
/// # Errors
/// Those of [`read_table`]; [`DataError::NotNumeric`] for a word.
pub fn read_vector(path: &Path) -> Result<Vec<f64>, DataError> {
    let numbers = table(Source::open(path)?, None, Role::Vector)?.to_matrix()?;
    Ok(numbers.transpose().as_slice().to_vec())
}

/// Reads a table from any reader, as [`read_table`] does; `name` stands for the file in messages.
///
/// # Errors
/// Those of [`read_table`].
///
/// # Example
/// ```
/// let error = polyak::data::table_from_reader("here", &b"PAR1\x15\0"[..]).unwrap_err();
/// assert!(error.to_string().starts_with("here: a Parquet file, which is not read"));
/// ```
pub fn table_from_reader(name: &str, reader: impl Read) -> Result<Table, DataError> {
    table(Source::try_new(name, "", reader, None)?, None, Role::Table)
}

fn table(mut source: Source, array: Option<&str>, role: Role) -> Result<Table, DataError> {
    let file = source.name.clone();
    // An extension of a format is a promise, and tells archives of arrays from others.
    let format = match (source.extension.as_str(), source.format) {
        ("npy", Format::Text) => Format::Npy,
        ("npz", Format::Text | Format::Foreign(..)) => Format::Npz,
        ("mtx", Format::Text) => Format::MatrixMarket,
        (_, Format::Text) if is_svmlight(&source.head) => Format::Svmlight,
        (_, format) => format,
    };
    if let Some(array) = array.filter(|_| format != Format::Npz) {
        let array = array.to_owned();
        return Err(ArrayError::Nameless { array }.of(&file));
    }
    let foreign = |format, remedy| {
        Err(DataError::ForeignFormat {
            file: file.clone(),
            format,
            remedy,
        })
    };
    match format {
        Format::Text => csv_from_source(source),
        Format::Npy => {
            Table::from_matrix(&file, &matrix_from_npy(&file, &source.contents()?, role)?)
        }
        Format::Npz => {
            Table::from_matrix(&file, &matrix_for(&file, &source.contents()?, array, role)?)
        }
        Format::MatrixMarket => {
            Table::from_matrix(&file, &matrix_market(&file, &source.contents()?)?)
        }
        Format::Svmlight => svmlight(&file, &source.contents()?),
        Format::Gzip => foreign("a file compressed twice", "decompress it once"),
        Format::Foreign(format, remedy) => foreign(format, remedy),
    }
}

/// Reads a file and prepares it: [`read_table`], then [`prepare`].
///
/// # Errors
/// Those of the two.
///
/// # Example
/// ```no_run
/// use polyak::data::{Preparation, read_dataset};
///
/// let preparation = Preparation::default().with_target("price".parse().unwrap());
/// let data = read_dataset("houses.csv".as_ref(), &preparation)?;
/// println!("{}", data.notes.join("\n"));
/// # Ok::<(), polyak::data::DataError>(())
/// ```
pub fn read_dataset(path: &Path, preparation: &Preparation) -> Result<Dataset, DataError> {
    prepare(&read_table(path)?, preparation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DMatrix;

    fn read(name: &str, contents: &[u8]) -> Result<Dataset, DataError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, contents).unwrap();
        let data = read_dataset(
            &path,
            &Preparation {
                standardise: false,
                ..Preparation::default()
            },
        );
        assert!(
            data.as_ref()
                .is_ok_and(|data| data.name == path.display().to_string())
                || data.is_err()
        );
        data
    }

    #[test]
    fn text_is_read_whatever_its_extension() {
        for (name, text) in [
            ("a.csv", "1,2\n3,4\n"),
            ("a.TSV", "1\t2\n3\t4\n"),
            ("a.txt", "1;2\n3;4\n"),
        ] {
            let data = read(name, text.as_bytes()).unwrap();
            assert_eq!(
                (data.inputs, data.targets),
                (
                    DMatrix::from_row_slice(1, 2, &[1.0, 3.0]),
                    DMatrix::from_row_slice(1, 2, &[2.0, 4.0])
                ),
                "{name}"
            );
        }
    }

    #[test]
    fn arrays_are_read() {
        let mut bytes =
            b"\x93NUMPY\x01\x00\x36\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2,2)}"
                .to_vec();
        let header = bytes.len() - 10;
        bytes[8] = u8::try_from(header).unwrap();
        for value in [0.1 + 0.2, 7.0, 1e-300, 8.0] {
            bytes.extend(f64::to_le_bytes(value));
        }
        let data = read("a.npy", &bytes).unwrap();
        assert_eq!(
            (data.inputs, data.targets),
            (
                DMatrix::from_row_slice(1, 2, &[0.1 + 0.2, 1e-300]),
                DMatrix::from_row_slice(1, 2, &[7.0, 8.0])
            )
        );
    }

    #[test]
    fn the_extension_of_text_does_not_matter() {
        for name in ["a.data", "a.dat", "a", "a.xyz", "a.csv.gz", "csv"] {
            let data = read(name, b"1,2\n3,4\n").unwrap();
            assert_eq!(data.inputs, DMatrix::from_row_slice(1, 2, &[1.0, 3.0]));
        }
    }

    #[test]
    fn other_formats_are_refused_by_name() {
        let error = read("a.csv", b"\x89HDF\r\n\x1a\n").unwrap_err();
        let (path, message) = error
            .to_string()
            .split_once(": ")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        assert!(path.ends_with("a.csv"));
        assert_eq!(
            message,
            "an HDF5 file, which is not read; write the array with numpy.save"
        );
        assert!(matches!(
            read("a.npy", b"1,2\n"),
            Err(DataError::Array {
                cause: ArrayError::NotNpy,
                ..
            })
        ));
    }

    #[test]
    fn what_is_not_text_is_refused_before_it_is_read_whole() {
        // An endless source would be read up to the limit.
        for (byte, line) in [(0, 1), (0xFF, 1)] {
            let error = table_from_reader("s", std::io::repeat(byte)).unwrap_err();
            match byte {
                0 => assert!(matches!(error, DataError::ZeroByte { line: at, .. } if at == line)),
                _ => assert!(matches!(error, DataError::NotUtf8 { line: at, .. } if at == line)),
            }
        }
    }

    #[test]
    fn missing_files_and_directories_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for extension in ["csv", "npy"] {
            let path = folder.path().join("absent").with_extension(extension);
            let error = read_table(&path).unwrap_err();
            assert!(matches!(error, DataError::Unreadable { cause, file }
                if cause.kind() == std::io::ErrorKind::NotFound && file == path.display().to_string()));
            let path = folder.path().join("directory").with_extension(extension);
            std::fs::create_dir(&path).unwrap();
            // Some systems do not even open one.
            assert!(matches!(
                read_table(&path),
                Err(DataError::NotAFile { .. } | DataError::Unreadable { .. })
            ));
        }
    }
}
