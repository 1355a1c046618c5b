//! What each claim is checked on when there are data.

use super::recipe::Training;
use super::{Claim, Instance, InstanceError, separation};
use crate::data::Dataset;
use crate::flow::{Descent, gradient_descent};
use crate::kernel::KernelSpec;
use crate::resnet::NetworkError;

/// Steps taken from zero before a pointwise claim is checked.
const WARM_UP: usize = 5;

/// Returns the instances of a data set on which a claim is checked, with a label each.
///
/// All of them are lifted networks (P10) whose readout is eight times the
/// smallest power of two that satisfies P8's condition:
/// * K5: the first samples of a sub-sample of 10, its matrix being of order `Nq`;
/// * K7: 20 samples, the kernel with a bandwidth of a quarter of their separation;
/// * other pointwise claims: 20 samples, 40 frequencies, 6 layers, after five
///   steps of gradient descent from zero;
/// * P5: 60 samples with tangent kernels now and then, and all samples
///   without (500 frequencies, 8 layers);
/// * P8: all samples, until the loss has fallen to a thousandth.
///
/// # Arguments
/// * `kernel`: with its bandwidth resolved on the inputs; `seed`: of the
///   sub-samples and of the frequencies.
///
/// # Errors
/// Data that a network refuses.
pub fn data_instances(
    claim: &Claim,
    data: &Dataset,
    kernel: KernelSpec,
    seed: u64,
) -> Result<Vec<(String, Instance)>, InstanceError> {
    let build = |training: &Training, samples: usize| {
        let part = data
            .subsample(samples, seed)
            .map_err(|_| NetworkError::Empty {
                what: "the data set",
            })?;
        let label = format!(
            "{} samples of {}, {} frequencies, {} layers",
            part.samples(),
            data.name,
            training.frequencies,
            training.depth
        );
        Ok::<_, InstanceError>((label, training.instance(&part, kernel, seed)?))
    };
    let small = Training {
        frequencies: 40,
        depth: 6,
        steps: WARM_UP,
        ..Training::default()
    };
    let all = data.samples();
    Ok(match claim.id {
        "K5.tensor" => vec![build(&small, 10)?],
        "K7.separation" => {
            let (label, mut instance) = build(&small, 20)?;
            // At a bandwidth fit for learning the bound is e^{−10⁴} or so in the dimension of images.
            instance.kernel = separation::narrowed(&instance);
            vec![(format!("{label}, kernel {}", instance.kernel), instance)]
        }
        "P5.along-descent" => {
            let short = Training {
                steps: 40,
                ..Training::default()
            };
            vec![build(&short, 60)?, build(&short, all)?]
        }
        "P8.convergence" => vec![build(
            &Training {
                steps: 400,
                ..Training::default()
            },
            all,
        )?],
        _ => {
            let (label, mut instance) = build(&small, 20)?;
            warm_up(&mut instance)?;
            vec![(label, instance)]
        }
    })
}

/// Moves the weights a few steps of gradient descent away from the reference.
fn warm_up(instance: &mut Instance) -> Result<(), InstanceError> {
    let gram = instance.reference_spectra()?;
    let start = instance.reference.clone();
    let moved = {
        let mut observer = instance.observer()?;
        let loss = observer.observe(&start).loss;
        let around = instance.neighbourhood(crate::arithmetic::Ball::from(0.0));
        let task = Descent {
            step: 1.0 / instance.smoothness(&gram, &around, loss).upper(),
            iterations: WARM_UP,
            target: 0.0,
            gram_spectra: false,
            tangent_every: 0,
        };
        gradient_descent(&mut observer, start, &task, |_| ())?.weights
    };
    instance.weights = moved;
    Ok(())
}
