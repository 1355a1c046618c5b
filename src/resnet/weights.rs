//! Parameters of a network, with the inner product of `L²([0,1], V)`.

use crate::arithmetic::Ball;
use nalgebra::DMatrix;

/// The weights `W_0, …, W_{D−1}` (each q × 2m), a vector of the parameter space
/// with `<v, w> = D⁻¹Σ_k <V_k, W_k>_F`. Gradients are of this type too: they
/// are gradients *for this inner product*.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    layers: Vec<DMatrix<f64>>,
}

impl Weights {
    /// Creates weights from layers of one shape.
    ///
    /// # Panics
    /// If there is no layer, or two layers differ in shape.
    #[must_use]
    pub fn from_layers(layers: Vec<DMatrix<f64>>) -> Self {
        let shape = layers.first().expect("at least one layer").shape();
        assert!(
            layers.iter().all(|layer| layer.shape() == shape),
            "layers of one shape {shape:?}"
        );
        Self { layers }
    }

    /// Creates the zero vector: `depth` layers of `rows × columns`.
    #[must_use]
    pub fn zeros(depth: usize, rows: usize, columns: usize) -> Self {
        Self::from_layers(vec![DMatrix::zeros(rows, columns); depth])
    }

    /// Returns the layers.
    #[must_use]
    pub fn layers(&self) -> &[DMatrix<f64>] {
        &self.layers
    }

    pub(super) fn layers_mut(&mut self) -> &mut [DMatrix<f64>] {
        &mut self.layers
    }

    /// Returns `D`.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Returns the number of parameters of all layers.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(DMatrix::len).sum()
    }

    /// Returns `‖W_k‖_F` for every layer.
    #[must_use]
    pub fn layer_norms(&self) -> Vec<Ball> {
        self.layers
            .iter()
            .map(|layer| Ball::norm_of(layer.as_slice()))
            .collect()
    }

    /// Returns `‖v‖²`.
    pub fn norm_squared(&self) -> Ball {
        let total: Ball = self.layer_norms().into_iter().map(Ball::square).sum();
        total / Ball::from(self.depth() as f64)
    }

    /// Returns `‖v‖`.
    #[must_use]
    pub fn norm(&self) -> Ball {
        self.norm_squared().sqrt()
    }

    /// Returns `‖v − w‖`, with the rounding of the difference counted.
    ///
    /// # Panics
    /// If the shapes differ.
    #[must_use]
    pub fn distance(&self, other: &Self) -> Ball {
        let difference = self.plus(-1.0, other);
        // Each entry of the difference is within u of its own size.
        let norm = difference.norm();
        norm.widened(2.0 * crate::arithmetic::UNIT_ROUNDOFF * norm.upper())
    }

    /// Returns `<v, w>` as an estimate.
    ///
    /// # Panics
    /// If the shapes differ.
    #[must_use]
    pub fn dot(&self, other: &Self) -> f64 {
        let layers = self.layers.iter().zip(&other.layers);
        layers.map(|(v, w)| v.dot(w)).sum::<f64>() / self.depth() as f64
    }

    /// Returns `v + t·w`.
    ///
    /// # Panics
    /// If the shapes differ.
    #[must_use]
    pub fn plus(&self, t: f64, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.add_assign(t, other);
        sum
    }

    /// Replaces `v` by `v + t·w`.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn add_assign(&mut self, t: f64, other: &Self) {
        assert_eq!(self.depth(), other.depth(), "depths of two weights");
        for (v, w) in self.layers.iter_mut().zip(&other.layers) {
            assert_eq!(v.shape(), w.shape(), "shapes of two layers");
            for (a, b) in v.as_mut_slice().iter_mut().zip(w.as_slice()) {
                *a += t * b;
            }
        }
    }

    /// Returns the same path on `times` as many layers: every layer repeated.
    ///
    /// It has the same norm, and is run by a network of `times` the depth.
    ///
    /// # Panics
    /// If `times` is zero.
    #[must_use]
    pub fn refined(&self, times: usize) -> Self {
        let layers = self.layers.iter();
        let repeated = layers.flat_map(|layer| std::iter::repeat_n(layer.clone(), times));
        Self::from_layers(repeated.collect())
    }

    /// Returns `t·v`.
    #[must_use]
    pub fn scaled(&self, t: f64) -> Self {
        Self {
            layers: self.layers.iter().map(|layer| layer * t).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::UNIT_ROUNDOFF;
    use nalgebra::dmatrix;

    /// Layers (3, 4) and (0, 12): norms 5 and 12, `‖v‖² = (25 + 144)/2`.
    fn pythagorean() -> Weights {
        Weights::from_layers(vec![dmatrix![3.0, 4.0], dmatrix![0.0, 12.0]])
    }

    /// A ball around a number known exactly, with the rounding of a dozen operations.
    fn is_close(ball: Ball, exact: f64) -> bool {
        ball.contains(exact) && ball.rad() <= 24.0 * UNIT_ROUNDOFF * exact
    }

    #[test]
    fn norms_average_over_layers() {
        let v = pythagorean();
        assert_eq!((v.depth(), v.parameters()), (2, 4));
        assert_eq!(v.layers()[1], dmatrix![0.0, 12.0]);
        let norms = v.layer_norms();
        assert_eq!(norms.len(), 2);
        assert!(is_close(norms[0], 5.0) && is_close(norms[1], 12.0));
        assert!(is_close(v.norm_squared(), 84.5));
        assert!(is_close(v.norm().square(), 84.5));
        assert!(is_close(v.scaled(-2.0).norm_squared(), 4.0 * 84.5));
    }

    #[test]
    fn norm_comes_from_the_inner_product() {
        let v = pythagorean();
        let w = Weights::from_layers(vec![dmatrix![1.0, -1.0], dmatrix![2.0, 0.5]]);
        // (3 − 4 + 0 + 6)/2, exact.
        assert_eq!(v.dot(&w), 2.5);
        assert_eq!(v.dot(&v), 84.5);
        let sum = v.plus(0.5, &w);
        assert_eq!(
            sum.layers(),
            [dmatrix![3.5, 3.5], dmatrix![1.0, 12.25]].as_slice()
        );
        let mut same = v.clone();
        same.add_assign(0.5, &w);
        assert_eq!(same, sum);
    }

    #[test]
    fn refined_paths_repeat_their_layers() {
        let v = pythagorean();
        let fine = v.refined(3);
        assert_eq!(fine.depth(), 6);
        for k in 0..6 {
            assert_eq!(fine.layers()[k], v.layers()[k / 3]);
        }
        assert!(is_close(fine.norm_squared(), 84.5));
        assert_eq!(v.refined(1), v);
    }

    #[test]
    fn zero_weights_have_no_length() {
        let zero = Weights::zeros(3, 2, 5);
        assert_eq!((zero.depth(), zero.parameters()), (3, 30));
        assert_eq!(zero.layers()[2].shape(), (2, 5));
        assert_eq!(zero.norm().mid(), 0.0);
        assert!(zero.norm().upper() < 1e-150);
    }

    #[test]
    fn distance_counts_the_rounding_of_the_difference() {
        let (v, w) = (pythagorean(), Weights::zeros(2, 1, 2));
        assert!(is_close(v.distance(&w), 84.5_f64.sqrt()));
        assert!(v.distance(&v).upper() < 1e-150);
        assert!(is_close(v.distance(&v.scaled(3.0)), 338.0_f64.sqrt()));
        // u(1 − 2⁻¹⁰) is rounded away from 1 − u(1 − 2⁻¹⁰), in every one of many entries.
        let small = UNIT_ROUNDOFF * (1.0 - 1.0 / 1024.0);
        for scale in [1e-3, 1.0, 1e3] {
            let ones = Weights::from_layers(vec![DMatrix::from_element(1, 1, scale)]);
            let other = Weights::from_layers(vec![DMatrix::from_element(1, 1, scale * small)]);
            let distance = ones.distance(&other);
            let rounded = ones.plus(-1.0, &other).norm();
            // On top of the norm of the rounded difference, u of it, and not much more.
            let excess = distance.rad() - rounded.rad();
            assert!(excess >= UNIT_ROUNDOFF * rounded.upper());
            assert!(excess <= 3.0 * UNIT_ROUNDOFF * rounded.upper());
        }
    }

    fn panics(run: impl FnOnce() + std::panic::UnwindSafe) -> bool {
        std::panic::catch_unwind(run).is_err()
    }

    #[test]
    fn shapes_that_differ_panic() {
        let v = pythagorean();
        let deeper = Weights::zeros(3, 1, 2);
        let wider = Weights::zeros(2, 1, 3);
        for other in [deeper, wider] {
            let v = v.clone();
            assert!(panics(move || drop(v.plus(1.0, &other))));
        }
        assert!(panics(|| drop(Weights::from_layers(Vec::new()))));
        assert!(panics(|| {
            let layers = vec![DMatrix::zeros(1, 2), DMatrix::zeros(2, 1)];
            drop(Weights::from_layers(layers));
        }));
    }
}
