//! The parametric network as a residual network among others.

use super::{Frame, NetworkError, Pass, ResNet, ResidualNetwork, Rounding, Tape, Weights};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, enlarged, gamma};
use crate::gram::feature_gram;
use nalgebra::DMatrix;

impl ResidualNetwork for ResNet {
    type Parameter = Weights;
    type Tape = Tape;

    fn frame(&self) -> &Frame {
        ResNet::frame(self)
    }

    fn with_readout_scaled(&self, factor: f64) -> Result<Self, NetworkError> {
        ResNet::with_readout_scaled(self, factor)
    }

    fn kappa1(&self) -> Ball {
        self.features().kappa1_ball()
    }

    fn kappa2(&self) -> Ball {
        self.features().kappa2_ball()
    }

    fn zero(&self) -> Weights {
        self.zero_weights()
    }

    fn combination(&self, v: &Weights, terms: &[(f64, &Weights)]) -> Weights {
        let mut sum = v.clone();
        for (t, w) in terms {
            sum.add_assign(*t, w);
        }
        sum
    }

    /// A product and a sum a term: `u` of `t·w` and of the partial sum, which is at most the last
    /// one and the terms still to come.
    fn combination_rounding(&self, sum: &Weights, terms: &[(f64, &Weights)]) -> f64 {
        let moved: f64 = terms.iter().map(|(t, w)| t.abs() * w.norm().upper()).sum();
        let later = terms.len().saturating_sub(1) as f64 * moved;
        let sums = terms.len() as f64 * sum.norm().upper() + later;
        enlarged(UNIT_ROUNDOFF * (moved + sums), 2 * terms.len() + 8)
    }

    fn layer_norms(&self, v: &Weights) -> Vec<Ball> {
        v.layer_norms()
    }

    fn distance(&self, v: &Weights, w: &Weights) -> Ball {
        v.distance(w)
    }

    fn inner_product(&self, v: &Weights, w: &Weights) -> Ball {
        let products = gamma(v.parameters() + 4) * v.norm().upper() * w.norm().upper();
        Ball::new(v.dot(w), enlarged(products, 16))
    }

    fn tape(&self, samples: usize) -> Tape {
        Tape::new(self, samples)
    }

    fn forward(
        &self,
        tape: &mut Tape,
        v: &Weights,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
    ) -> f64 {
        tape.forward(self, v, inputs, targets)
    }

    fn backward(&self, tape: &mut Tape, v: &Weights) {
        tape.backward(self, v);
    }

    fn pull_back(&self, tape: &mut Tape, v: &Weights, terminal: &DMatrix<f64>) {
        tape.pull_back(self, v, terminal);
    }

    fn pass<'a>(&self, tape: &'a Tape) -> Pass<'a> {
        Pass {
            states: tape.states(),
            adjoints: tape.adjoints(),
            errors: tape.errors(),
            loss: tape.loss(),
        }
    }

    fn gradient<'a>(&self, tape: &'a Tape) -> &'a Weights {
        tape.gradient()
    }

    fn rounding(&self, v: &Weights, inputs: &DMatrix<f64>, tape: &Tape) -> Rounding {
        Rounding::of(self, v, inputs, tape)
    }

    fn pull_back_rounding(&self, rounding: &Rounding, v: &Weights, tape: &Tape) -> Vec<f64> {
        rounding.of_pull_back(self, v, tape)
    }

    fn gram(&self, tape: &Tape, layer: usize) -> DMatrix<f64> {
        feature_gram(&tape.features()[layer])
    }

    fn gram_entry_error(&self, rounding: &Rounding, layer: usize) -> f64 {
        rounding.gram_entry(self, layer)
    }
}
