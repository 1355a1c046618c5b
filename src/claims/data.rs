//! What each claim is checked on when there are data.

use super::recipe::Training;
use super::{InstanceError, ResidualInstance, functional, mean_field, separation};
use crate::data::{DEFAULT_DRAWS, Dataset};
use crate::features::FourierFeatures;
use crate::flow::{Descent, gradient_descent};
use crate::kernel::KernelSpec;
use crate::recipe::Size;
use crate::resnet::{NetworkError, ResNet, ResidualNetwork};
use crate::theorem::Planned;
use nalgebra::DMatrix;

/// Steps taken from zero before a pointwise claim is checked.
const WARM_UP: usize = 5;

/// Most samples of a run that encloses the spectra of every layer at every step: each takes `N³`, the step itself
/// `N`.
const MOST_FOLLOWED: usize = 500;

/// Multiplications of one eigendecomposition, and of the bounds of its residuals, in units of `N³`.
const EIGEN: f64 = 10.0;

/// Plans the instances of a data set on which a claim about Paper A's network is checked.
///
/// All of them are lifted networks (P10) whose readout is eight times the smallest that satisfies P8's condition:
/// * K5: the first samples of a sub-sample of 10, its matrix being of order `Nq`;
/// * K7: 20 samples, the kernel with a bandwidth of a quarter of their separation;
/// * P11's coefficient: five samples, of which nothing but the data counts;
/// * R1–R8b: three samples (R5) or five, no network; R9, R10 and D2 have none;
/// * P6, P9 and P5 along the flow: 20 samples (P12: 5), 40 frequencies, 6 layers, from zero;
/// * other pointwise claims: 20 samples, 40 frequencies, 6 layers, after five
///   steps of gradient descent from zero;
/// * P5: 60 samples with tangent kernels now and then, and 500 samples, or all if fewer,
///   without (500 frequencies, 8 layers);
/// * P8: all samples, until the loss has fallen to a thousandth; P8b: 60;
/// * P11: six samples, 40 frequencies, 4 layers;
/// * W3: 5 samples, 6 layers;
///
/// # Arguments
/// * `kernel`: with its bandwidth resolved on the inputs; `seed`: of the
///   sub-samples and of the frequencies.
pub(super) fn residual<'a>(
    id: &'static str,
    family: &str,
    data: &'a Dataset,
    kernel: KernelSpec,
    seed: u64,
) -> Vec<Planned<'a>> {
    let build = move |training: Training, samples: usize| {
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
    let plan = move |training: Training, samples| Planned::new(move || build(training, samples));
    let small = Training {
        frequencies: 40,
        depth: 6,
        steps: WARM_UP,
        ..Training::default()
    };
    let long = Training {
        steps: 400,
        ..Training::default()
    };
    let all = data.samples();
    match id {
        "K5.tensor" => vec![plan(small, 10)],
        // Of networks that have only begun to learn the local slopes are not resolved.
        "D2.order" => Vec::new(),
        // Blocks of as many frequencies as pixels, and networks on them, are not drawn in numbers.
        "R9.orthogonal" | "R10.end-to-end" => Vec::new(),
        "R5.uniform" => vec![Planned::new(move || points(data, 3, kernel, seed))],
        // They look at all targets: the first alone may well be zero.
        "P11.features" | "W3.rff-to-rkhs" => vec![plan(small, 5)],
        _ if family == "rff" => {
            vec![Planned::new(move || points(data, 5, kernel, seed))]
        }
        "K7.separation" => vec![Planned::new(move || {
            let (label, mut instance) = build(small, 20)?;
            // At a bandwidth fit for learning the bound is e^{−10⁴} or so in the dimension of images.
            instance.kernel = separation::narrowed(&instance);
            let label = format!("{label}, kernel {}", instance.kernel);
            Ok::<_, InstanceError>((label, instance))
        })],
        "P5.along-descent" => {
            let short = Training {
                steps: 40,
                ..Training::default()
            };
            let followed = all.min(MOST_FOLLOWED);
            let note = format!(
                "{id} follows {followed} of the {all} samples: it encloses the spectra of every layer at every step"
            );
            let order = followed as f64;
            let spectra = (short.steps * short.depth) as f64 * EIGEN * order.powi(3);
            let size = size(&short, data, followed);
            let many = plan(short, followed)
                .costing(size.multiplications() + spectra, bytes(&size, followed))
                .leaving_out((followed < all).then_some(note));
            vec![plan(short, 60), many]
        }
        "P8b.spectral" | "P8b.integrated" | "P8b.resumed" => vec![plan(long, 60)],
        "P11.lazy" => vec![plan(Training { depth: 4, ..small }, 6)],
        "P5.along-flow" | "P6.critical" | "P9.flow" | "P12.equivalence" => {
            let flow = Training { steps: 20, ..small };
            let samples = if id == "P12.equivalence" { 5 } else { 20 };
            vec![plan(flow, samples)]
        }
        "P8.convergence" => {
            let size = size(&long, data, all);
            // The spectra of all layers, when it is built, and when it is checked.
            let spectra = 2.0 * long.depth as f64 * EIGEN * (all as f64).powi(3);
            vec![plan(long, all).costing(size.multiplications() + spectra, bytes(&size, all))]
        }
        _ => vec![Planned::new(move || {
            let (label, mut instance) = build(small, 20)?;
            warm_up(&mut instance)?;
            Ok::<_, InstanceError>((label, instance))
        })],
    }
}

/// Plans the instance of a claim about networks of kernel expansions: 20 samples, 4 layers, 30 steps from zero, pointwise
/// claims after five; P3.separation at zero, with a narrow kernel, as K7.
pub(super) fn functional<'a>(
    id: &'static str,
    data: &'a Dataset,
    kernel: KernelSpec,
    seed: u64,
) -> Vec<Planned<'a>> {
    vec![Planned::new(move || {
        functional::instance(id, data, kernel, seed)
    })]
}

/// Plans the instance of a claim about mean-field networks: 20 samples for C10 and C11, 8 for the others; W1, W2 and W4
/// have none.
pub(super) fn mean_field<'a>(
    id: &'static str,
    family: &str,
    data: &'a Dataset,
    seed: u64,
) -> Vec<Planned<'a>> {
    // Initialisations drawn by the thousand are their own data.
    if family == "width" {
        return Vec::new();
    }
    vec![Planned::new(move || {
        let [some, few] = mean_field::SAMPLES;
        let convergence = ["C10.convergence", "C11.lift"].contains(&id);
        let part = first(data, if convergence { some } else { few }, seed)?;
        mean_field::data_instance(id, &part, seed)
    })]
}

/// What all steps of a training take, if it takes them.
fn size(training: &Training, data: &Dataset, samples: usize) -> Size {
    let state = data.input_dimension() + data.target_dimension();
    let shape = [samples, state, training.frequencies, training.depth];
    Size::of(shape.map(|n| n as u64), training.steps as u64)
}

/// Bytes of a training with its bounds of rounding, and of a few spectra: seen on 2000 samples, and somewhat more.
fn bytes(size: &Size, samples: usize) -> f64 {
    3.0 * size.bytes() + 8.0 * 8.0 * (samples * samples) as f64
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::registry;
    use crate::theorem::Claim;

    /// So many points on a line that no network can tell most of them apart: nothing of them is built.
    fn line(samples: usize) -> Dataset {
        Dataset {
            name: "line".to_owned(),
            inputs: DMatrix::from_fn(64, samples, |_, j| j as f64),
            targets: DMatrix::from_element(10, samples, 1.0),
            rows: (1..=samples).collect(),
            notes: Vec::new(),
        }
    }

    fn kernel() -> KernelSpec {
        "gaussian:1".parse().unwrap()
    }

    #[test]
    fn a_plan_has_as_many_instances_as_it_builds() {
        let data = crate::data::digits().subsample(8, 0).unwrap();
        for claim in registry() {
            let plan = claim.on_data(&data, kernel(), 0);
            assert_eq!(plan.notes().count(), 0, "{}", claim.id());
            let foretold = plan.instances();
            let built = plan.build().unwrap();
            assert_eq!(built.len(), foretold, "{}", claim.id());
        }
    }

    /// The largest table takes no claim more than what the training on all of it takes, within a factor.
    #[test]
    fn no_claim_grows_faster_than_the_training() {
        let (some, most) = (line(1000), line(2000));
        let work = |claim: &dyn Claim, data| claim.on_data(data, kernel(), 0).work();
        let training = size(
            &Training {
                steps: 400,
                ..Training::default()
            },
            &most,
            most.samples(),
        );
        for claim in registry() {
            let (before, after) = (work(claim, &some), work(claim, &most));
            assert!(after <= 8.0 * before, "{}", claim.id());
            assert!(after <= 2.0 * training.multiplications(), "{}", claim.id());
        }
    }

    #[test]
    fn what_is_left_out_is_said() {
        let claim = crate::claims::find("P5.along-descent").unwrap();
        let (few, many) = (line(500), line(501));
        assert_eq!(claim.on_data(&few, kernel(), 0).notes().count(), 0);
        let plan = claim.on_data(&many, kernel(), 0);
        let notes: Vec<&str> = plan.notes().collect();
        assert_eq!(notes.len(), 1);
        let words = "P5.along-descent follows 500 of the 501 samples: it encloses";
        assert!(notes[0].starts_with(words), "{}", notes[0]);
        assert!(plan.work() > 1e11 && plan.bytes() > 1e7);
    }
}
