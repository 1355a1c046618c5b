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
    pub fn from_layers(layers: Vec<DMatrix<f64>>) -> Self {
        let shape = layers.first().expect("at least one layer").shape();
        assert!(
            layers.iter().all(|layer| layer.shape() == shape),
            "layers of one shape {shape:?}"
        );
        Self { layers }
    }

    /// Creates the zero vector: `depth` layers of `rows × columns`.
    pub fn zeros(depth: usize, rows: usize, columns: usize) -> Self {
        Self::from_layers(vec![DMatrix::zeros(rows, columns); depth])
    }

    /// Returns the layers.
    pub fn layers(&self) -> &[DMatrix<f64>] {
        &self.layers
    }

    pub(super) fn layers_mut(&mut self) -> &mut [DMatrix<f64>] {
        &mut self.layers
    }

    /// Returns `D`.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Returns the number of parameters of all layers.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(DMatrix::len).sum()
    }

    /// Returns `‖W_k‖_F` for every layer.
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
    pub fn norm(&self) -> Ball {
        self.norm_squared().sqrt()
    }

    /// Returns `‖v − w‖`, with the rounding of the difference counted.
    ///
    /// # Panics
    /// If the shapes differ.
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
    pub fn dot(&self, other: &Self) -> f64 {
        let layers = self.layers.iter().zip(&other.layers);
        layers.map(|(v, w)| v.dot(w)).sum::<f64>() / self.depth() as f64
    }

    /// Returns `v + t·w`.
    ///
    /// # Panics
    /// If the shapes differ.
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

    /// Returns `t·v`.
    pub fn scaled(&self, t: f64) -> Self {
        Self {
            layers: self.layers.iter().map(|layer| layer * t).collect(),
        }
    }
}
