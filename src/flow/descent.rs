//! Gradient descent that leaves a trace.

use super::{GramSpectrum, Observer};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, gamma};
use crate::resnet::Weights;
use crate::spectrum::SpectrumError;

/// What gradient descent is asked to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Descent {
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

/// Why gradient descent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Termination {
    /// The number of steps asked for.
    Iterations,
    /// The loss reached its target.
    TargetReached,
    /// The loss is no longer known to one per cent: rounding, or divergence.
    PrecisionLost,
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
    /// Bound of the distance between `vⁿ` and the exact step from `v^{n−1}`.
    pub step_rounding: f64,
    /// Gram spectra of every layer, if asked for.
    pub gram: Vec<GramSpectrum>,
    /// Smallest eigenvalue of the tangent kernel, where it was formed.
    pub tangent_smallest: Option<Ball>,
}

/// The iterates of a run, its end, and its weights.
#[derive(Clone, Debug)]
pub struct Trace {
    /// One record an iterate, the start included.
    pub records: Vec<Record>,
    /// The last iterate.
    pub weights: Weights,
    /// Why the run ended.
    pub termination: Termination,
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
/// use polyak::flow::{Descent, Observer, gradient_descent};
/// let features = FourierFeatures::draw(&Gaussian::try_new(1.0)?, 3, 8, 0)?;
/// let network = ResNet::lifted(2, 1, 1.0, features, 4)?;
/// let (inputs, targets) = (nalgebra::dmatrix![0.0, 1.0; 1.0, 0.0], nalgebra::dmatrix![1.0, -1.0]);
/// let mut observer = Observer::try_new(&network, &inputs, &targets)?;
/// let task = Descent { step: 0.5, iterations: 20, target: 0.0, gram_spectra: false, tangent_every: 0 };
/// let trace = gradient_descent(&mut observer, network.zero_weights(), &task, |_| ())?;
/// assert!(trace.records[20].loss.upper() < trace.records[0].loss.lower());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn gradient_descent(
    observer: &mut Observer,
    start: Weights,
    task: &Descent,
    mut progress: impl FnMut(&Record),
) -> Result<Trace, SpectrumError> {
    let mut weights = start.clone();
    let mut records: Vec<Record> = Vec::with_capacity(task.iterations + 1);
    let (mut path_length, mut step_rounding) = (Ball::from(0.0), 0.0);
    let termination = loop {
        let iteration = records.len();
        let observation = observer.observe(&weights);
        let gradient = observer.tape().gradient().clone();
        let mut record = Record {
            iteration,
            loss: observation.loss,
            gradient_norm_squared: observation.gradient_norm_squared,
            norm: observation.norm,
            layer_norms: observation.layer_norms.clone(),
            displacement: weights.distance(&start),
            path_length,
            step_rounding,
            gram: Vec::new(),
            tangent_smallest: None,
        };
        if let Some(termination) = ends(task, &records, &record) {
            // An iterate without digits is reported, but no spectrum is attempted on it.
            let lost = termination == Termination::PrecisionLost;
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

        let next = weights.plus(-task.step, &gradient);
        path_length = path_length + next.distance(&weights);
        let moved = gradient.norm().upper() * task.step;
        let depth = gradient.depth() as f64;
        let errors = observation
            .rounding
            .gradient
            .iter()
            .map(|g| g * g)
            .sum::<f64>();
        // Error of the gradient, rounding of the product, rounding of the sum.
        step_rounding = (task.step * (errors / depth).sqrt()
            + UNIT_ROUNDOFF * (moved + next.norm().upper()))
            * (1.0 + gamma(gradient.depth() + 16));
        weights = next;
    };
    Ok(Trace {
        records,
        weights,
        termination,
    })
}

fn ends(task: &Descent, past: &[Record], record: &Record) -> Option<Termination> {
    let loss = record.loss;
    // Written so that a NaN counts as lost.
    let known = loss.rad() <= crate::evidence::LARGEST_TOLERANCE * loss.mid();
    if !known {
        return Some(Termination::PrecisionLost);
    }
    let start = past.first().map_or(loss, |first| first.loss);
    if loss.upper() <= task.target * start.lower() {
        return Some(Termination::TargetReached);
    }
    (record.iteration >= task.iterations).then_some(Termination::Iterations)
}

fn spectra(
    observer: &mut Observer,
    weights: &Weights,
    observation: &super::Observation,
    task: &Descent,
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
