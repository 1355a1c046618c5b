//! Displacement interpolation: every part of the plan travels on its straight line.

use super::{Atoms, Conditional, Transport, TransportError};
use nalgebra::{DMatrix, DMatrixView};

impl Transport {
    /// Returns the measure at time `t` between the two that `self` was computed for: an atom
    /// `(1−t)x_i + ty_j` for every entry of the plan.
    ///
    /// # Guarantee
    /// Rounded: each coordinate is within `3u·max(|x|, |y|)`, up to underflow; exact at `t = 0` and `t = 1`.
    ///
    /// # Errors
    /// [`TransportError::Parameter`] unless `0 ≤ t ≤ 1`; [`TransportError::Start`] if the clouds
    /// are not of the sizes of the plan; those of [`Atoms::new`].
    ///
    /// # Example
    /// ```
    /// use nalgebra::dmatrix;
    /// use polyak::transport::wasserstein2;
    /// let (x, y) = (dmatrix![0.0, 1.0], dmatrix![3.0, 2.0]);
    /// let halfway = wasserstein2(&x, &y)?.interpolate(&x, &y, 0.5)?;
    /// assert_eq!(halfway.points(), &dmatrix![1.0, 2.0]);
    /// # Ok::<(), polyak::transport::TransportError>(())
    /// ```
    pub fn interpolate<'a>(
        &self,
        source: impl Into<DMatrixView<'a, f64>>,
        target: impl Into<DMatrixView<'a, f64>>,
        t: f64,
    ) -> Result<Atoms, TransportError> {
        let (source, target) = (source.into(), target.into());
        if !(0.0..=1.0).contains(&t) {
            return Err(TransportError::Parameter { value: t });
        }
        if !self.is_between(source, target) {
            return Err(TransportError::Start);
        }
        let plan = self.plan();
        let points = DMatrix::from_fn(source.nrows(), plan.len(), |coordinate, part| {
            let x = source[(coordinate, plan[part].source)];
            let y = target[(coordinate, plan[part].target)];
            (1.0 - t) * x + t * y
        });
        Atoms::new(points, plan.iter().map(|shipped| shipped.mass).collect())
    }
}

impl Conditional {
    /// Returns the layers at time `t` on the geodesic between two networks.
    ///
    /// # Errors
    /// Those of [`Transport::interpolate`], and [`TransportError::Depths`].
    pub fn interpolate<M>(
        &self,
        source: &[M],
        target: &[M],
        t: f64,
    ) -> Result<Vec<Atoms>, TransportError>
    where
        for<'a> &'a M: Into<DMatrixView<'a, f64>>,
    {
        let depth = self.layers().len();
        if source.len() != depth || target.len() != depth {
            return Err(TransportError::Depths {
                source_layers: source.len(),
                target_layers: target.len(),
            });
        }
        let layers = self.layers().iter().zip(source).zip(target);
        layers
            .map(|((plan, source), target)| plan.interpolate(source, target, t))
            .collect()
    }
}
