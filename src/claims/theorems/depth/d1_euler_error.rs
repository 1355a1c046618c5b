//! D1.euler-error: a deep network is near its flow.

use crate::arithmetic::{Ball, UNIT_ROUNDOFF};
use crate::bounds::{STATIONARY_TRANSPORT, euler_error_by_layers};
use crate::claims::depth::path;
use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, sharp, undecided};
use crate::data::Hostile::HugeWeights;
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::flow::Observer;
use crate::resnet::NetworkError;
use crate::resnet::depth::exact_flow;
use crate::theorem::{About, Demand, Theorem};
use nalgebra::DVector;

const ABOUT: About = About {
    family: "depth",
    statement: "a path run at depth D ends within e^{κ1R}κ0κ1R²/(4D) of its flow",
    source: "Paper A (infinite depth); Euler's method",
    tolerance: "rounding of the pass; Taylor polynomials in balls with Lagrange's remainder, carried by e^{κ1∫‖v‖}",
    page: "d1-euler-error.md",
    headline: Some(EULER),
    slack: Some(1e-3),
    ..About::new("D1.euler-error", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, euler_error, sharp::rising_line, draws::GENERAL)
        .data(data::begun)
        .hostile(&[
            (
                &all_but(&[HugeWeights]),
                Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Undecided]),
            ),
            (&[HugeWeights], Demand::Mostly(Verdict::Undecided, &[])),
        ])
}

/// The statement of the theory.
const EULER: &str = "‖z_D−z(1)‖ ≤ e^{κ1R}κ1R²/(4D)";

/// The same before the layers are put together.
const BY_LAYERS: &str = "‖z_D−z(1)‖ ≤ Σ‖v_k‖²(κ1h²/4)Π(1+hκ1‖v‖)";

/// Most samples looked at: the flow of each is enclosed.
const SAMPLES: usize = 3;

/// Steps a piece.
const STEPS: [usize; 3] = [1, 2, 4];

/// The ends of the first samples at three depths, beside the exact flow.
fn euler_error(instance: &ResidualInstance) -> Finding {
    let check = || -> Result<Vec<Comparison>, NetworkError> {
        let (network, weights) = (&instance.network, &instance.weights);
        let kappa1 = network.features().kappa1_ball();
        let ends: Vec<_> = instance
            .inputs
            .column_iter()
            .take(SAMPLES)
            .map(|x| exact_flow(network, weights, x.into_owned().as_slice()))
            .collect();
        let mut comparisons = Vec::new();
        for steps in STEPS {
            let deep = network.with_depth(network.depth() * steps)?;
            let mut observer = Observer::try_new(&deep, &instance.inputs, &instance.targets)?;
            let rounding = observer.observe(&weights.refined(steps)).rounding;
            let states = &observer.tape().states()[deep.depth()];
            let closed = path(instance, weights.norm(), deep.depth());
            let closed = closed.euler_error(STATIONARY_TRANSPORT);
            let norms = weights.layer_norms();
            let one = Ball::from(1.0);
            let layers = euler_error_by_layers(one, kappa1, &norms, steps, STATIONARY_TRANSPORT);
            for (state, end) in states.column_iter().zip(&ends) {
                let difference = state - DVector::from_column_slice(&end.state);
                let norm = Ball::norm_of(difference.as_slice());
                let off = rounding.states[deep.depth()] + end.error;
                // Each entry of the difference is within u of its own size.
                let error = norm.widened(off + 2.0 * UNIT_ROUNDOFF * norm.upper());
                comparisons.push(Comparison::at_most(EULER, error, closed));
                comparisons.push(Comparison::at_most(BY_LAYERS, error, layers));
            }
        }
        Ok(comparisons)
    };
    check().map_or_else(undecided, Finding::Compared)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The states are known up to the rounding of the pass, at every depth.
    #[test]
    fn rounding_of_the_pass_is_in_the_quantity() {
        let instance = &sharp::generic()[0];
        let Finding::Compared(comparisons) = euler_error(instance) else {
            panic!("there are no hypotheses");
        };
        let samples = SAMPLES.min(instance.samples());
        assert_eq!(comparisons.len(), 2 * samples * STEPS.len());
        for (steps, own) in STEPS.iter().zip(comparisons.chunks(2 * samples)) {
            let depth = instance.network.depth() * steps;
            let deep = instance.network.with_depth(depth).unwrap();
            let mut observer =
                Observer::try_new(&deep, &instance.inputs, &instance.targets).unwrap();
            let seen = observer.observe(&instance.weights.refined(*steps));
            let least = seen.rounding.states[depth];
            assert!(least > 0.0);
            for comparison in own {
                assert!(comparison.quantity().rad() >= least);
            }
        }
    }
}
