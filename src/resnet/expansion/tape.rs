//! One batched pass through fields that are kernel expansions.

use super::field::beside;
use super::{Expansion, ExpansionNetwork, Field, FieldKernel};
use crate::gram::times_top;
use crate::linalg::gemm;
use crate::resnet::{Pass, ResidualNetwork};
use faer::Accum;
use nalgebra::DMatrix;

/// Buffers of a pass over `N` samples: states, kernel values, adjoint states and the gradient.
///
/// # Cost
/// At a layer of `M` sections a forward pass takes `N(M+N)` kernel values and a product of orders
/// `q × M × N`; a backward pass as many slopes and two such products.
#[derive(Clone, Debug)]
pub struct ExpansionTape {
    states: Vec<DMatrix<f64>>,
    /// Centres, then states: q × (M+N), a layer.
    points: Vec<DMatrix<f64>>,
    /// Values between points and states: (M+N) × N, a layer.
    values: Vec<DMatrix<f64>>,
    errors: DMatrix<f64>,
    loss: f64,
    adjoints: Vec<DMatrix<f64>>,
    gradient: Expansion,
}

impl ExpansionTape {
    /// Allocates the buffers for `samples` samples.
    pub fn new<K: FieldKernel>(network: &ExpansionNetwork<K>, samples: usize) -> Self {
        let frame = network.frame();
        let (depth, dimension) = (frame.depth(), frame.state_dimension());
        let columns = vec![DMatrix::zeros(dimension, samples); depth + 1];
        Self {
            states: columns.clone(),
            points: columns[1..].to_vec(),
            values: vec![DMatrix::zeros(samples, samples); depth],
            errors: DMatrix::zeros(frame.output_dimension(), samples),
            loss: 0.0,
            adjoints: columns,
            gradient: network.zero(),
        }
    }

    /// Runs the states forward and returns the loss.
    pub(super) fn forward<K: FieldKernel>(
        &mut self,
        network: &ExpansionNetwork<K>,
        v: &Expansion,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
    ) -> f64 {
        let frame = network.frame();
        assert_eq!(v.depth(), frame.depth(), "layers of the expansion");
        assert_eq!(targets.shape(), self.errors.shape(), "shape of the targets");
        let step = 1.0 / frame.depth() as f64;
        gemm(
            &mut self.states[0],
            Accum::Replace,
            1.0,
            frame.lift(),
            false,
            inputs,
            false,
        );
        let samples = inputs.ncols();
        for (k, field) in v.layers.iter().enumerate() {
            self.points[k] = beside(&[&field.centres, &self.states[k]]);
            let rows = field.len() + samples;
            if self.values[k].nrows() != rows {
                self.values[k] = DMatrix::zeros(rows, samples);
            }
            network
                .kernel()
                .values(&self.points[k], &mut self.values[k]);
            let moved = times_top(&field.coefficients, &self.values[k]);
            self.states[k + 1] = &self.states[k] + moved * step;
        }
        let last = self.states.last().expect("at least one state");
        gemm(
            &mut self.errors,
            Accum::Replace,
            1.0,
            frame.readout(),
            false,
            last,
            false,
        );
        self.errors -= targets;
        self.loss = self.errors.norm_squared() / (2 * samples) as f64;
        self.loss
    }

    /// Runs the adjoint states backward and leaves the gradient, `N` sections a layer.
    pub(super) fn backward<K: FieldKernel>(
        &mut self,
        network: &ExpansionNetwork<K>,
        v: &Expansion,
    ) {
        let mut terminal = DMatrix::zeros(network.frame().state_dimension(), self.errors.ncols());
        gemm(
            &mut terminal,
            Accum::Replace,
            1.0 / self.errors.ncols() as f64,
            network.frame().readout(),
            true,
            &self.errors,
            false,
        );
        self.pull_back(network, v, &terminal);
        let zero = Field::zero(network.frame().state_dimension());
        let layers = self.states.iter().zip(&self.adjoints[1..]);
        self.gradient.layers = layers
            .map(|(states, adjoints)| network.appended(&zero, states.clone(), adjoints.clone()))
            .collect();
    }

    /// `p_k = p_{k+1} + D⁻¹Dv_k(z_k)ᵀp_{k+1}`, `Dv(z)ᵀp = Σ_j(a_j·p)∇_z k(z, c_j)`.
    pub(super) fn pull_back<K: FieldKernel>(
        &mut self,
        network: &ExpansionNetwork<K>,
        v: &Expansion,
        terminal: &DMatrix<f64>,
    ) {
        let step = 1.0 / v.depth() as f64;
        self.adjoints[v.depth()].copy_from(terminal);
        for (k, field) in v.layers.iter().enumerate().rev() {
            let next = &self.adjoints[k + 1];
            let mut weights = DMatrix::zeros(field.len(), next.ncols());
            if !field.is_empty() {
                gemm(
                    &mut weights,
                    Accum::Replace,
                    1.0,
                    &field.coefficients,
                    true,
                    next,
                    false,
                );
            }
            let moved = network.kernel().gradients(&self.points[k], &weights);
            self.adjoints[k] = next + moved * step;
        }
    }

    /// Returns what the passes left.
    #[must_use]
    pub fn pass(&self) -> Pass<'_> {
        Pass {
            states: &self.states,
            adjoints: &self.adjoints,
            errors: &self.errors,
            loss: self.loss,
        }
    }

    /// Returns the gradient of the last backward pass.
    #[must_use]
    pub fn gradient(&self) -> &Expansion {
        &self.gradient
    }

    /// Returns the kernel values at the states of a layer, N × N.
    #[must_use]
    pub fn gram(&self, layer: usize) -> DMatrix<f64> {
        let (rows, samples) = self.values[layer].shape();
        let mut gram = self.values[layer]
            .rows(rows - samples, samples)
            .into_owned();
        // The two triangles come from products in different orders.
        gram.fill_upper_triangle_with_lower_triangle();
        gram
    }
}
