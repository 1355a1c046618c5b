//! A triangular factor in a folder: a manifest, and an NPY file a tile.

use super::npy::{Role, read_array};
use super::{DataError, read_bytes};
use crate::spectrum::factor::{FactorTiles, TileFailure, Tiling};
use nalgebra::DMatrix;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

/// The name of the manifest.
const MANIFEST: &str = "manifest.json";

/// A manifest has no more bytes.
const LONGEST: u64 = 1 << 20;

/// A folder that holds no factor.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TileFolderError {
    /// The manifest cannot be read.
    #[error(transparent)]
    Unreadable(#[from] DataError),
    /// The manifest does not say what it must.
    #[error(
        "{}: {cause}; it should say {{\"n\": 4096, \"tile\": 512, \"shift\": 0.01, \"order\": \"lower\", \"dtype\": \"f64\"}}",
        .file.display()
    )]
    Manifest {
        /// The manifest.
        file: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// A tile is not there, or is shorter than its entries.
    #[error(
        "{}: the file of {rows} × {columns} entries {found}; write the tile again",
        .file.display()
    )]
    Tile {
        /// The file.
        file: PathBuf,
        /// The rows that it should have.
        rows: usize,
        /// The columns that it should have.
        columns: usize,
        /// What it is instead, in words.
        found: String,
    },
}

/// Which triangle the files hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Triangle {
    /// `L` of `K − sI ≈ LLᵀ`: files `row-column.npy` with `column ≤ row`.
    Lower,
    /// `U` of `K − sI ≈ UᵀU`: files `row-column.npy` with `row ≤ column`.
    Upper,
}

/// The type of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Dtype {
    #[serde(rename = "f32", alias = "float32")]
    Single,
    #[serde(rename = "f64", alias = "float64")]
    Double,
}

impl Dtype {
    fn width(self) -> u64 {
        match self {
            Self::Single => 4,
            Self::Double => 8,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Manifest {
    n: usize,
    tile: usize,
    shift: Option<f64>,
    order: Triangle,
    dtype: Dtype,
}

/// A triangular factor of `K − shift·I` in a folder, as another engine left it.
///
/// `manifest.json` says the order `n`, the side of a tile `tile`, the `shift`, the `order` of the triangle (`"lower"`: `K − sI ≈
/// LLᵀ`, or `"upper"`: `UᵀU`) and the `dtype` (`"f32"` or `"f64"`); what else it says is left alone. Tile (I, J), from 0, is the file `I-J.npy`,
/// in C or Fortran order. Nothing of it is believed: see [`crate::spectrum::factor`].
///
/// # Example
/// ```
/// use polyak::data::TileFolder;
/// use polyak::spectrum::factor::FactorTiles;
///
/// let folder = tempfile::tempdir()?;
/// let manifest = r#"{"n": 1, "tile": 8, "shift": 0.5, "order": "lower", "dtype": "f64"}"#;
/// std::fs::write(folder.path().join("manifest.json"), manifest)?;
/// let mut tile = b"\x93NUMPY\x01\x00\x3a\x00{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1)}\n".to_vec();
/// tile.extend(0.5_f64.to_le_bytes());
/// std::fs::write(folder.path().join("0-0.npy"), tile)?;
///
/// let factor = TileFolder::open(folder.path())?;
/// assert_eq!((factor.tiling().order(), factor.shift()), (1, Some(0.5)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TileFolder {
    folder: PathBuf,
    manifest: Manifest,
}

impl TileFolder {
    /// Reads the manifest, and looks whether every tile is there and long enough.
    ///
    /// # Errors
    /// [`TileFolderError`].
    pub fn open(folder: &Path) -> Result<Self, TileFolderError> {
        let file = folder.join(MANIFEST);
        let bytes = read_bytes(&file, LONGEST)?;
        let wrong = |cause: String| TileFolderError::Manifest {
            file: file.clone(),
            cause,
        };
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|cause| wrong(cause.to_string()))?;
        if manifest.n == 0 || manifest.tile == 0 {
            return Err(wrong("`n` and `tile` must be above 0".to_owned()));
        }
        let factor = Self {
            folder: folder.to_owned(),
            manifest,
        };
        let tiling = factor.tiling();
        for row in 0..tiling.rows() {
            for column in 0..=row {
                factor.look_at(row, column)?;
            }
        }
        Ok(factor)
    }

    /// The shift that the manifest states, if it does.
    #[must_use]
    pub fn shift(&self) -> Option<f64> {
        self.manifest.shift
    }

    /// The file of a tile of the lower triangle, and its shape there.
    fn file(&self, row: usize, column: usize) -> (PathBuf, usize, usize) {
        let tiling = self.tiling();
        let (row, column) = match self.manifest.order {
            Triangle::Lower => (row, column),
            Triangle::Upper => (column, row),
        };
        let file = self.folder.join(format!("{row}-{column}.npy"));
        (file, tiling.range(row).len(), tiling.range(column).len())
    }

    fn look_at(&self, row: usize, column: usize) -> Result<(), TileFolderError> {
        let (file, rows, columns) = self.file(row, column);
        let needed = (rows as u64)
            .saturating_mul(columns as u64)
            .saturating_mul(self.manifest.dtype.width());
        let found = match fs::metadata(&file) {
            Err(cause) => format!("cannot be read ({cause})"),
            Ok(found) if !found.is_file() => "is no file".to_owned(),
            Ok(found) if found.len() < needed => {
                format!(
                    "has {} bytes, and its entries alone take {needed}",
                    found.len()
                )
            }
            Ok(_) => return Ok(()),
        };
        Err(TileFolderError::Tile {
            file,
            rows,
            columns,
            found,
        })
    }
}

impl FactorTiles for TileFolder {
    fn tiling(&self) -> Tiling {
        Tiling::new(self.manifest.n, self.manifest.tile)
    }

    fn tile(&self, row: usize, column: usize) -> Result<DMatrix<f64>, TileFailure> {
        let (file, ..) = self.file(row, column);
        let tile = read_array(&file, Role::Tile)?;
        Ok(match self.manifest.order {
            Triangle::Lower => tile,
            Triangle::Upper => tile.transpose(),
        })
    }

    fn is_single(&self) -> bool {
        self.manifest.dtype == Dtype::Single
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::npy;
    use super::*;
    use crate::spectrum::factor::{TiledMatrix, prove_smallest};
    use crate::watch::Stop;
    use tempfile::TempDir;

    /// Writes the tiles of a factor of order 5 in tiles of side 2.
    fn folder(manifest: &str, upper: bool) -> (TempDir, DMatrix<f64>) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(MANIFEST), manifest).unwrap();
        let factor = DMatrix::from_fn(
            5,
            5,
            |i, j| if j <= i { (i + 2 * j + 1) as f64 } else { 0.0 },
        );
        let tiling = Tiling::new(5, 2);
        for row in 0..3 {
            for column in 0..=row {
                let (rows, columns) = (tiling.range(row), tiling.range(column));
                let tile = factor.view((rows.start, columns.start), (rows.len(), columns.len()));
                // Row by row, as NumPy writes: a tile of U = Lᵀ is the transpose.
                let (name, shape, values) = match upper {
                    false => (
                        format!("{row}-{column}.npy"),
                        tile.shape(),
                        tile.transpose().as_slice().to_vec(),
                    ),
                    true => (
                        format!("{column}-{row}.npy"),
                        (tile.ncols(), tile.nrows()),
                        tile.into_owned().as_slice().to_vec(),
                    ),
                };
                let bytes = npy(&format!("{shape:?}"), &values);
                fs::write(folder.path().join(name), bytes).unwrap();
            }
        }
        (folder, factor)
    }

    const GOOD: &str = r#"{"n": 5, "tile": 2, "shift": 0.25, "order": "lower", "dtype": "float64", "engine": "x"}"#;

    #[test]
    fn lower_and_upper_factors_are_the_same_one() {
        for upper in [false, true] {
            let manifest = match upper {
                false => GOOD.to_owned(),
                true => GOOD.replace("lower", "upper"),
            };
            let (folder, factor) = folder(&manifest, upper);
            let tiles = TileFolder::open(folder.path()).unwrap();
            assert_eq!(tiles.shift(), Some(0.25));
            assert!(!tiles.is_single());
            // Small whole numbers: the residual is zero.
            let exact = &factor * factor.transpose() + DMatrix::identity(5, 5) * 0.25;
            let matrix = TiledMatrix::of_entries(&exact).unwrap();
            let bound = prove_smallest(&matrix, &tiles, 0.25, None, &Stop::default()).unwrap();
            assert!(
                bound.residual == 0.0 && 0.25 - bound.lo < 1e-11,
                "{bound:?}"
            );
        }
    }

    #[test]
    fn what_is_wrong_with_a_folder_is_said_before_anything_is_computed() {
        let said = |manifest: &str, spoil: &dyn Fn(&Path)| {
            let (folder, _) = folder(manifest, false);
            spoil(folder.path());
            TileFolder::open(folder.path()).unwrap_err().to_string()
        };
        let nothing = |_: &Path| ();
        assert!(said("{", &nothing).contains("it should say {\"n\": 4096"));
        for (wrong, word) in [
            (GOOD.replace("\"n\": 5", "\"n\": 0"), "above 0"),
            (GOOD.replace("\"n\": 5", "\"n\": -5"), "invalid value"),
            (GOOD.replace("lower", "left"), "unknown variant `left`"),
            (GOOD.replace("float64", "f16"), "unknown variant `f16`"),
            (GOOD.replace("\"tile\": 2, ", ""), "missing field `tile`"),
        ] {
            let said = said(&wrong, &nothing);
            assert!(said.contains(word), "{said}");
        }
        let said = |spoil: &dyn Fn(&Path)| said(GOOD, spoil);
        let missing = said(&|folder| fs::remove_file(folder.join("2-1.npy")).unwrap());
        assert!(
            missing.contains("2-1.npy: the file of 1 × 2 entries cannot be read"),
            "{missing}"
        );
        let short = said(&|folder| fs::write(folder.join("1-0.npy"), [0; 31]).unwrap());
        assert!(
            short.contains("has 31 bytes, and its entries alone take 32"),
            "{short}"
        );
        let no_manifest = said(&|folder| fs::remove_file(folder.join(MANIFEST)).unwrap());
        assert!(
            no_manifest.contains("manifest.json: cannot be read"),
            "{no_manifest}"
        );
    }

    #[test]
    fn a_tile_that_is_no_array_is_named_when_it_is_read() {
        let (folder, _) = folder(GOOD, false);
        fs::write(folder.path().join("1-1.npy"), [0; 300]).unwrap();
        let tiles = TileFolder::open(folder.path()).unwrap();
        let refused = tiles.tile(1, 1).unwrap_err().to_string();
        assert!(refused.contains("1-1.npy: not an NPY file"), "{refused}");
    }
}
