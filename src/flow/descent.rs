//! Gradient descent that leaves a trace.

use super::{GramSpectrum, Observer};
use crate::arithmetic::{Ball, enlarged};
use crate::bounds::ComputedStep;
use crate::resnet::{ResidualNetwork, Weights};
use crate::spectrum::SpectrumError;
use std::fmt;

/// What gradient descent is asked to do.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct DescentOptions {
    /// Step `η` of `v ← v − η∇L(v)`.
    pub step: f64,
    /// Largest number of steps.
    pub iterations: usize,
    /// Stop once `L ≤ target·L(v⁰)`.
    pub target: f64,
    /// Enclose the Gram spectra of every layer at every iterate.
    pub gram_spectra: bool,
    /// Form the tangent kernel at every iterate divisible by this; 0 for never.
    pub tangent_every: usize,
}

impl DescentOptions {
    /// So many steps of that length, whatever the loss, without Gram spectra and tangent kernels.
    #[must_use]
    pub fn new(step: f64, iterations: usize) -> Self {
        Self {
            step,
            iterations,
            target: 0.0,
            gram_spectra: false,
            tangent_every: 0,
        }
    }

    setters! {
        with_step, step: f64;
        with_iterations, iterations: usize;
        with_target, target: f64;
        with_gram_spectra, gram_spectra: bool;
        with_tangent_every, tangent_every: usize;
    }
}

/// Why gradient descent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DescentTermination {
    /// The number of steps asked for.
    Iterations,
    /// The loss reached its target.
    TargetReached,
    /// The loss is no longer known to one per cent: rounding, or divergence.
    PrecisionLost,
}

impl fmt::Display for DescentTermination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Iterations => "the steps asked for are taken",
            Self::TargetReached => "the target is reached",
            Self::PrecisionLost => "the loss has no digits left",
        })
    }
}

/// One iterate.
#[derive(Clone, Debug)]
pub struct Record {
    /// Number of steps taken.
    pub iteration: usize,
    /// `L(vⁿ)`.
    pub loss: Ball,
    /// `‖∇L(vⁿ)‖²`.
    pub gradient_norm_squared: Ball,
    /// `‖vⁿ‖`.
    pub norm: Ball,
    /// `‖v_kⁿ‖`, one a layer.
    pub layer_norms: Vec<Ball>,
    /// `‖vⁿ − v⁰‖`.
    pub displacement: Ball,
    /// Sum of `‖v^{j+1} − v^j‖` for `j < n`.
    pub path_length: Ball,
    /// `‖vⁿ − v^{n−1}‖`; 0 at the start.
    pub step_length: Ball,
    /// Bound of the distance between `vⁿ` and the exact step from `v^{n−1}`.
    pub step_rounding: f64,
    /// Gram spectra of every layer, if asked for.
    pub gram: Vec<GramSpectrum>,
    /// Smallest eigenvalue of the tangent kernel, where it was formed.
    pub tangent_smallest: Option<Ball>,
}

impl Record {
    /// The step that ended here.
    #[must_use]
    pub fn step(&self) -> ComputedStep {
        ComputedStep {
            loss: self.loss,
            norm: self.norm,
            displacement: self.displacement,
            length: self.step_length,
            rounding: self.step_rounding,
        }
    }
}

/// The iterates of a run, its end, and its weights, or the parameter of another network.
#[derive(Clone, Debug)]
pub struct Trace<P = Weights> {
    /// One record an iterate, the start included.
    pub records: Vec<Record>,
    /// The last iterate.
    pub weights: P,
    /// Why the run ended.
    pub termination: DescentTermination,
}

/// Runs gradient descent from `start`.
///
/// # Errors
/// States that overflow, where spectra are asked for.
///
/// # Panics
/// If the shape of `start` does not fit the observer's network.
///
/// # Cost
/// One forward and backward pass a step; an eigendecomposition of order `N` a
/// layer and iterate where spectra are asked for.
///
/// # Example
/// ```
/// use polyak::{features::FourierFeatures, kernel::Gaussian, resnet::ResNet};
/// use polyak::flow::{DescentOptions, Observer, gradient_descent};
/// let features = FourierFeatures::draw(&Gaussian::try_new(1.0)?, 3, 8, 0)?;
/// let network = ResNet::lifted(2, 1, 1.0, features, 4)?;
/// let (inputs, targets) = (nalgebra::dmatrix![0.0, 1.0; 1.0, 0.0], nalgebra::dmatrix![1.0, -1.0]);
/// let mut observer = Observer::try_new(&network, &inputs, &targets)?;
/// let task = DescentOptions::new(0.5, 20);
/// let trace = gradient_descent(&mut observer, network.zero_weights(), &task, |_| ())?;
/// assert!(trace.records[20].loss.upper() < trace.records[0].loss.lower());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn gradient_descent<N: ResidualNetwork>(
    observer: &mut Observer<N>,
    start: N::Parameter,
    task: &DescentOptions,
    mut progress: impl FnMut(&Record),
) -> Result<Trace<N::Parameter>, SpectrumError> {
    let network = observer.network();
    let mut weights = start.clone();
    let mut records: Vec<Record> = Vec::with_capacity(task.iterations + 1);
    let (mut path_length, mut step_length) = (Ball::from(0.0), Ball::from(0.0));
    let mut step_rounding = 0.0;
    let termination = loop {
        let iteration = records.len();
        let observation = observer.observe(&weights);
        let gradient = observer.gradient().clone();
        let mut record = Record {
            iteration,
            loss: observation.loss,
            gradient_norm_squared: observation.gradient_norm_squared,
            norm: observation.norm,
            layer_norms: observation.layer_norms.clone(),
            displacement: network.distance(&weights, &start),
            path_length,
            step_length,
            step_rounding,
            gram: Vec::new(),
            tangent_smallest: None,
        };
        if let Some(termination) = ends(task, &records, &record) {
            // An iterate without digits is reported, but no spectrum is attempted on it.
            let lost = termination == DescentTermination::PrecisionLost;
            if !lost {
                spectra(observer, &weights, &observation, task, &mut record)?;
            }
            progress(&record);
            records.push(record);
            break termination;
        }
        spectra(observer, &weights, &observation, task, &mut record)?;
        progress(&record);
        records.push(record);

        let terms = [(-task.step, &gradient)];
        let next = network.combination(&weights, &terms);
        step_length = network.distance(&next, &weights);
        path_length = path_length + step_length;
        // Error of the gradient, rounding of the product and of the sum.
        let rounded = network.combination_rounding(&next, &terms);
        let error = task.step * observation.rounding.gradient_error() + rounded;
        step_rounding = enlarged(error, network.frame().depth() + 16);
        weights = next;
    };
    Ok(Trace {
        records,
        weights,
        termination,
    })
}

fn ends(task: &DescentOptions, past: &[Record], record: &Record) -> Option<DescentTermination> {
    let loss = record.loss;
    // Written so that a NaN counts as lost.
    let known = loss.rad() <= crate::evidence::LARGEST_TOLERANCE * loss.mid();
    if !known {
        return Some(DescentTermination::PrecisionLost);
    }
    let start = past.first().map_or(loss, |first| first.loss);
    if loss.upper() <= task.target * start.lower() {
        return Some(DescentTermination::TargetReached);
    }
    (record.iteration >= task.iterations).then_some(DescentTermination::Iterations)
}

fn spectra<N: ResidualNetwork>(
    observer: &mut Observer<N>,
    weights: &N::Parameter,
    observation: &super::Observation,
    task: &DescentOptions,
    record: &mut Record,
) -> Result<(), SpectrumError> {
    if task.gram_spectra {
        record.gram = observer.gram_spectra(observation)?;
    }
    if task.tangent_every > 0 && record.iteration.is_multiple_of(task.tangent_every) {
        let kernel = observer.tangent_kernel(weights, observation);
        record.tangent_smallest = Some(kernel.extremes()?.0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::{Real, UNIT_ROUNDOFF};
    use crate::resnet::oracle::{Case, Double, doubled};
    use crate::resnet::reference;

    const TASK: DescentOptions = DescentOptions {
        step: 0.05,
        iterations: 6,
        target: 0.0,
        gram_spectra: false,
        tangent_every: 0,
    };

    fn run(case: &Case, task: DescentOptions) -> Trace {
        let mut observer = Observer::try_new(&case.network, &case.inputs, &case.targets).unwrap();
        let mut seen = Vec::new();
        let start = case.weights.clone();
        let trace = gradient_descent(&mut observer, start, &task, |record| {
            seen.push((record.iteration, record.loss));
        });
        let trace = trace.unwrap();
        // Progress is told every record, once and in order.
        let told: Vec<_> = trace
            .records
            .iter()
            .map(|r| (r.iteration, r.loss))
            .collect();
        assert_eq!(seen, told);
        trace
    }

    fn case() -> Case {
        Case::new([2, 3, 2, 4, 3, 3], 1)
    }

    #[test]
    fn records_are_those_of_single_steps() {
        let case = case();
        let trace = run(&case, TASK);
        assert_eq!(trace.termination, DescentTermination::Iterations);
        assert_eq!(trace.records.len(), 7);
        let mut here = case.clone();
        let mut path = Ball::from(0.0);
        for (n, record) in trace.records.iter().enumerate() {
            let tape = here.tape();
            assert_eq!(record.iteration, n);
            assert_eq!(record.loss.mid(), tape.loss());
            assert!(
                record
                    .gradient_norm_squared
                    .contains(tape.gradient().norm_squared().mid())
            );
            assert_eq!(record.norm, here.weights.norm());
            assert_eq!(record.layer_norms, here.weights.layer_norms());
            assert_eq!(record.displacement, here.weights.distance(&case.weights));
            assert_eq!(record.path_length.mid(), path.mid());
            let steps = trace.records[..=n].iter().map(|record| record.step_length);
            assert_eq!(steps.sum::<Ball>().mid(), path.mid());
            assert!(record.path_length.upper() >= record.displacement.lower());
            assert!(record.gram.is_empty() && record.tangent_smallest.is_none());
            if n > 0 {
                assert!(record.loss.upper() < trace.records[n - 1].loss.lower());
            }
            if n == 6 {
                assert_eq!(here.weights, trace.weights);
            }
            let next = here.weights.plus(-TASK.step, tape.gradient());
            path = path + next.distance(&here.weights);
            here.weights = next;
        }
        // The path is not straight.
        let last = &trace.records[6];
        assert!(last.path_length.lower() > last.displacement.upper());
        assert_eq!(trace.records[0].step_rounding, 0.0);
    }

    /// One step in 31 digits.
    #[test]
    fn step_rounding_bounds_the_distance_to_the_exact_step() {
        for seed in 0..6 {
            let mut case = Case::new([2, 3, 2, 4, 3, 3], seed);
            case.weights = case.weights.scaled([1.0, 30.0][seed % 2]);
            let task = DescentOptions {
                iterations: 1,
                step: 0.3,
                ..TASK
            };
            let trace = run(&case, task);
            let start = doubled(&case.weights);
            let gradient = reference::gradient(&case.network, &start, &case.inputs, &case.targets);
            let end = doubled(&trace.weights);
            let mut squares = 0.0;
            for k in 0..3 {
                for row in 0..3 {
                    for column in 0..8 {
                        let step = Double::from(0.3) * gradient[k][row][column];
                        let exact = start[k][row][column] - step;
                        squares += (end[k][row][column] - exact).value().powi(2) / 3.0;
                    }
                }
            }
            let error = squares.sqrt();
            assert!(error > 0.0 && error <= trace.records[1].step_rounding);
        }
    }

    /// `η(D⁻¹Σ‖δ∇_k‖²)^{1/2}`, a rounding of the product and one of the sum; and more than
    /// one rounding a layer on top for the sum over the layers.
    #[test]
    fn step_rounding_adds_gradient_product_and_sum() {
        let case = Case::new([1, 2, 1, 2, 40, 2], 2);
        for step in [0.25, 3.0] {
            let trace = run(
                &case,
                DescentOptions {
                    iterations: 1,
                    step,
                    ..TASK
                },
            );
            let mut observer =
                Observer::try_new(&case.network, &case.inputs, &case.targets).unwrap();
            let seen = observer.observe(&case.weights);
            let zero = Double::from(0.0);
            let errors = seen.rounding.gradient.iter().map(|&g| Double::from(g));
            let mean = errors.fold(zero, |sum, g| sum + g * g) * Double::reciprocal_root(1600.0);
            let moved = Double::from(observer.tape().gradient().norm().upper());
            let norm = Double::from(trace.records[1].norm.upper());
            let step = Double::from(step);
            let rounded = Double::from(UNIT_ROUNDOFF) * (step * moved + norm);
            let expected = step * mean.sqrt() + rounded;
            let excess = Double::from(trace.records[1].step_rounding) - expected;
            let units = excess.value() / expected.value() / UNIT_ROUNDOFF;
            assert!((40.0..=100.0).contains(&units), "{units}");
        }
    }

    #[test]
    fn every_part_of_the_step_rounding_is_there() {
        // Zero frequency: p = 3, one sample; the gradient is (3, 0), off by 183u (see the
        // roundings of a line), the step ½, the weights afterwards (−3/2, 0).
        let case = Case::line(0.0, 1.0, 3.0, [0.0, 0.0], 2.0, 5.0);
        let trace = run(
            &case,
            DescentOptions {
                iterations: 1,
                step: 0.5,
                ..TASK
            },
        );
        let units = trace.records[1].step_rounding / UNIT_ROUNDOFF;
        assert!((units - (0.5 * 183.0 + 1.5 + 1.5)).abs() <= 1e-9, "{units}");
    }

    #[test]
    fn run_ends_at_its_target() {
        let case = case();
        let task = DescentOptions {
            target: 0.75,
            iterations: 500,
            gram_spectra: true,
            ..TASK
        };
        let trace = run(&case, task);
        assert_eq!(trace.termination, DescentTermination::TargetReached);
        let limit = 0.75 * trace.records[0].loss.lower();
        let (last, before) = trace.records.split_last().unwrap();
        assert!(!before.is_empty());
        assert!(last.loss.upper() <= limit);
        assert!(before.iter().all(|record| record.loss.upper() > limit));
        // The last iterate is observed like the others.
        assert!(trace.records.iter().all(|record| record.gram.len() == 3));
        let start = run(
            &case,
            DescentOptions {
                target: 2.0,
                ..task
            },
        );
        assert_eq!(
            (start.records.len(), start.termination),
            (1, DescentTermination::TargetReached)
        );
    }

    #[test]
    fn no_step_is_a_run() {
        let trace = run(
            &case(),
            DescentOptions {
                iterations: 0,
                ..TASK
            },
        );
        assert_eq!(
            (trace.records.len(), trace.termination),
            (1, DescentTermination::Iterations)
        );
        assert_eq!(trace.weights, case().weights);
    }

    #[test]
    fn run_ends_when_the_loss_has_no_digits() {
        // A perfect fit: the loss is all rounding.
        let mut fitted = case();
        fitted.targets = fitted.network.predict(&fitted.weights, &fitted.inputs);
        let trace = run(
            &fitted,
            DescentOptions {
                gram_spectra: true,
                tangent_every: 1,
                ..TASK
            },
        );
        assert_eq!(trace.termination, DescentTermination::PrecisionLost);
        assert_eq!(trace.records.len(), 1);
        assert!(trace.records[0].gram.is_empty());
        assert!(trace.records[0].tangent_smallest.is_none());
        // Divergence: an infinite state is an end, not an error.
        let task = DescentOptions {
            step: 1e200,
            gram_spectra: true,
            ..TASK
        };
        let trace = run(&case(), task);
        assert_eq!(trace.termination, DescentTermination::PrecisionLost);
        let (last, before) = trace.records.split_last().unwrap();
        assert!(last.gram.is_empty() && before.iter().all(|record| record.gram.len() == 3));
    }

    /// One per cent on both sides: an error of 1 behind `F = 3·2·2^s` is off by `48u2^s`,
    /// its square by twice that: 0.6 and 2.3 per cent.
    #[test]
    fn one_per_cent_of_the_loss_is_enough() {
        for (power, known) in [(39, true), (41, false)] {
            let scale = 2.0_f64.powi(power);
            let case = Case::line(0.0, 1.0, 3.0 * scale, [0.0, 0.0], 2.0, 6.0 * scale - 1.0);
            let trace = run(
                &case,
                DescentOptions {
                    iterations: 0,
                    ..TASK
                },
            );
            let relative = trace.records[0].loss.rad() / trace.records[0].loss.mid();
            assert_eq!(relative <= 0.01, known, "{relative}");
            assert_eq!(trace.termination == DescentTermination::Iterations, known);
        }
    }

    #[test]
    fn spectra_come_when_asked_for() {
        let case = case();
        let task = DescentOptions {
            gram_spectra: true,
            tangent_every: 3,
            ..TASK
        };
        let trace = run(&case, task);
        for record in &trace.records {
            assert_eq!(record.gram.len(), 3);
            assert_eq!(record.tangent_smallest.is_some(), record.iteration % 3 == 0);
        }
        let mut observer = Observer::try_new(&case.network, &case.inputs, &case.targets).unwrap();
        let seen = observer.observe(&case.weights);
        assert_eq!(trace.records[0].gram, observer.gram_spectra(&seen).unwrap());
        let kernel = observer.tangent_kernel(&case.weights, &seen);
        let smallest = kernel.extremes().unwrap().0;
        assert_eq!(trace.records[0].tangent_smallest, Some(smallest));
        // The tangent kernel overwrites the tape, not the gradient of the step.
        let plain = run(&case, TASK);
        assert_eq!(plain.weights, trace.weights);
    }
}
