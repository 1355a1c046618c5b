//! What each claim is checked on when there are data.

use super::functional;
use super::recipe::Training;
use super::{Claim, Instance, InstanceError, ResidualInstance, Subject, mean_field, separation};
use crate::data::{DEFAULT_DRAWS, Dataset};
use crate::features::FourierFeatures;
use crate::flow::{Descent, gradient_descent};
use crate::kernel::KernelSpec;
use crate::resnet::{NetworkError, ResNet, ResidualNetwork};
use nalgebra::DMatrix;

/// Steps taken from zero before a pointwise claim is checked.
const WARM_UP: usize = 5;

/// Returns the instances of a data set on which a claim is checked, with a label each.
///
/// All of them are lifted networks (P10) whose readout is eight times the
/// smallest that satisfies P8's condition:
/// * K5: the first samples of a sub-sample of 10, its matrix being of order `Nq`;
/// * K7: 20 samples, the kernel with a bandwidth of a quarter of their separation;
/// * P11's coefficient: five samples, of which nothing but the data counts;
/// * R1–R8b: three samples (R5) or five, no network; R9, R10 and D2 have none;
/// * kernel expansions: 20 samples, 4 layers, 30 steps from zero, pointwise claims after five; P3.separation at zero, with a
///   narrow kernel, as K7;
/// * P6, P9 and P5 along the flow: 20 samples (P12: 5), 40 frequencies, 6 layers, from zero;
/// * other pointwise claims: 20 samples, 40 frequencies, 6 layers, after five
///   steps of gradient descent from zero;
/// * P5: 60 samples with tangent kernels now and then, and all samples
///   without (500 frequencies, 8 layers);
/// * P8: all samples, until the loss has fallen to a thousandth; P8b: 60;
/// * P11: six samples, 40 frequencies, 4 layers;
/// * W3: 5 samples, 6 layers;
/// * claims about mean-field networks: 20 samples for C10 and C11, 8 for the others; W1, W2 and W4 have none.
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
    match claim.subject {
        Subject::Residual { .. } => {
            let labelled = residual_instances(claim, data, kernel, seed)?;
            let into = |(label, instance)| (label, Instance::from(instance));
            Ok(labelled.into_iter().map(into).collect())
        }
        // Initialisations drawn by the thousand are their own data.
        Subject::MeanField { .. } if claim.family == "width" => Ok(Vec::new()),
        Subject::MeanField { .. } => {
            let [some, few] = mean_field::SAMPLES;
            let convergence = ["C10.convergence", "C11.lift"].contains(&claim.id);
            let part = first(data, if convergence { some } else { few }, seed)?;
            let (label, instance) = mean_field::data_instance(claim.id, &part, seed)?;
            Ok(vec![(label, instance.into())])
        }
        Subject::Functional { .. } => functional::instances(claim, data, kernel, seed),
    }
}

fn residual_instances(
    claim: &Claim,
    data: &Dataset,
    kernel: KernelSpec,
    seed: u64,
) -> Result<Vec<(String, ResidualInstance)>, InstanceError> {
    let build = |training: &Training, samples: usize| {
        let part = first(data, samples, seed)?;
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
        // Of networks that have only begun to learn the local slopes are not resolved.
        "D2.order" => Vec::new(),
        // Blocks of as many frequencies as pixels, and networks on them, are not drawn in numbers.
        "R9.orthogonal" | "R10.end-to-end" => Vec::new(),
        "R5.uniform" => vec![points(data, 3, kernel, seed)?],
        // They look at all targets: the first alone may well be zero.
        "P11.features" | "W3.rff-to-rkhs" => vec![build(&small, 5)?],
        _ if claim.family == "rff" => vec![points(data, 5, kernel, seed)?],
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
        "P8b.spectral" | "P8b.integrated" | "P8b.resumed" => vec![build(
            &Training {
                steps: 400,
                ..Training::default()
            },
            60,
        )?],
        "P11.lazy" => vec![build(&Training { depth: 4, ..small }, 6)?],
        "P5.along-flow" | "P6.critical" | "P9.flow" | "P12.equivalence" => {
            let flow = Training { steps: 20, ..small };
            let samples = if claim.id == "P12.equivalence" { 5 } else { 20 };
            vec![build(&flow, samples)?]
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

/// The first samples of a sub-sample, and a network that does nothing.
fn points(
    data: &Dataset,
    samples: usize,
    kernel: KernelSpec,
    seed: u64,
) -> Result<(String, ResidualInstance), InstanceError> {
    let part = first(data, samples, seed)?;
    let (dimension, samples) = part.inputs.shape();
    let features = FourierFeatures::try_new(DMatrix::from_element(dimension, 1, 1.0))?;
    let identity = DMatrix::identity(dimension, dimension);
    let network = ResNet::try_new(identity, DMatrix::identity(1, dimension), features, 1)?;
    network.require_data(&part.inputs, &part.targets.rows(0, 1).into_owned())?;
    let zero = network.zero_weights();
    let instance = ResidualInstance {
        kernel,
        network,
        inputs: part.inputs.clone(),
        targets: part.targets.rows(0, 1).into_owned(),
        reference: zero.clone(),
        weights: zero,
        step_margin: 0.5,
        steps: 1,
        seed,
        draws: DEFAULT_DRAWS,
    };
    Ok((format!("{samples} samples of {}", data.name), instance))
}

pub(super) fn first(data: &Dataset, samples: usize, seed: u64) -> Result<Dataset, InstanceError> {
    let part = data.subsample(samples, seed);
    Ok(part.map_err(|_| NetworkError::Empty {
        what: "the data set",
    })?)
}

/// Moves the weights a few steps of gradient descent away from the reference.
pub(super) fn warm_up<N: ResidualNetwork>(
    instance: &mut ResidualInstance<N>,
) -> Result<(), InstanceError> {
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
