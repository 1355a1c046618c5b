//! Networks of particles from NPZ and NPY files: an array of layers × particles × coordinates.

use std::path::Path;

use nalgebra::DMatrix;

use super::DataError;
use super::npy::Role;
use super::npz::{is_npy, is_zip, named};
use super::source::Source;

/// The name of the array in an archive that is taken if none is asked for.
const ARRAY: &str = "particles";

/// Reads a network from an NPZ or NPY file, told by what it begins with; `-` is the standard input.
///
/// # Arguments
/// * `array`: the name of the array in an archive; if none, it is `particles`, or the only one.
///
/// # Returns
/// A matrix a layer, a particle a column.
///
/// # Errors
/// [`DataError::Unreadable`], [`DataError::NotAFile`], [`DataError::Gzip`], [`DataError::Endless`], and those of
/// [`layers_from_bytes`].
pub fn read_layers(path: &Path, array: Option<&str>) -> Result<Vec<DMatrix<f64>>, DataError> {
    let mut source = Source::open(path)?;
    layers_from_bytes(&source.name.clone(), &source.contents()?, array)
}

/// Reads a network from the bytes of an NPZ or NPY file, of every type that [`npy_from_reader`] takes.
///
/// # Arguments
/// * `name` stands for the file in messages.
/// * `array`: the name of the array in an archive; if none, it is `particles`, or the only one.
///
/// # Returns
/// A matrix a layer, a particle a column.
///
/// # Guarantee
/// Exact, as [`npy_from_reader`] is.
///
/// # Errors
/// [`DataError::NotANetwork`] for bytes of another kind, and [`DataError::Array`].
///
/// [`npy_from_reader`]: super::npy_from_reader
pub fn layers_from_bytes(
    name: &str,
    bytes: &[u8],
    array: Option<&str>,
) -> Result<Vec<DMatrix<f64>>, DataError> {
    if !is_npy(bytes) && !is_zip(bytes) {
        let file = name.to_owned();
        return Err(DataError::NotANetwork { file });
    }
    let array = named(bytes, array, Some(ARRAY), Role::Network).map_err(|cause| cause.of(name))?;
    let (depth, width, dimension) = (array.shape[0], array.shape[1], array.shape[2]);
    let entry = |layer: usize, particle: usize, coordinate: usize| {
        let place = if array.fortran {
            layer + depth * (particle + width * coordinate)
        } else {
            coordinate + dimension * (particle + width * layer)
        };
        array.entries[place]
    };
    let layer = |layer| DMatrix::from_fn(dimension, width, |i, j| entry(layer, j, i));
    Ok((0..depth).map(layer).collect())
}

#[cfg(test)]
mod tests {
    use super::super::{ArrayError, fixture};
    use super::*;
    use npyz::WriterBuilder;

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

    /// An archive of one entry.
    fn archive(name: &str, bytes: &[u8], deflated: bool) -> Vec<u8> {
        fixture::archive(&[(name, bytes)], deflated)
    }

    fn npz(bytes: Vec<u8>) -> Result<Vec<DMatrix<f64>>, DataError> {
        layers_from_bytes("a.npz", &bytes, None)
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
            is_the_network(&layers_from_bytes("a.npy", &written(order), None).unwrap());
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
    fn files_are_told_by_what_they_begin_with() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = written(npyz::Order::C);
        let packed = archive("particles.npy", &bytes, true);
        for (name, contents) in [("a.npz", &bytes), ("a", &packed)] {
            let path = folder.path().join(name);
            std::fs::write(&path, contents).unwrap();
            is_the_network(&read_layers(&path, None).unwrap());
        }
        let missing = read_layers(&folder.path().join("b.npz"), None);
        assert!(
            matches!(missing, Err(DataError::Unreadable { file, .. }) if file.ends_with("b.npz"))
        );
        for other in [&b""[..], b"1,2\n3,4\n", b"P"] {
            let error = layers_from_bytes("a.npz", other, None).unwrap_err();
            assert!(matches!(error, DataError::NotANetwork { .. }));
        }
    }

    /// An entry without `.npy` is an array all the same, and of a single array the name does not matter.
    #[test]
    fn arrays_are_found_by_their_names() {
        let bytes = written(npyz::Order::C);
        for name in ["particles.npy", "particles", "weights.npy", "a/b"] {
            is_the_network(&npz(archive(name, &bytes, false)).unwrap());
        }
        for asked in ["weights", "weights.npy"] {
            let packed = archive("weights.npy", &bytes, true);
            is_the_network(&layers_from_bytes("a", &packed, Some(asked)).unwrap());
        }
        let error = layers_from_bytes("a", &archive("w.npy", &bytes, false), Some("v"));
        assert!(matches!(
            error,
            Err(DataError::Array { cause: ArrayError::NoArray { array, available }, .. })
            if array == "v" && available == ["w"]
        ));
        assert!(matches!(
            layers_from_bytes("a", &bytes, Some("v")),
            Err(DataError::Array {
                cause: ArrayError::Nameless { .. },
                ..
            })
        ));
    }

    #[test]
    fn what_is_no_archive_of_particles_is_refused() {
        let bytes = written(npyz::Order::C);
        let cause = |bytes| match npz(bytes) {
            Err(DataError::Array { cause, .. }) => cause,
            other => panic!("{other:?}"),
        };
        let damaged = |cause| ArrayError::NotNpz { cause };
        assert_eq!(
            cause(b"PK\x03\x04".to_vec()),
            damaged("it has no end record")
        );
        let mut broken = archive("particles.npy", &bytes, false);
        // The last bytes of the array, behind the local header and the name.
        broken[30 + 13 + bytes.len() - 5] ^= 1;
        assert_eq!(cause(broken), damaged("its entry is damaged"));
        let flat = archive("particles.npy", b"flat and longer", false);
        assert_eq!(cause(flat), ArrayError::NotNpy);
    }

    #[test]
    fn particles_that_are_not_finite_are_placed() {
        let mut bytes = written(npyz::Order::C);
        let at = bytes.len() - 8 * 12;
        // Layer 2, particle 3, coordinate 1: the entry before the last.
        bytes[at + 80..at + 88].copy_from_slice(&f64::NAN.to_le_bytes());
        let error = layers_from_bytes("a.npy", &bytes, None).unwrap_err();
        assert!(matches!(
            error,
            DataError::Array { cause: ArrayError::NotFinite { ref index, .. }, .. } if index == &[2, 3, 1]
        ));
    }

    #[test]
    fn matrices_are_no_networks() {
        let bytes = fixture::npy("(2, 2)", &[0.0; 4]);
        let error = layers_from_bytes("a.npy", &bytes, None).unwrap_err();
        for part in [
            "of shape (2, 2)",
            "layers × particles × coordinates",
            "save x[None]",
        ] {
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
