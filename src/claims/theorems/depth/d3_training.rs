//! D3.training: training converges with depth.

use crate::bounds::{TrainedPair, training_gap};
use crate::claims::convergence::STEP;
use crate::claims::depth::{STEPS, deep_steps, observed, observed_controls, path};
use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, broken, data, draws, sharp, undecided};
use crate::data::Hostile::ZeroLoss;
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::flow::{DescentOptions, Observer, Trace, gradient_descent};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "depth",
    statement: "gradient descent from one path at the depths D and nD: ‖vⁿ_D − vⁿ_nD‖ ≤ U_n = O(1/D)",
    source: "Paper A (infinite depth)",
    hypotheses: &[STEP],
    tolerance: "rounding of every step of both runs, carried through the recursion of U",
    page: "d3-training.md",
    headline: Some(TRAINING),
    slack: Some(5e-2),
    ..About::new("D3.training", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, training, sharp::nearly_fitted_line, draws::GENERAL)
        .factors_seen_by(&["D2.comparison"])
        .control(Control::spec(
            "step beyond 2/β",
            Inapplicable(STEP),
            broken::long_step,
        ))
        .controls(observed_controls())
        .data(data::begun)
        .hostile(&[
            (
                &all_but(&[ZeroLoss]),
                Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Undecided]),
            ),
            (&[ZeroLoss], Demand::Mostly(Verdict::Undecided, &[])),
        ])
}

/// The iterates of two networks that start from one path.
const TRAINING: &str = "‖vⁿ_D−vⁿ_nD‖ ≤ U_n = O(1/D)";

/// The same number of steps of the same size from the reference, at two depths.
fn training(instance: &ResidualInstance) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let spectra = instance.reference_spectra()?;
        let loss = instance.reference_loss()?;
        let step = instance.reference_step(&spectra, loss);
        let mut comparisons = observed(instance)?;
        let deep = deep_steps(instance.network.depth());
        let fine = run(instance, deep, step)?;
        for steps in STEPS {
            let times = deep / steps;
            let coarse = run(instance, steps, step)?;
            let count = coarse.records.len().min(fine.records.len());
            if count < instance.steps + 1 {
                return Ok(Finding::Undecided("the loss has no digits left".to_owned()));
            }
            let depth = instance.network.depth() * steps;
            let pairs = coarse.records.iter().zip(&fine.records);
            let pairs: Vec<TrainedPair> = pairs
                .map(|(coarse, fine)| TrainedPair {
                    path: path(instance, coarse.norm.max(fine.norm), depth),
                    coarse_loss: coarse.loss,
                    fine_loss: fine.loss,
                    rounding: coarse.step_rounding + fine.step_rounding,
                })
                .collect();
            let norm_squared = instance.network.readout_norm_squared();
            let bound = training_gap(&pairs, step, norm_squared, times);
            let distance = coarse.weights.refined(times).distance(&fine.weights);
            comparisons.push(Comparison::at_most(TRAINING, distance, bound));
        }
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

fn run(
    instance: &ResidualInstance,
    steps: usize,
    step: f64,
) -> Result<Trace, Box<dyn std::error::Error>> {
    let deep = instance
        .network
        .with_depth(instance.network.depth() * steps)?;
    let mut observer = Observer::try_new(&deep, &instance.inputs, &instance.targets)?;
    let task = DescentOptions {
        step,
        iterations: instance.steps,
        target: 0.0,
        gram_spectra: false,
        tangent_every: 0,
    };
    let start = instance.reference.refined(steps);
    Ok(gradient_descent(&mut observer, start, &task, |_| ())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;

    /// A run that ends before its last step says nothing of the last iterates: here there is nothing to train.
    #[test]
    fn runs_that_end_early_are_undecided() {
        let mut instance = sharp::generic().remove(0);
        instance.steps = 2;
        assert_eq!(training(&instance).judge().verdict, Verdict::Holds);
        let network = &instance.network;
        instance.targets = network
            .with_depth(network.depth() * deep_steps(network.depth()))
            .unwrap()
            .predict(
                &instance.reference.refined(deep_steps(network.depth())),
                &instance.inputs,
            );
        let finding = training(&instance);
        assert_eq!(finding.judge().verdict, Verdict::Undecided);
    }
}
