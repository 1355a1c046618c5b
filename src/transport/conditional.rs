//! The conditional optimal transport distance of two networks, layer by layer.

use super::wasserstein::uniform;
use super::{Ground, Transport, TransportError};
use crate::arithmetic::{Ball, count};
use crate::text::count as counted;
use crate::watch::{Stop, Stopped, Watch};
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
        let layers = counted(self.layers.len(), "layer");
        write!(f, "d in {}, {layers}", self.distance())
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
        let start = |layer: usize| Some(&self.layers[layer]);
        all_layers(source, target, start, &|_, _| (), &Stop::default())
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
    conditional_distance_watched(source, target, &|_, _| (), &Stop::default())
}

/// The same, shown layer by layer, and ended where it is not wanted any more.
///
/// # Arguments
/// * `seen`: hears the number of a layer, from 0, and its transport, in any order and on any thread.
/// * `watch`: looked at all along.
///
/// # Errors
/// Those of [`conditional_distance`], and [`TransportError::Stopped`].
pub fn conditional_distance_watched<M>(
    source: &[M],
    target: &[M],
    seen: &(dyn Fn(usize, &Transport) + Sync),
    watch: &dyn Watch,
) -> Result<Conditional, TransportError>
where
    M: Sync,
    for<'a> &'a M: Into<DMatrixView<'a, f64>>,
{
    all_layers(source, target, |_| None, seen, watch)
}

fn all_layers<'s, M>(
    source: &[M],
    target: &[M],
    start: impl Fn(usize) -> Option<&'s Transport> + Sync,
    seen: &(dyn Fn(usize, &Transport) + Sync),
    watch: &dyn Watch,
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
            if watch.is_stopped() {
                return Err(Stopped.into());
            }
            let (source, target) = (source.into(), target.into());
            let ground = Ground::SquaredDistance;
            let found = uniform(source, target, ground, start(layer), watch);
            let found = found.map_err(|cause| match cause {
                TransportError::Stopped(_) => cause,
                cause => TransportError::Layer {
                    layer,
                    cause: Box::new(cause),
                },
            })?;
            seen(layer, &found);
            Ok(found)
        })
        .collect();
    // The first error by layer, whichever thread was first.
    let layers = layers.into_iter().collect::<Result<_, _>>()?;
    Ok(Conditional { layers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::tests::Looks;
    use nalgebra::DMatrix;
    use std::sync::Mutex;

    #[test]
    fn a_distance_is_stopped_between_any_two_looks() {
        let cloud = |salt: usize| {
            let layer =
                |k: usize| DMatrix::from_fn(2, 6, |i, j| ((salt + 3 * k + i + 2 * j) as f64).sin());
            (0..5).map(layer).collect::<Vec<_>>()
        };
        let (one, other) = (cloud(0), cloud(7));
        let full = conditional_distance(&one, &other).unwrap();
        let all = Looks::of(u64::MAX);
        let watched = conditional_distance_watched(&one, &other, &|_, _| (), &all).unwrap();
        assert_eq!(watched.squared(), full.squared());
        // One look before a layer, and more in it.
        assert!(all.seen() > 10);
        for patience in 0..=all.seen() {
            let known = Mutex::new(vec![None; 5]);
            let seen = |layer: usize, found: &Transport| {
                known.lock().unwrap()[layer] = Some(found.cost());
            };
            let looks = Looks::of(patience);
            let found = conditional_distance_watched(&one, &other, &seen, &looks);
            let known = known.into_inner().unwrap();
            let whole = patience == all.seen();
            assert!(known.iter().flatten().count() <= if whole { 5 } else { 4 });
            for (known, layer) in known.iter().zip(full.layers()) {
                assert!(known.is_none_or(|cost| cost == layer.cost()));
            }
            match found {
                Ok(found) => assert!(whole && found.squared() == full.squared()),
                Err(error) => assert_eq!(error, TransportError::Stopped(Stopped)),
            }
        }
    }
}
