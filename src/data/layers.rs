//! Networks of particles from NPZ and NPY files: an array of layers × particles × coordinates.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use nalgebra::DMatrix;

use super::DataError;
use super::archive::Archive;
use super::npy::Array;

/// The name of the array in an archive.
const ARRAY: &str = "particles";

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
/// [`DataError::Unreadable`], [`DataError::NotNpz`], [`DataError::NoArray`], and those of [`layers_from_npy`].
pub fn layers_from_npz(name: &str, mut reader: impl Read) -> Result<Vec<DMatrix<f64>>, DataError> {
    let file = || name.to_owned();
    let mut bytes = vec![];
    reader
        .read_to_end(&mut bytes)
        .map_err(|cause| DataError::Unreadable {
            file: file(),
            cause,
        })?;
    let damaged = |cause| DataError::NotNpz {
        file: file(),
        cause,
    };
    let archive = Archive::try_new(&bytes).map_err(damaged)?;
    match archive.read(&format!("{ARRAY}.npy")) {
        Some(array) => layers_from_npy(name, &array.map_err(damaged)?[..]),
        None => {
            let names = archive.names();
            let arrays = names.map(|entry| entry.strip_suffix(".npy").unwrap_or(entry).to_owned());
            Err(DataError::NoArray {
                file: file(),
                array: ARRAY,
                available: arrays.collect(),
            })
        }
    }
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
    use flate2::write::DeflateEncoder;
    use flate2::{Compression, Crc};
    use npyz::WriterBuilder;
    use std::io::Write;

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

    /// An archive of one entry: headers, the entry, the directory, the end record.
    fn archive(name: &str, bytes: &[u8], deflated: bool) -> Vec<u8> {
        let packed = if deflated {
            let mut encoder = DeflateEncoder::new(vec![], Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        } else {
            bytes.to_vec()
        };
        let mut checksum = Crc::new();
        checksum.update(bytes);
        let mut common = vec![20, 0, 0, 0, if deflated { 8 } else { 0 }, 0, 0, 0, 0, 0];
        for number in [checksum.sum(), packed.len() as u32, bytes.len() as u32] {
            common.extend(number.to_le_bytes());
        }
        common.extend([name.len() as u8, 0, 0, 0]);
        let local = [b"PK\x03\x04", &common[..], name.as_bytes(), &packed].concat();
        let mut central = [b"PK\x01\x02\x14\x00", &common[..]].concat();
        central.extend([0; 14]);
        central.extend(name.as_bytes());
        let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
        end.extend((central.len() as u32).to_le_bytes());
        end.extend((local.len() as u32).to_le_bytes());
        end.extend([0, 0]);
        [local, central, end].concat()
    }

    fn npz(bytes: Vec<u8>) -> Result<Vec<DMatrix<f64>>, DataError> {
        layers_from_npz("a.npz", &bytes[..])
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
        for deflated in [false, true] {
            is_the_network(&npz(archive("particles.npy", &bytes, deflated)).unwrap());
        }
    }

    #[test]
    fn files_are_told_by_their_extension() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = written(npyz::Order::C);
        let packed = archive("particles.npy", &bytes, true);
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
        assert!(matches!(
            npz(archive("weights.npy", &bytes, false)),
            Err(DataError::NoArray { array: "particles", available, .. }) if available == ["weights"]
        ));
        let mut damaged = archive("particles.npy", &bytes, false);
        damaged[100] ^= 1;
        assert!(matches!(
            npz(damaged),
            Err(DataError::NotNpz {
                cause: "its entry is damaged",
                ..
            })
        ));
        let flat = archive("particles.npy", b"flat", false);
        assert!(matches!(npz(flat), Err(DataError::NotNpy { .. })));
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
