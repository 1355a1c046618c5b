//! What each claim is checked on when there are data.

use super::recipe::TrainingSizes;
use super::{InstanceError, PointsInstance, ResidualInstance, functional, mean_field, separation};
use crate::data::Dataset;
use crate::flow::{DescentOptions, gradient_descent};
use crate::kernel::KernelSpec;
use crate::recipe::Size;
use crate::resnet::{NetworkError, ResidualNetwork};
use crate::text::count;
use crate::theorem::Planned;

/// Steps taken from zero before a pointwise claim is checked.
const WARM_UP: usize = 5;

/// Most samples of a run that encloses the spectra of every layer at every step: each takes `N³`, the step itself
/// `N`.
const MOST_FOLLOWED: usize = 500;

/// Multiplications of one eigendecomposition, and of the bounds of its residuals, in units of `N³`.
const EIGEN: f64 = 10.0;

/// The sizes of a network that has only begun to learn.
pub(super) const BEGINNING: TrainingSizes = TrainingSizes {
    frequencies: 40,
    depth: 6,
    headroom: 8.0,
    step_margin: 0.5,
    steps: WARM_UP,
};

/// The same for a flow, and in fewer layers for slopes.
pub(super) const FLOW: TrainingSizes = TrainingSizes {
    steps: 20,
    ..BEGINNING
};
pub(super) const LAZY: TrainingSizes = TrainingSizes {
    depth: 4,
    ..BEGINNING
};

/// The sizes of a network that is trained to the end, and of one that is followed for a while.
pub(super) const LONG: TrainingSizes = TrainingSizes {
    frequencies: 500,
    depth: 8,
    steps: 400,
    ..BEGINNING
};
const SHORT: TrainingSizes = TrainingSizes { steps: 40, ..LONG };

/// A lifted network (P10) at zero weights, whose readout is eight times the smallest that satisfies P8's condition, and
/// its label.
fn build(
    training: TrainingSizes,
    data: &Dataset,
    samples: usize,
    kernel: KernelSpec,
    seed: u64,
) -> Result<(String, ResidualInstance), InstanceError> {
    let part = first(data, samples, seed)?;
    let label = format!(
        "{} of {}, {}, {}",
        count(part.samples(), "sample"),
        data.name,
        count(training.frequencies, "frequency"),
        count(training.depth, "layer")
    );
    Ok((label, training.instance(&part, kernel, seed)?))
}

fn plan(
    training: TrainingSizes,
    data: &Dataset,
    samples: usize,
    kernel: KernelSpec,
    seed: u64,
) -> Planned<'_> {
    Planned::new(move || build(training, data, samples, kernel, seed))
}

/// A data stage: the plan of a table, a resolved kernel and a seed.
pub(super) trait Stage:
    for<'a> Fn(&'a Dataset, KernelSpec, u64) -> Vec<Planned<'a>> + Send + Sync + 'static
{
}

impl<T> Stage for T where
    T: for<'a> Fn(&'a Dataset, KernelSpec, u64) -> Vec<Planned<'a>> + Send + Sync + 'static
{
}

/// A lifted network of these sizes on so many samples, from zero.
pub(super) fn lifted(training: TrainingSizes, samples: usize) -> impl Stage {
    move |data: &Dataset, kernel, seed| vec![plan(training, data, samples, kernel, seed)]
}

/// So many samples, and no network.
pub(super) fn points(samples: usize) -> impl Stage {
    move |data: &Dataset, kernel, seed| vec![planned_points(data, samples, 0, kernel, seed)]
}

/// Twenty samples, lifted as the networks of other claims lift them: `(x, 0)`.
pub(super) fn lifted_points(data: &Dataset, kernel: KernelSpec, seed: u64) -> Vec<Planned<'_>> {
    let more = data.target_dimension();
    vec![planned_points(data, 20, more, kernel, seed)]
}

/// So many samples, with so many zeros for further coordinates.
fn planned_points(
    data: &Dataset,
    samples: usize,
    zeros: usize,
    kernel: KernelSpec,
    seed: u64,
) -> Planned<'_> {
    Planned::new(move || {
        let part = first(data, samples, seed)?;
        let label = format!("{} of {}", count(part.samples(), "sample"), data.name);
        let dimension = part.input_dimension() + zeros;
        let points = part.inputs.resize_vertically(dimension, 0.0);
        let instance = PointsInstance {
            seed,
            ..PointsInstance::try_new(kernel, points)?
        };
        Ok::<_, InstanceError>((label, instance))
    })
}

/// A small network after five steps of gradient descent from zero.
pub(super) fn begun(data: &Dataset, kernel: KernelSpec, seed: u64) -> Vec<Planned<'_>> {
    vec![Planned::new(move || {
        let (label, mut instance) = build(BEGINNING, data, 20, kernel, seed)?;
        warm_up(&mut instance)?;
        Ok::<_, InstanceError>((label, instance))
    })]
}

/// The same at zero, the kernel with a bandwidth of a quarter of the separation: at one fit for learning the bound is
/// `e^{−10⁴}` or so in the dimension of images.
pub(super) fn narrowed(data: &Dataset, kernel: KernelSpec, seed: u64) -> Vec<Planned<'_>> {
    vec![Planned::new(move || {
        let (label, mut instance) = build(BEGINNING, data, 20, kernel, seed)?;
        instance.kernel = separation::narrowed(&instance);
        let label = format!("{label}, kernel {}", instance.kernel);
        Ok::<_, InstanceError>((label, instance))
    })]
}

/// Sixty samples with tangent kernels now and then, and 500, or all if fewer, without.
pub(super) fn followed(data: &Dataset, kernel: KernelSpec, seed: u64) -> Vec<Planned<'_>> {
    let all = data.samples();
    let most = all.min(MOST_FOLLOWED);
    let note = format!(
        "P5.along-descent follows {most} of the {}: it encloses the spectra of every layer at every step",
        count(all, "sample")
    );
    let spectra = (SHORT.steps * SHORT.depth) as f64 * EIGEN * (most as f64).powi(3);
    let size = size(&SHORT, data, most);
    let many = plan(SHORT, data, most, kernel, seed)
        .costing(size.multiplications() + spectra, bytes(&size, most))
        .leaving_out((most < all).then_some(note));
    vec![plan(SHORT, data, 60, kernel, seed), many]
}

/// All samples, until the loss has fallen to a thousandth.
pub(super) fn whole(data: &Dataset, kernel: KernelSpec, seed: u64) -> Vec<Planned<'_>> {
    let all = data.samples();
    let size = size(&LONG, data, all);
    // The spectra of all layers, when it is built, and when it is checked.
    let spectra = 2.0 * LONG.depth as f64 * EIGEN * (all as f64).powi(3);
    let work = size.multiplications() + spectra;
    vec![plan(LONG, data, all, kernel, seed).costing(work, bytes(&size, all))]
}

/// A network of kernel expansions: 20 samples, 4 layers, 30 steps from zero.
pub(super) fn expansions(data: &Dataset, kernel: KernelSpec, seed: u64) -> Vec<Planned<'_>> {
    vec![Planned::new(move || {
        functional::at_zero(data, kernel, seed)
    })]
}

/// The same after five steps.
pub(super) fn expansions_begun(data: &Dataset, kernel: KernelSpec, seed: u64) -> Vec<Planned<'_>> {
    vec![Planned::new(move || {
        let (label, mut instance) = functional::at_zero(data, kernel, seed)?;
        warm_up(&mut instance)?;
        Ok::<_, InstanceError>((label, instance))
    })]
}

/// The same at zero, with a narrow kernel: five steps would leave nothing of the loss.
pub(super) fn expansions_narrowed(
    data: &Dataset,
    kernel: KernelSpec,
    seed: u64,
) -> Vec<Planned<'_>> {
    vec![Planned::new(move || functional::narrow(data, kernel, seed))]
}

/// A mean-field network after five steps of gradient descent, beside a second draw, on 8 samples.
pub(super) fn trained_particles(data: &Dataset, _: KernelSpec, seed: u64) -> Vec<Planned<'_>> {
    vec![Planned::new(move || {
        mean_field::data::trained(&first(data, mean_field::data::FEW, seed)?, seed)
    })]
}

/// A mean-field network at the scale of the recipe, on 20 samples.
pub(super) fn scaled_particles(data: &Dataset, _: KernelSpec, seed: u64) -> Vec<Planned<'_>> {
    vec![Planned::new(move || {
        mean_field::data::scaled(&first(data, mean_field::data::SOME, seed)?, seed)
    })]
}

/// A mean-field network to be lifted, on 20 samples.
pub(super) fn particles_to_lift(data: &Dataset, _: KernelSpec, seed: u64) -> Vec<Planned<'_>> {
    vec![Planned::new(move || {
        mean_field::data::to_lift(&first(data, mean_field::data::SOME, seed)?, seed)
    })]
}

/// What all steps of a training take, if it takes them.
fn size(training: &TrainingSizes, data: &Dataset, samples: usize) -> Size {
    let state = data.input_dimension() + data.target_dimension();
    let shape = [samples, state, training.frequencies, training.depth];
    Size::of(shape.map(|n| n as u64), training.steps as u64)
}

/// Bytes of a training with its bounds of rounding, and of a few spectra: seen on 2000 samples, and somewhat more.
fn bytes(size: &Size, samples: usize) -> f64 {
    3.0 * size.bytes() + 8.0 * 8.0 * (samples * samples) as f64
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
        let task = DescentOptions {
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
    use nalgebra::DMatrix;

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
            &TrainingSizes {
                steps: 400,
                ..TrainingSizes::default()
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
