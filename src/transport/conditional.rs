//! The conditional optimal transport distance of two networks, layer by layer.

use super::wasserstein::uniform;
use super::{Ground, Transport, TransportError};
use crate::arithmetic::{Ball, count};
use nalgebra::DMatrixView;
use rayon::prelude::*;
use std::fmt;

/// The optimal transports of all layers.
#[derive(Clone, Debug)]
pub struct Conditional {
    layers: Vec<Transport>,
}

impl fmt::Display for Conditional {
    /// The distance, enclosed, and the number of layers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "d in {}, {} layers", self.distance(), self.layers.len())
    }
}

impl Conditional {
    /// The transport of every layer.
    #[must_use]
    pub fn layers(&self) -> &[Transport] {
        &self.layers
    }

    /// `d(μ,ν)² = D⁻¹Σ_k W_2²(μ_k,ν_k)`.
    ///
    /// # Guarantee
    /// Certified: the ball contains it for the particles as given.
    pub fn squared(&self) -> Ball {
        let total: Ball = self.layers.iter().map(Transport::cost).sum();
        total / count(self.layers.len())
    }

    /// `d(μ,ν)`.
    ///
    /// # Guarantee
    /// Certified, as [`Conditional::squared`].
    #[must_use]
    pub fn distance(&self) -> Ball {
        self.squared().sqrt()
    }

    /// The largest relative gap of a layer.
    pub fn relative_gap(&self) -> f64 {
        let gaps = self.layers.iter().map(Transport::relative_gap);
        gaps.fold(0.0, f64::max)
    }

    /// The distance of two networks near those of `self`, starting from the plans of `self`:
    /// the next step of a flow.
    ///
    /// # Errors
    /// Those of [`conditional_distance`], and [`TransportError::Start`].
    pub fn renewed<M>(&self, source: &[M], target: &[M]) -> Result<Self, TransportError>
    where
        M: Sync,
        for<'a> &'a M: Into<DMatrixView<'a, f64>>,
    {
        if self.layers.len() != source.len() {
            return Err(TransportError::Start);
        }
        all_layers(source, target, |layer| Some(&self.layers[layer]))
    }
}

/// Computes Paper B's distance between two networks of equal depth, all layers in parallel.
///
/// # Arguments
/// * `source`, `target`: a matrix or a view of one a layer, a particle a column; widths may differ, also from
///   layer to layer.
///
/// # Guarantee
/// Certified: every layer's cost is enclosed to a relative [`RELATIVE_GAP`](super::RELATIVE_GAP).
///
/// # Errors
/// [`TransportError::Depths`], [`TransportError::Empty`] for networks without layers, and
/// [`TransportError::Layer`] with what [`wasserstein2`](super::wasserstein2) says of a layer.
///
/// # Cost
/// That of the layers, on all cores.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::transport::conditional_distance;
/// let wide = [dmatrix![0.0, 0.0, 1.0, 1.0], dmatrix![2.0, 2.0, 2.0, 2.0]];
/// let narrow = [dmatrix![1.0, 0.0], dmatrix![3.0, 1.0]];
/// let found = conditional_distance(&wide, &narrow)?;
/// assert!(found.squared().contains(0.5));
/// # Ok::<(), polyak::transport::TransportError>(())
/// ```
///
/// # Source
/// Paper B, section 2; `proofs/transport.md`.
pub fn conditional_distance<M>(source: &[M], target: &[M]) -> Result<Conditional, TransportError>
where
    M: Sync,
    for<'a> &'a M: Into<DMatrixView<'a, f64>>,
{
    all_layers(source, target, |_| None)
}

fn all_layers<'s, M>(
    source: &[M],
    target: &[M],
    start: impl Fn(usize) -> Option<&'s Transport> + Sync,
) -> Result<Conditional, TransportError>
where
    M: Sync,
    for<'a> &'a M: Into<DMatrixView<'a, f64>>,
{
    if source.len() != target.len() {
        return Err(TransportError::Depths {
            source_layers: source.len(),
            target_layers: target.len(),
        });
    }
    if source.is_empty() {
        return Err(TransportError::Empty);
    }
    let pairs = source.par_iter().zip(target).enumerate();
    let layers: Vec<Result<Transport, TransportError>> = pairs
        .map(|(layer, (source, target))| {
            let found = uniform(
                source.into(),
                target.into(),
                Ground::SquaredDistance,
                start(layer),
            );
            found.map_err(|cause| TransportError::Layer {
                layer,
                cause: Box::new(cause),
            })
        })
        .collect();
    // The first error by layer, whichever thread was first.
    let layers = layers.into_iter().collect::<Result<_, _>>()?;
    Ok(Conditional { layers })
}
