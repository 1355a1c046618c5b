//! Reading by extension.

use std::path::Path;

use super::{DataError, Dataset, Preparation, Table, prepare, read_csv, read_npy};

/// Reads a table: `.csv`, `.tsv` and `.txt` as delimited text, `.npy` as a NumPy array; the case of the
/// extension does not matter.
///
/// # Errors
/// [`DataError::UnknownExtension`], and those of [`read_csv`] and [`read_npy`].
pub fn read_table(path: &Path) -> Result<Table, DataError> {
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let file = path.display().to_string();
    match extension.as_str() {
        "csv" | "tsv" | "txt" => read_csv(path),
        "npy" => Table::from_matrix(&file, &read_npy(path)?),
        _ => Err(DataError::UnknownExtension { file, extension }),
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
/// let preparation = Preparation { target: "price".parse().unwrap(), ..Preparation::default() };
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
    fn other_extensions_are_refused() {
        for (name, found) in [("a.xlsx", "xlsx"), ("csv", ""), ("a.csv.gz", "gz")] {
            let error = read(name, b"1,2\n3,4\n").unwrap_err();
            assert!(
                matches!(&error, DataError::UnknownExtension { extension, .. } if extension == found)
            );
            assert!(
                error
                    .to_string()
                    .contains(".csv, .tsv, .txt (delimited text) and .npy")
            );
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
            assert!(matches!(
                read_table(&path),
                Err(DataError::Unreadable { .. })
            ));
        }
    }
}
