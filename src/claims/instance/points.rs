//! Points and a kernel, and nothing else.

use super::residual::{InstanceError, matrix};
use crate::data::{DEFAULT_DRAWS, PointsSpec, ResidualSpec};
use crate::kernel::KernelSpec;
use crate::resnet::{NetworkError, ResidualNetwork};
use crate::theorem::{BuildError, Object, Spec, Subject};
use nalgebra::DMatrix;

/// What a claim about the Gram matrix of points, or about random features of a kernel at them, is checked on.
#[derive(Clone, Debug)]
pub struct PointsInstance {
    /// The kernel.
    pub kernel: KernelSpec,
    /// q × N, finite.
    pub points: DMatrix<f64>,
    /// The seed of what a check draws.
    pub seed: u64,
    /// How many random draws a statistical check makes, or a small multiple of it.
    pub draws: usize,
}

impl PointsInstance {
    /// Points under the seed 0, with as many draws as are usual.
    ///
    /// # Errors
    /// No points, and coordinates that are not finite.
    pub fn try_new(kernel: KernelSpec, points: DMatrix<f64>) -> Result<Self, InstanceError> {
        let what = "points";
        if points.is_empty() {
            return Err(NetworkError::Empty { what }.into());
        }
        if let Some(&value) = points.iter().find(|x| !x.is_finite()) {
            return Err(NetworkError::NonFinite { what, value }.into());
        }
        Ok(Self {
            kernel,
            points,
            seed: 0,
            draws: DEFAULT_DRAWS,
        })
    }

    /// Builds the instance that a specification describes.
    ///
    /// # Errors
    /// Rows that do not fit, and those of [`try_new`](Self::try_new).
    pub fn from_spec(spec: &PointsSpec) -> Result<Self, InstanceError> {
        let points = matrix("points", &spec.points)?.transpose();
        Ok(Self {
            seed: spec.seed,
            draws: spec.draws,
            ..Self::try_new(spec.kernel, points)?
        })
    }

    /// Returns the number of points.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.points.ncols()
    }

    /// Returns the number of coordinates of a point.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.points.nrows()
    }
}

impl<N: ResidualNetwork> super::ResidualInstance<N> {
    /// Returns the kernel at the lifted inputs: what is left without network and targets.
    #[must_use]
    pub fn at_points(&self) -> PointsInstance {
        PointsInstance {
            kernel: self.kernel,
            points: self.lifted_inputs(),
            seed: self.seed,
            draws: self.draws,
        }
    }
}

/// The kernel at the lifted inputs of a network.
///
/// # Panics
/// If rows do not fit.
pub(in crate::claims) fn lifted(spec: &ResidualSpec) -> PointsSpec {
    let rows = |what, rows| matrix(what, rows).expect("rows of one length");
    let points = rows("lift", &spec.lift) * rows("inputs", &spec.inputs).transpose();
    let point = |column: nalgebra::DVectorView<'_, f64>| column.iter().copied().collect();
    PointsSpec {
        kernel: spec.kernel,
        points: points.column_iter().map(point).collect(),
        seed: spec.seed,
        draws: spec.draws,
    }
}

impl Object for PointsInstance {
    fn reseed(&mut self, seed: u64) {
        self.seed = seed;
    }
}

impl Subject for PointsInstance {
    type Spec = PointsSpec;
    const HYPOTHESIS: &'static str = "object: points and a kernel";

    fn build(spec: &PointsSpec) -> Result<Self, BuildError> {
        Ok(Self::from_spec(spec)?)
    }
}

impl From<PointsSpec> for Spec {
    /// The specification of points and a kernel.
    fn from(spec: PointsSpec) -> Self {
        Self::of::<PointsInstance>(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ResidualInstance;
    use super::*;
    use crate::claims::sharp::generic_spec;

    #[test]
    fn points_are_the_lifted_inputs() {
        let spec = generic_spec();
        let network = ResidualInstance::from_spec(&spec).unwrap();
        let (one, other) = (
            network.at_points(),
            PointsInstance::from_spec(&lifted(&spec)).unwrap(),
        );
        assert_eq!(
            (one.points.shape(), one.samples(), one.dimension()),
            ((3, 4), 4, 3)
        );
        assert_eq!((&one.points, one.kernel), (&other.points, other.kernel));
        assert_eq!((one.seed, one.draws), (spec.seed, other.draws));
    }

    #[test]
    fn what_is_no_set_of_points_is_refused() {
        let refused = |points: Vec<Vec<f64>>| {
            let spec = PointsSpec::new("gaussian:1".parse().unwrap(), points);
            PointsInstance::from_spec(&spec).unwrap_err().to_string()
        };
        assert!(refused(vec![]).contains("points"));
        assert!(refused(vec![vec![0.0], vec![1.0, 2.0]]).contains("row 2 has 2 numbers"));
        assert!(refused(vec![vec![0.0], vec![f64::NAN]]).contains("NaN"));
    }
}
