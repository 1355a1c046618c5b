//! D3: gradient descent at two depths.

use super::super::{ResidualInstance, undecided};
use super::{STEPS, deep_steps, path};
use crate::bounds::{TrainedPair, training_gap};
use crate::evidence::{Comparison, Finding};
use crate::flow::{DescentOptions, Observer, Trace, gradient_descent};

/// The iterates of two networks that start from one path.
const TRAINING: &str = "‖vⁿ_D−vⁿ_nD‖ ≤ U_n = O(1/D)";

/// The same number of steps of the same size from the reference, at two depths.
pub(in crate::claims) fn training(instance: &ResidualInstance) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let spectra = instance.reference_spectra()?;
        let loss = instance.reference_loss()?;
        let step = instance.reference_step(&spectra, loss);
        let mut comparisons = Vec::new();
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
    use super::super::super::sharp;
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
