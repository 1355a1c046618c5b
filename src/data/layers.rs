//! Networks of particles from NPZ and NPY files: an array of layers × particles × coordinates.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use nalgebra::DMatrix;
use zip::ZipArchive;
use zip::result::ZipError;

use super::DataError;
use super::npy::Array;

/// The name of the array in an archive.
const ARRAY: &str = "particles";

/// Most bytes that an array may unpack to: a small archive can hold far more.
const LARGEST: u64 = 4 << 30;

/// Reads a network from a `.npz` or `.npy` file.
///
/// # Returns
/// A matrix a layer, a particle a column.
///
/// # Errors
/// [`DataError::NotANetwork`] for another extension, [`DataError::Unreadable`], and those of
/// [`layers_from_npz`] and [`layers_from_npy`].
pub fn read_layers(path: &Path) -> Result<Vec<DMatrix<f64>>, DataError> {
    let file = path.display().to_string();
    let extension = path.extension().unwrap_or_default();
    let extension = extension.to_string_lossy().to_lowercase();
    let open = || {
        File::open(path).map_err(|cause| DataError::Unreadable {
            file: file.clone(),
            cause,
        })
    };
    match extension.as_str() {
        "npz" => layers_from_npz(&file, open()?),
        "npy" => layers_from_npy(&file, open()?),
        _ => Err(DataError::NotANetwork { file, extension }),
    }
}

/// Reads the array `particles` of an NPZ archive, as `numpy.savez` and `numpy.savez_compressed` write it.
///
/// # Errors
/// [`DataError::NotNpz`], [`DataError::NoArray`], [`DataError::NpzTooLarge`], and those of [`layers_from_npy`].
pub fn layers_from_npz(
    name: &str,
    reader: impl Read + Seek,
) -> Result<Vec<DMatrix<f64>>, DataError> {
    let file = || name.to_owned();
    let damaged = |cause| DataError::NotNpz {
        file: file(),
        cause,
    };
    let mut archive = ZipArchive::new(reader).map_err(damaged)?;
    let available = archive.file_names().map(|entry| {
        let array = entry.strip_suffix(".npy").unwrap_or(entry);
        array.to_owned()
    });
    let available: Vec<String> = available.collect();
    let entry = match archive.by_name(&format!("{ARRAY}.npy")) {
        Ok(entry) => entry,
        Err(ZipError::FileNotFound) => {
            return Err(DataError::NoArray {
                file: file(),
                array: ARRAY,
                available,
            });
        }
        Err(cause) => return Err(damaged(cause)),
    };
    if entry.size() > LARGEST {
        return Err(DataError::NpzTooLarge {
            file: file(),
            limit: LARGEST,
        });
    }
    // What the archive says of its size is only said.
    layers_from_npy(name, entry.take(LARGEST))
}

/// Reads a three-dimensional array of `float64` or `float32`, of either byte order, in C or Fortran order.
///
/// # Returns
/// A matrix a layer, a particle a column.
///
/// # Errors
/// Those of [`npy_from_reader`](super::npy_from_reader) for three dimensions, and [`DataError::NotFiniteParticle`].
pub fn layers_from_npy(name: &str, reader: impl Read) -> Result<Vec<DMatrix<f64>>, DataError> {
    let array = Array::from_reader(name, reader, 3)?;
    let (depth, width, dimension) = (array.shape[0], array.shape[1], array.shape[2]);
    let entry = |layer: usize, particle: usize, coordinate: usize| {
        let place = if array.fortran {
            layer + depth * (particle + width * coordinate)
        } else {
            coordinate + dimension * (particle + width * layer)
        };
        array.entries[place]
    };
    let mut layers = Vec::with_capacity(depth);
    for layer in 0..depth {
        let particles = DMatrix::from_fn(dimension, width, |i, j| entry(layer, j, i));
        if let Some(place) = particles.iter().position(|value| !value.is_finite()) {
            return Err(DataError::NotFiniteParticle {
                file: name.to_owned(),
                layer: layer + 1,
                particle: place / dimension + 1,
                coordinate: place % dimension + 1,
                value: particles[place],
            });
        }
        layers.push(particles);
    }
    Ok(layers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use npyz::WriterBuilder;
    use std::io::{Cursor, Write};
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    /// Two layers of three particles with the coordinates `100·layer + 10·particle + coordinate`.
    fn written(order: npyz::Order) -> Vec<u8> {
        let shape = [2u64, 3, 2];
        let mut values = vec![];
        for k in 0..12u32 {
            let (layer, particle, coordinate) = match order {
                npyz::Order::C => (k / 6, k / 2 % 3, k % 2),
                npyz::Order::Fortran => (k % 2, k / 2 % 3, k / 6),
            };
            values.push(f64::from(100 * layer + 10 * particle + coordinate));
        }
        let mut bytes = vec![];
        let options = npyz::WriteOptions::<f64>::new();
        let mut writer = options
            .shape(&shape)
            .order(order)
            .default_dtype()
            .writer(&mut bytes)
            .begin_nd()
            .unwrap();
        writer.extend(values).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn archive(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(vec![]));
        for (name, bytes) in entries {
            let options = SimpleFileOptions::default().compression_method(method);
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn npz(bytes: Vec<u8>) -> Result<Vec<DMatrix<f64>>, DataError> {
        layers_from_npz("a.npz", Cursor::new(bytes))
    }

    fn is_the_network(layers: &[DMatrix<f64>]) {
        assert_eq!(layers.len(), 2);
        for (k, layer) in layers.iter().enumerate() {
            let entry = |i: usize, j: usize| (100 * k + 10 * j + i) as f64;
            assert_eq!(*layer, DMatrix::from_fn(2, 3, entry));
        }
    }

    #[test]
    fn both_orders_give_the_same_layers() {
        for order in [npyz::Order::C, npyz::Order::Fortran] {
            is_the_network(&layers_from_npy("a.npy", &written(order)[..]).unwrap());
        }
    }

    #[test]
    fn archives_are_read_stored_and_deflated() {
        let bytes = written(npyz::Order::C);
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let other: &[u8] = b"anything";
            let entries = [("other.npy", other), ("particles.npy", &bytes)];
            is_the_network(&npz(archive(&entries, method)).unwrap());
        }
    }

    #[test]
    fn files_are_told_by_their_extension() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = written(npyz::Order::C);
        let packed = archive(&[("particles.npy", &bytes)], CompressionMethod::Deflated);
        for (name, contents) in [("a.npy", &bytes), ("a.NPZ", &packed)] {
            let path = folder.path().join(name);
            std::fs::write(&path, contents).unwrap();
            is_the_network(&read_layers(&path).unwrap());
        }
        let missing = read_layers(&folder.path().join("b.npz"));
        assert!(
            matches!(missing, Err(DataError::Unreadable { file, .. }) if file.ends_with("b.npz"))
        );
        for (name, expected) in [("a.csv", "csv"), ("a", "")] {
            let other = read_layers(&folder.path().join(name));
            assert!(
                matches!(other, Err(DataError::NotANetwork { extension, .. }) if extension == expected)
            );
        }
    }

    #[test]
    fn what_is_no_archive_of_particles_is_refused() {
        for bytes in [&b""[..], b"PK\x03\x04", b"1,2\n3,4\n"] {
            assert!(matches!(npz(bytes.to_vec()), Err(DataError::NotNpz { .. })));
        }
        let bytes = written(npyz::Order::C);
        let other = archive(&[("weights.npy", &bytes)], CompressionMethod::Stored);
        assert!(matches!(
            npz(other),
            Err(DataError::NoArray { array: "particles", available, .. }) if available == ["weights"]
        ));
        let mut cut = archive(&[("particles.npy", &bytes)], CompressionMethod::Stored);
        cut.truncate(60);
        assert!(matches!(npz(cut), Err(DataError::NotNpz { .. })));
        let flat = archive(&[("particles.npy", b"flat")], CompressionMethod::Stored);
        assert!(matches!(npz(flat), Err(DataError::NotNpy { .. })));
    }

    #[test]
    fn a_damaged_entry_is_refused() {
        let bytes = written(npyz::Order::C);
        let mut packed = archive(&[("particles.npy", &bytes)], CompressionMethod::Stored);
        // A byte of the entries: the checksum no longer fits.
        packed[200] ^= 1;
        assert!(npz(packed).is_err());
    }

    #[test]
    fn particles_that_are_not_finite_are_placed() {
        let mut bytes = written(npyz::Order::C);
        let at = bytes.len() - 8 * 12;
        // Layer 2, particle 3, coordinate 1: the entry before the last.
        bytes[at + 80..at + 88].copy_from_slice(&f64::NAN.to_le_bytes());
        let error = layers_from_npy("a.npy", &bytes[..]).unwrap_err();
        assert!(matches!(
            error,
            DataError::NotFiniteParticle {
                layer: 2,
                particle: 3,
                coordinate: 1,
                ..
            }
        ));
    }

    #[test]
    fn matrices_are_no_networks() {
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }\n";
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend([0; 32]);
        let error = layers_from_npy("a.npy", &bytes[..]).unwrap_err();
        assert!(matches!(&error, DataError::NpyShape { needed: 3, .. }));
        assert!(
            error
                .to_string()
                .contains("layers × particles × coordinates")
        );
    }
}
