//! Unconditional transport on layers × parameters.

use super::{Atoms, Ground, Transport, TransportError, common_multiple, transport};
use nalgebra::DMatrix;

/// Finds the transport of least squared distance between two networks on the product space
/// `[0,1] × Ω`: layer `k` of `D` stands at `k/D`, and mass may change its layer.
///
/// The network of Paper B is uniform in the layer; here each layer is an atom of mass `1/D`. That
/// all layers stand at `k/D`, rather than at midpoints, moves both networks alike and changes nothing.
///
/// # Guarantee
/// Certified for the atoms with the coordinates `k/D` as rounded.
///
/// # Errors
/// [`TransportError::Depths`] if the depths differ, and those of [`transport()`] on `DM` atoms.
///
/// # Cost
/// That of [`transport()`] between clouds of `DM` atoms: for small networks.
pub fn product_distance(
    source: &[DMatrix<f64>],
    target: &[DMatrix<f64>],
) -> Result<Transport, TransportError> {
    if source.len() != target.len() {
        return Err(TransportError::Depths {
            source_layers: source.len(),
            target_layers: target.len(),
        });
    }
    transport(
        &stacked(source)?,
        &stacked(target)?,
        Ground::SquaredDistance,
        None,
    )
}

/// All particles of a network with the coordinate of their layer on top.
fn stacked(layers: &[DMatrix<f64>]) -> Result<Atoms, TransportError> {
    let Some(dimension) = layers.first().map(DMatrix::nrows) else {
        return Err(TransportError::Empty);
    };
    let mut unit = 1;
    for layer in layers {
        if layer.is_empty() {
            return Err(TransportError::Empty);
        }
        if layer.nrows() != dimension {
            return Err(TransportError::Dimensions {
                source_dimension: dimension,
                target_dimension: layer.nrows(),
            });
        }
        let width = layer.ncols() as u64;
        unit = common_multiple(unit, width).ok_or(TransportError::Units {
            source_mass: unit,
            target_mass: width,
        })?;
    }
    let depth = layers.len() as f64;
    let (mut points, mut masses) = (vec![], vec![]);
    for (k, layer) in layers.iter().enumerate() {
        for particle in layer.column_iter() {
            points.push(k as f64 / depth);
            points.extend(particle.iter());
            masses.push(unit / layer.ncols() as u64);
        }
    }
    let points = DMatrix::from_vec(dimension + 1, masses.len(), points);
    Atoms::new(points, masses)
}
