//! The gradient flow `v̇ = −∇L(v)` by an embedded Runge–Kutta method, and a bound of its residual.
//!
//! Dormand and Prince's pair of orders 5 and 4 with its continuous extension. Written here because
//! the maintained crates (`ode_solvers`, `diffsol`, `differential-equations`) integrate vectors of a
//! fixed length: a kernel expansion grows with every evaluation of its gradient, its norm is that of
//! a function space, and what the theory needs is not an error estimate but the residual
//! `v̇ + ∇L(v)` of a path. The path is the polygon through points of the continuous extension.

use super::polygon::{Corner, LossCurvature, Segment, corner, segment};
use super::{GramSpectrum, Observer, Record};
use crate::arithmetic::{Ball, enlarged};
use crate::evidence::LARGEST_TOLERANCE;
use crate::resnet::{ResidualNetwork, Weights};
use crate::spectrum::SpectrumError;
use std::fmt;

/// What the integrator is asked to do.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct GradientFlow {
    /// The time to integrate to, from 0.
    pub horizon: f64,
    /// Largest estimated error a unit of time, as a share of `‖∇L‖`.
    pub tolerance: f64,
    /// The first step tried.
    pub first_step: f64,
    /// Largest number of steps, rejected ones included.
    pub steps: usize,
    /// The residual aimed at, `‖v̇ + ∇L‖/‖∇L‖`: the path turns so often that the curvature allows for
    /// about that, a gradient a turn. Infinite for a straight line a step.
    pub residual: f64,
    /// Enclose the Gram spectra of every layer at every accepted step.
    pub gram_spectra: bool,
}

impl GradientFlow {
    /// The flow up to a time: an estimated error of 1e-4 a unit of time, a first step of a hundredth of the time,
    /// ten thousand steps at most, a residual of a hundredth, no Gram spectra.
    #[must_use]
    pub fn new(horizon: f64) -> Self {
        Self {
            horizon,
            tolerance: 1e-4,
            first_step: horizon / 100.0,
            steps: 10_000,
            residual: 0.01,
            gram_spectra: false,
        }
    }

    setters! {
        with_horizon, horizon: f64;
        with_tolerance, tolerance: f64;
        with_first_step, first_step: f64;
        with_steps, steps: usize;
        with_residual, residual: f64;
        with_gram_spectra, gram_spectra: bool;
    }
}

/// Why the integration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlowTermination {
    /// The horizon was reached.
    Horizon,
    /// The number of steps asked for.
    Steps,
    /// The loss is no longer known to one per cent.
    PrecisionLost,
}

impl fmt::Display for FlowTermination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Horizon => "the horizon is reached",
            Self::Steps => "the steps asked for are taken",
            Self::PrecisionLost => "the loss has no digits left",
        })
    }
}

/// An accepted step, or the start.
#[derive(Clone, Debug)]
pub struct FlowRecord {
    /// The time.
    pub time: f64,
    /// The network there; its path length is that of the path, its `step_length` a bound, and its
    /// `step_rounding` the rounding, of the last step.
    pub record: Record,
    /// `∫‖∇L‖²` along the path so far.
    pub dissipated: Ball,
    /// The largest `‖v̇ + ∇L(v)‖/‖∇L(v)‖` on the path so far, at most.
    pub residual: f64,
    /// `∫‖v̇ + ∇L(v)‖` along the path so far, at most.
    pub defect: Ball,
}

impl FlowRecord {
    /// Returns the time that the path took: durations and their sum are rounded.
    #[must_use]
    pub fn elapsed(&self) -> Ball {
        // A sum a step; the division of the last steps, and where the last one is cut off.
        Ball::new(
            self.time,
            crate::arithmetic::gamma(self.record.iteration + 4) * self.time,
        )
    }
}

/// A stretch of the path, of which one is asked how the loss bends there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// `‖v − v⁰‖` where it begins.
    pub displacement: Ball,
    /// `L(v)` where it begins.
    pub loss: Ball,
    /// Nothing on it is farther than this from where it begins.
    pub reach: Ball,
}

/// The accepted steps of an integration.
#[derive(Clone, Debug)]
pub struct FlowTrace<P = Weights> {
    /// One record an accepted step, the start included.
    pub records: Vec<FlowRecord>,
    /// The parameter at the end.
    pub parameter: P,
    /// Number of rejected steps.
    pub rejected: usize,
    /// Why the integration ended.
    pub termination: FlowTermination,
}

/// Rows of the tableau below the diagonal; the last row is the solution of order 5.
const STAGES: [&[f64]; 6] = [
    &[1.0 / 5.0],
    &[3.0 / 40.0, 9.0 / 40.0],
    &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
    &[
        19_372.0 / 6_561.0,
        -25_360.0 / 2_187.0,
        64_448.0 / 6_561.0,
        -212.0 / 729.0,
    ],
    &[
        9_017.0 / 3_168.0,
        -355.0 / 33.0,
        46_732.0 / 5_247.0,
        49.0 / 176.0,
        -5_103.0 / 18_656.0,
    ],
    &[
        35.0 / 384.0,
        0.0,
        500.0 / 1_113.0,
        125.0 / 192.0,
        -2_187.0 / 6_784.0,
        11.0 / 84.0,
    ],
];

/// Difference of the solutions of order 5 and 4.
const ERROR: [f64; 7] = [
    71.0 / 57_600.0,
    0.0,
    -71.0 / 16_695.0,
    71.0 / 1_920.0,
    -17_253.0 / 339_200.0,
    22.0 / 525.0,
    -1.0 / 40.0,
];

/// The continuous extension of order 4: `v(t + θh) = v + hΣ_i k_i Σ_j P_ij θ^{j+1}`.
const EXTENSION: [[f64; 4]; 7] = [
    [
        1.0,
        -8_048_581_381.0 / 2_820_520_608.0,
        8_663_915_743.0 / 2_820_520_608.0,
        -12_715_105_075.0 / 11_282_082_432.0,
    ],
    [0.0; 4],
    [
        0.0,
        131_558_114_200.0 / 32_700_410_799.0,
        -68_118_460_800.0 / 10_900_136_933.0,
        87_487_479_700.0 / 32_700_410_799.0,
    ],
    [
        0.0,
        -1_754_552_775.0 / 470_086_768.0,
        14_199_869_525.0 / 1_410_260_304.0,
        -10_690_763_975.0 / 1_880_347_072.0,
    ],
    [
        0.0,
        127_303_824_393.0 / 49_829_197_408.0,
        -318_862_633_887.0 / 49_829_197_408.0,
        701_980_252_875.0 / 199_316_789_632.0,
    ],
    [
        0.0,
        -282_668_133.0 / 205_662_961.0,
        2_019_193_451.0 / 616_988_883.0,
        -1_453_857_185.0 / 822_651_844.0,
    ],
    [
        0.0,
        40_617_522.0 / 29_380_423.0,
        -110_615_467.0 / 29_380_423.0,
        69_997_945.0 / 29_380_423.0,
    ],
];

/// Most segments of a step.
const MOST_SEGMENTS: f64 = 4096.0;

/// Step sizes change by factors between these, and aim at this share of the tolerance.
const SHRINK: f64 = 0.2;
const GROW: f64 = 4.0;
const SAFETY: f64 = 0.9;

/// `Σ_j P_ij θ^{j+1}`.
fn extension(row: &[f64; 4], theta: f64) -> f64 {
    let step = |value: f64, coefficient: &f64| (value + coefficient) * theta;
    row.iter().rev().fold(0.0, step)
}

/// One step tried: where it ends, and what it costs.
struct Attempt<P> {
    end: P,
    /// Gradients at the stages, the last one at the end.
    gradients: Vec<P>,
    /// Estimated error a unit of time over `‖∇L‖`.
    error: f64,
}

fn attempt<N: ResidualNetwork>(
    observer: &mut Observer<N>,
    start: &N::Parameter,
    first: &N::Parameter,
    h: f64,
) -> Attempt<N::Parameter> {
    let network = observer.network();
    let mut gradients = vec![first.clone()];
    let mut end = start.clone();
    for row in STAGES {
        let terms: Vec<_> = row
            .iter()
            .zip(&gradients)
            .map(|(a, g)| (-h * a, g))
            .collect();
        end = network.combination(start, &terms);
        observer.differentiate(&end);
        gradients.push(observer.gradient().clone());
    }
    let terms: Vec<_> = ERROR.iter().copied().zip(&gradients).collect();
    let difference = network
        .norm(&network.combination(&network.zero(), &terms))
        .mid();
    let error = difference / network.norm(first).mid();
    Attempt {
        end,
        gradients,
        error,
    }
}

/// What `−h` times the extension takes of every stage after the share `theta` of a step.
fn coefficients(h: f64, theta: f64) -> Vec<f64> {
    let rows = EXTENSION.iter();
    rows.map(|row| -h * extension(row, theta)).collect()
}

/// What the solution of order 5 takes of every stage: none of the last.
fn final_coefficients(h: f64) -> Vec<f64> {
    let stages = STAGES[5].iter().map(|a| -h * a);
    stages.chain([0.0]).collect()
}

/// How many segments keep the deviation of the gradient below the residual aimed at: it is shared
/// by them, if a step taken as one segment is typical.
fn segments_of(whole: &Segment, curvature: LossCurvature, residual: f64) -> usize {
    let deviation = whole.deviation(curvature).upper() / whole.speed.mid();
    let wanted = (deviation / residual).ceil();
    // Of no number at all, one.
    if wanted >= 1.0 {
        wanted.min(MOST_SEGMENTS) as usize
    } else {
        1
    }
}

/// A step as one segment, roughly: as fast as it is on average.
fn whole<N: ResidualNetwork>(network: &N, tried: &Attempt<N::Parameter>, h: f64) -> Segment {
    let stages = &tried.gradients;
    let [first, last] = [0, EXTENSION.len() - 1].map(|i| &stages[i]);
    let turn = network.combination(&network.zero(), &[(1.0, last), (-1.0, first)]);
    let terms: Vec<_> = final_coefficients(1.0).into_iter().zip(stages).collect();
    let velocity = network.combination(&network.zero(), &terms);
    Segment {
        duration: h,
        speed: network.norm(&velocity),
        drift: Ball::from(0.0),
        change: network.norm(&turn),
        slopes: [Ball::EVERYTHING; 2],
    }
}

/// Cuts a step into segments of one duration.
fn polygon<N: ResidualNetwork>(
    observer: &mut Observer<N>,
    start: &N::Parameter,
    tried: &Attempt<N::Parameter>,
    first: Corner<N::Parameter>,
    h: f64,
    count: usize,
) -> Vec<Segment> {
    let (network, stages) = (observer.network(), &tried.gradients);
    let lengths: Vec<f64> = stages.iter().map(|g| network.norm(g).upper()).collect();
    let duration = h / count as f64;
    let mut before = first;
    let mut segments = Vec::with_capacity(count);
    for k in 1..=count {
        let coefficients = if k == count {
            final_coefficients(h)
        } else {
            coefficients(h, k as f64 / count as f64)
        };
        let next = corner(observer, start, stages, coefficients);
        segments.push(segment(
            network,
            stages,
            &lengths,
            duration,
            [&before, &next],
        ));
        before = next;
    }
    segments
}

/// Integrates the gradient flow from `start`.
///
/// # Guarantee
/// The nodes are corners of a polygon `v(t)`, which turns at points of the continuous extension too,
/// with `‖v̇ + ∇L(v)‖ ≤ θ‖∇L(v)‖`, θ the [`residual`](FlowRecord::residual), rounding included: as long
/// as `curvature` bounds `∇²L` where it is asked to. Its length, and `∫‖∇L‖²` along it, are in
/// the balls of the record. What follows from it is proved in `proofs/p9-flow.md`.
///
/// # Arguments
/// * `curvature`: bounds of `∇²L` within the reach of a stretch; `start` is the `v⁰` of its displacement.
///
/// # Errors
/// States that overflow, where spectra are asked for.
///
/// # Panics
/// If the shape of `start` does not fit the observer's network.
///
/// # Cost
/// Seven passes a step, and one a segment.
///
/// # Example
/// ```
/// use polyak::arithmetic::Ball;
/// use polyak::flow::{GradientFlow, LossCurvature, Observer, gradient_flow};
/// use polyak::resnet::{ExpansionNetwork, ResidualNetwork};
/// let kernel: polyak::kernel::KernelSpec = "gaussian:1".parse()?;
/// let network = ExpansionNetwork::lifted(1, 1, 1.0, kernel, 2)?;
/// let (inputs, targets) = (nalgebra::dmatrix![0.0, 2.0], nalgebra::dmatrix![1.0, -1.0]);
/// let mut observer = Observer::try_new(&network, &inputs, &targets)?;
/// let task = GradientFlow::new(3.0).with_first_step(0.1);
/// let curvature = LossCurvature { largest: Ball::from(4.0), negative: Ball::from(1.0) };
/// let trace = gradient_flow(&mut observer, network.zero(), &task, |_| curvature)?;
/// let (first, last) = (&trace.records[0], trace.records.last().unwrap());
/// // The energy identity, L(0) − L(t) = ∫‖∇L‖².
/// let lost = first.record.loss.mid() - last.record.loss.mid();
/// assert!((lost - last.dissipated.mid()).abs() <= 0.01 * lost);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn gradient_flow<N: ResidualNetwork>(
    observer: &mut Observer<N>,
    start: N::Parameter,
    task: &GradientFlow,
    curvature: impl Fn(&Stretch) -> LossCurvature,
) -> Result<FlowTrace<N::Parameter>, SpectrumError> {
    let network = observer.network();
    let mut here = start.clone();
    let mut records: Vec<FlowRecord> = Vec::new();
    let (mut time, mut h) = (0.0, task.first_step);
    let (mut length, mut dissipated) = (Ball::from(0.0), Ball::from(0.0));
    let mut step_length = Ball::from(0.0);
    let (mut residual, mut defect, mut rounding) = (0.0_f64, Ball::from(0.0), 0.0);
    let (mut tried, mut rejected) = (0, 0);
    let termination = loop {
        let seen = observer.observe(&here);
        let gradient = observer.gradient().clone();
        let least = LARGEST_TOLERANCE * seen.loss.mid();
        let known = seen.loss.mid() > 0.0 && seen.loss.rad() <= least;
        let gram: Vec<GramSpectrum> = if task.gram_spectra && known {
            observer.gram_spectra(&seen)?
        } else {
            Vec::new()
        };
        let displacement = network.distance(&here, &start);
        records.push(FlowRecord {
            time,
            record: Record {
                iteration: records.len(),
                loss: seen.loss,
                gradient_norm_squared: seen.gradient_norm_squared,
                norm: seen.norm,
                layer_norms: seen.layer_norms.clone(),
                displacement,
                path_length: length,
                step_length,
                step_rounding: rounding,
                gram,
                tangent_smallest: None,
            },
            dissipated,
            residual,
            defect,
        });
        if !known {
            break FlowTermination::PrecisionLost;
        }
        if time >= task.horizon {
            break FlowTermination::Horizon;
        }
        // Written so that an error that is not a number is no step.
        let accepted = loop {
            if tried >= task.steps {
                break None;
            }
            tried += 1;
            let step = h.min(task.horizon - time);
            let attempt = attempt(observer, &here, &gradient, step);
            let factor = SAFETY * (task.tolerance / attempt.error).powf(0.25);
            let good = attempt.error <= task.tolerance;
            h = step
                * if factor.is_nan() {
                    SHRINK
                } else {
                    factor.clamp(SHRINK, GROW)
                };
            if good {
                break Some((step, attempt));
            }
            rejected += 1;
        };
        let Some((step, attempt)) = accepted else {
            break FlowTermination::Steps;
        };
        let slope = seen.gradient_norm_squared.sqrt();
        let first = Corner {
            coefficients: vec![0.0; EXTENSION.len()],
            rounding: 0.0,
            error: seen.rounding.gradient_error(),
            gradient,
            slope,
        };
        let stretch = |reach: Ball| Stretch {
            displacement,
            loss: seen.loss,
            reach,
        };
        let expected = curvature(&stretch(Ball::from(step) * slope));
        let whole = whole(network, &attempt, step);
        let count = segments_of(&whole, expected, task.residual);
        let segments = polygon(observer, &here, &attempt, first, step, count);
        let reach: Ball = segments.iter().map(Segment::chord).sum();
        let bound = curvature(&stretch(reach));
        (step_length, length) = (reach, length + reach);
        for segment in &segments {
            dissipated = dissipated + segment.dissipated(bound);
            residual = residual.max(segment.residual(bound));
            defect = defect + Ball::from(segment.duration) * segment.defect(bound);
        }
        let terms: Vec<_> = STAGES[5]
            .iter()
            .zip(&attempt.gradients)
            .map(|(a, g)| (-step * a, g))
            .collect();
        rounding = enlarged(network.combination_rounding(&attempt.end, &terms), 16);
        // The last step ends at the horizon itself, not a rounding before it.
        time = if step >= task.horizon - time {
            task.horizon
        } else {
            time + step
        };
        here = attempt.end;
    };
    Ok(FlowTrace {
        records,
        parameter: here,
        rejected,
        termination,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::{Coupling, GaussNewton, Neighbourhood, smoothness};
    use crate::features::FourierFeatures;
    use crate::resnet::ResNet;
    use crate::resnet::oracle::Case;
    use nalgebra::dmatrix;

    const TASK: GradientFlow = GradientFlow {
        horizon: 2.0,
        tolerance: 1e-5,
        first_step: 0.1,
        steps: 400,
        residual: 1e-2,
        gram_spectra: false,
    };

    /// `0 ≤ ∇²L ≤ 1`.
    const PARABOLA: fn(&Stretch) -> LossCurvature = |_| LossCurvature {
        largest: Ball::from(1.0),
        negative: Ball::from(0.0),
    };

    /// One layer, one frequency of zero: `F = w₁`, `L = (w₁ − y)²/2`, `w₁(t) = y(1 − e^{−t})`.
    fn exponential() -> ResNet {
        let features = FourierFeatures::try_new(dmatrix![0.0]).unwrap();
        ResNet::try_new(dmatrix![1.0], dmatrix![1.0], features, 1).unwrap()
    }

    fn run(network: &ResNet, task: GradientFlow) -> FlowTrace {
        let (inputs, targets) = (dmatrix![0.0], dmatrix![3.0]);
        let mut observer = Observer::try_new(network, &inputs, &targets).unwrap();
        gradient_flow(&mut observer, network.zero_weights(), &task, PARABOLA).unwrap()
    }

    #[test]
    fn flow_of_a_parabola_is_the_exponential() {
        let network = exponential();
        for (tolerance, error) in [(1e-3, 3e-3), (1e-5, 3e-5), (1e-8, 3e-8)] {
            let trace = run(&network, GradientFlow { tolerance, ..TASK });
            assert_eq!(trace.termination, FlowTermination::Horizon);
            assert_eq!(trace.records.last().unwrap().time, 2.0);
            for record in &trace.records {
                let (t, decay) = (record.time, (-record.time).exp());
                let here = &record.record;
                assert!((here.loss.mid() - 4.5 * decay * decay).abs() <= 4.5 * 2.0 * error * t);
                assert!(
                    (here.path_length.mid() - 3.0 * (1.0 - decay)).abs() <= 3.0 * error * t + 1e-13
                );
                assert!(
                    (here.displacement.mid() - 3.0 * (1.0 - decay)).abs()
                        <= 3.0 * error * t + 1e-14
                );
                let dissipated = 4.5 * (1.0 - decay * decay);
                assert!(
                    (record.dissipated.mid() - dissipated).abs()
                        <= 9.0 * error * t + record.dissipated.rad()
                );
                let roundings = crate::arithmetic::gamma(here.iteration + 4);
                assert_eq!(record.elapsed(), Ball::new(t, roundings * t));
                // Straight pieces aim at a hundredth, and follow a path that is off itself.
                let aim = 1.1e-2 + 2.0 * error;
                assert!(record.residual <= aim, "{}", record.residual);
                assert!(record.defect.upper() <= aim * 3.0 * (1.0 - decay) + 1e-14);
                // ‖∇L‖ = 3e^{−t}.
                let slope = here.gradient_norm_squared.mid();
                assert!((slope - 9.0 * decay * decay).abs() <= 36.0 * error);
            }
            let last = trace.records.last().unwrap();
            assert!(last.residual >= 5e-3 && last.defect.lower() >= 5e-3 * 2.5);
            assert!(last.dissipated.rad() <= 1.4e-2 * last.dissipated.mid());
        }
    }

    /// Order 5: the work at a tolerance ten thousand times smaller is ten times as much, for an error a
    /// unit of time of order 4.
    #[test]
    fn steps_grow_with_the_fourth_root_of_the_tolerance() {
        let network = exponential();
        let steps = |tolerance: f64| {
            run(&network, GradientFlow { tolerance, ..TASK })
                .records
                .len() as f64
        };
        let ratio = steps(1e-10) / steps(1e-6);
        assert!((5.0..=20.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn tableau_is_consistent() {
        let nodes = [1.0 / 5.0, 3.0 / 10.0, 4.0 / 5.0, 8.0 / 9.0, 1.0, 1.0];
        for (row, node) in STAGES.iter().zip(nodes) {
            assert!((row.iter().sum::<f64>() - node).abs() <= 1e-14);
        }
        assert!(ERROR.iter().sum::<f64>().abs() <= 1e-15);
        // Quadrature conditions Σb c^p = 1/(p+1) to p = 4, and to 3 for the other solution.
        let weights = STAGES[5];
        let moment = |b: &[f64], p: i32| -> f64 {
            let nodes = [0.0].into_iter().chain(nodes);
            b.iter().zip(nodes).map(|(b, c)| b * f64::powi(c, p)).sum()
        };
        for p in 1..5 {
            assert!((moment(weights, p) - 1.0 / f64::from(p + 1)).abs() <= 1e-14);
            let error = moment(&ERROR, p).abs();
            assert_eq!(error <= 1e-15, p < 4, "{p} {error}");
        }
        // The extension joins the nodes with the right slopes.
        for (i, row) in EXTENSION.iter().enumerate() {
            let b = weights.get(i).copied().unwrap_or(0.0);
            assert!((extension(row, 1.0) - b).abs() <= 1e-14, "{i}");
            let slope = row
                .iter()
                .zip(1..)
                .map(|(p, j)| p * f64::from(j))
                .sum::<f64>();
            assert!((slope - f64::from(u8::from(i == 6))).abs() <= 1e-13, "{i}");
            assert_eq!(row[0], f64::from(u8::from(i == 0)));
            assert_eq!(extension(row, 0.0), 0.0);
            let plain = row[0] / 2.0 + row[1] / 4.0 + row[2] / 8.0 + row[3] / 16.0;
            assert!((extension(row, 0.5) - plain).abs() <= 1e-14);
        }
    }

    /// The bounds of P7 near `around`, with the global version of its Gauss–Newton part.
    fn bounds(network: &ResNet, norm: Ball, loss: Ball) -> LossCurvature {
        let around = Neighbourhood {
            kappa0: Ball::from(1.0),
            kappa1: ResidualNetwork::kappa1(network),
            kappa2: ResidualNetwork::kappa2(network),
            depth: network.frame().depth(),
            centre_norm: norm,
            radius: Ball::from(0.0),
        };
        let norm_squared = network.frame().readout_norm_squared();
        let part = GaussNewton::Global.bound(1, norm_squared, &around);
        let of = |part| smoothness(part, norm_squared, loss, Coupling::Stationary, &around);
        LossCurvature {
            largest: of(part),
            negative: of(Ball::from(0.0)),
        }
    }

    /// A step as the integrator takes it.
    struct Step {
        case: Case,
        h: f64,
        tried: Attempt<Weights>,
        first: Corner<Weights>,
        curvature: LossCurvature,
    }

    impl Step {
        fn new(case: Case, h: f64) -> Self {
            let mut observer =
                Observer::try_new(&case.network, &case.inputs, &case.targets).unwrap();
            let seen = observer.observe(&case.weights);
            let first = Corner {
                coefficients: vec![0.0; 7],
                rounding: 0.0,
                gradient: observer.gradient().clone(),
                error: seen.rounding.gradient_error(),
                slope: seen.gradient_norm_squared.sqrt(),
            };
            let tried = attempt(&mut observer, &case.weights, &first.gradient, h);
            // Farther than a step goes, and a loss that is larger than any on the way.
            let norm = seen.norm + Ball::from(2.0 * h) * first.slope;
            let curvature = bounds(&case.network, norm, seen.loss * Ball::from(1.5));
            Self {
                case,
                h,
                tried,
                first,
                curvature,
            }
        }

        fn observer(&self) -> Observer<'_> {
            let case = &self.case;
            Observer::try_new(&case.network, &case.inputs, &case.targets).unwrap()
        }

        fn polygon(&self, count: usize) -> Vec<Segment> {
            let (start, first) = (&self.case.weights, self.first.clone());
            polygon(
                &mut self.observer(),
                start,
                &self.tried,
                first,
                self.h,
                count,
            )
        }

        fn corner(&self, k: usize, count: usize) -> Weights {
            let theta = k as f64 / count as f64;
            let coefficients = coefficients(self.h, theta);
            let terms: Vec<_> = coefficients
                .into_iter()
                .zip(&self.tried.gradients)
                .collect();
            self.case.network.combination(&self.case.weights, &terms)
        }

        /// The largest `‖v̇ + ∇L‖` and `‖v̇ + ∇L‖/‖∇L‖`, and `∫‖∇L‖²`, of the segment `k` of `count`.
        fn scanned(&self, k: usize, count: usize) -> [f64; 3] {
            let mut observer = self.observer();
            let (from, to) = (self.corner(k, count), self.corner(k + 1, count));
            let duration = self.h / count as f64;
            let velocity = to.plus(-1.0, &from).scaled(1.0 / duration);
            let (mut defect, mut residual, mut dissipated) = (0.0_f64, 0.0_f64, 0.0);
            for i in 0..40 {
                let share = (f64::from(i) + 0.5) / 40.0;
                observer.differentiate(&from.plus(share * duration, &velocity));
                let slope = observer.gradient().norm().mid();
                let off = observer.gradient().plus(1.0, &velocity).norm().mid();
                (defect, residual) = (defect.max(off), residual.max(off / slope));
                dissipated += duration / 40.0 * slope * slope;
            }
            [defect, residual, dissipated]
        }

        /// `‖v̇ + ∇L‖/‖∇L‖` on the continuous extension.
        fn of_extension(&self, theta: f64) -> f64 {
            let slope = |row: &[f64; 4]| {
                row[0] + theta * (2.0 * row[1] + theta * (3.0 * row[2] + theta * 4.0 * row[3]))
            };
            let stages = EXTENSION.iter().zip(&self.tried.gradients);
            let terms: Vec<_> = stages.map(|(row, g)| (-slope(row), g)).collect();
            let coefficients = coefficients(self.h, theta);
            let place: Vec<_> = coefficients
                .into_iter()
                .zip(&self.tried.gradients)
                .collect();
            let network = &self.case.network;
            let mut observer = self.observer();
            observer.differentiate(&network.combination(&self.case.weights, &place));
            let gradient = observer.gradient();
            network.combination(gradient, &terms).norm().mid() / gradient.norm().mid()
        }
    }

    /// A step that the integrator accepts, on which the residual of the continuous extension is more than
    /// twice as large as a quarter, half and three quarters of the way.
    fn between_samples() -> Step {
        let features = FourierFeatures::try_new(dmatrix![0.9296236652199692]).unwrap();
        let case = Case {
            network: ResNet::try_new(dmatrix![1.0], dmatrix![1.0], features, 2).unwrap(),
            weights: Weights::from_layers(vec![
                dmatrix![-1.040692214351803, 2.4911559805561687],
                dmatrix![0.6142031409678363, 1.4815079523874342],
            ]),
            inputs: dmatrix![1.3428417607384389, -1.425092386377865],
            targets: dmatrix![-2.065609518752569, -1.125401960009127],
        };
        Step::new(case, 0.16454768527485764)
    }

    #[test]
    fn samples_of_a_residual_do_not_bound_it() {
        let step = between_samples();
        assert!(step.tried.error <= 1e-5);
        let sampled = [0.25, 0.5, 0.75].map(|theta| step.of_extension(theta));
        let sampled = sampled.into_iter().fold(0.0, f64::max);
        let shares = (0..=1000).map(|i| f64::from(i) / 1000.0);
        let scanned = shares.map(|theta| step.of_extension(theta));
        let largest = scanned.fold(0.0, f64::max);
        assert!(largest > 2.0 * sampled, "{largest:e} {sampled:e}");
    }

    #[test]
    fn polygon_is_bounded_everywhere() {
        let steps = [
            between_samples(),
            Step::new(Case::new([2, 3, 2, 4, 3, 3], 1), 0.05),
            Step::new(Case::new([2, 3, 1, 6, 3, 5], 2), 0.3),
        ];
        for step in steps {
            for count in [16, 256] {
                let segments = step.polygon(count);
                assert_eq!(segments.len(), count);
                for (k, segment) in segments.iter().enumerate() {
                    let [defect, residual, dissipated] = step.scanned(k, count);
                    let chord = step.corner(k, count).distance(&step.corner(k + 1, count));
                    assert!((segment.chord() - chord).contains(0.0));
                    assert_eq!(segment.duration, step.h / count as f64);
                    assert!(defect <= segment.defect(step.curvature).upper());
                    assert!(residual <= segment.residual(step.curvature));
                    assert!(segment.dissipated(step.curvature).contains(dissipated));
                    // The mean of the ends is what the velocity follows.
                    assert!(segment.drift.upper() <= 0.1 * defect);
                }
            }
            // Twice as many segments are half as far off.
            let largest = |count: usize| {
                let segments = step.polygon(count);
                let defects = segments.iter().map(|s| s.deviation(step.curvature).upper());
                defects.fold(0.0, f64::max)
            };
            let ratio = largest(64) / largest(128);
            assert!((1.9..=2.1).contains(&ratio), "{ratio}");
        }
    }

    #[test]
    fn polygon_ends_where_the_step_does() {
        let step = between_samples();
        let last = final_coefficients(step.h);
        assert_eq!(last.len(), 7);
        let terms: Vec<_> = last.into_iter().zip(&step.tried.gradients).collect();
        let end = step.case.network.combination(&step.case.weights, &terms);
        assert_eq!(end, step.tried.end);
        let apart = end.distance(&step.corner(1, 1)).mid();
        assert!(apart <= 1e-14 * end.norm().mid());
    }

    // A deviation of q + p²/4q = 1.140625 of a step, over the speed 2: 57.03 hundredths.
    #[test]
    fn segments_share_the_deviation_of_a_step() {
        let whole = Segment {
            duration: 0.5,
            speed: Ball::from(2.0),
            drift: Ball::from(0.0),
            change: Ball::from(1.5),
            slopes: [Ball::from(2.0); 2],
        };
        let curvature = |largest: f64| LossCurvature {
            largest: Ball::from(largest),
            negative: Ball::from(1.5),
        };
        assert_eq!(segments_of(&whole, curvature(2.5), 0.01), 58);
        assert_eq!(segments_of(&whole, curvature(2.5), 0.1), 6);
        assert_eq!(segments_of(&whole, curvature(2.5), f64::INFINITY), 1);
        assert_eq!(segments_of(&whole, curvature(f64::INFINITY), 0.01), 4096);
    }

    #[test]
    fn step_is_one_segment_roughly() {
        let step = between_samples();
        let whole = whole(&step.case.network, &step.tried, step.h);
        let change = step.tried.gradients[6].distance(&step.first.gradient);
        assert!((whole.change.mid() - change.mid()).abs() <= 1e-13 * change.mid());
        let moved = step.tried.end.distance(&step.case.weights);
        assert!((whole.chord().mid() - moved.mid()).abs() <= 1e-13 * moved.mid());
        assert_eq!(whole.duration, step.h);
    }

    /// The stretch of which the curvature is asked: first as far as the slope at its start goes, then as
    /// far as the polygon does.
    #[test]
    fn curvature_is_asked_of_every_step() {
        let network = exponential();
        let asked = std::cell::RefCell::new(Vec::new());
        let (inputs, targets) = (dmatrix![0.0], dmatrix![3.0]);
        let mut observer = Observer::try_new(&network, &inputs, &targets).unwrap();
        let trace = gradient_flow(&mut observer, network.zero_weights(), &TASK, |stretch| {
            asked.borrow_mut().push(*stretch);
            PARABOLA(stretch)
        });
        let records = trace.unwrap().records;
        let asked = asked.into_inner();
        assert_eq!(asked.len(), 2 * (records.len() - 1));
        for (pair, asked) in records.windows(2).zip(asked.chunks(2)) {
            let (before, after) = (&pair[0].record, &pair[1].record);
            for stretch in asked {
                assert_eq!(stretch.displacement, before.displacement);
                assert_eq!(stretch.loss, before.loss);
            }
            let slope = before.gradient_norm_squared.mid().sqrt();
            let expected = (pair[1].time - pair[0].time) * slope;
            assert!((asked[0].reach.mid() / expected - 1.0).abs() <= 1e-12);
            let length = after.path_length - before.path_length;
            assert!((length - asked[1].reach).contains(0.0));
        }
    }

    #[test]
    fn finer_integration_ends_nearby() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 1);
        let mut observer = Observer::try_new(&case.network, &case.inputs, &case.targets).unwrap();
        let task = GradientFlow {
            horizon: 0.4,
            gram_spectra: true,
            ..TASK
        };
        let curvature = |stretch: &Stretch| {
            let norm = case.weights.norm() + stretch.displacement + stretch.reach;
            bounds(&case.network, norm, stretch.loss * Ball::from(1.5))
        };
        let mut flow = |task: &GradientFlow| {
            gradient_flow(&mut observer, case.weights.clone(), task, curvature).unwrap()
        };
        let trace = flow(&task);
        assert_eq!(trace.termination, FlowTermination::Horizon);
        let finer = flow(&GradientFlow {
            tolerance: 1e-9,
            ..task
        });
        let apart = trace.parameter.distance(&finer.parameter).mid();
        assert!(apart <= 1e-3 * trace.records.last().unwrap().record.displacement.mid());
        assert!(apart > 0.0);
        let start = trace.records[0].record.loss;
        for record in &trace.records {
            assert_eq!(record.record.gram.len(), 3);
            let gap = (start - record.record.loss - record.dissipated).abs();
            assert!(gap.mid() <= record.residual * record.dissipated.mid() + gap.rad());
        }
        let pairs = trace.records.windows(2);
        assert!(pairs.clone().all(|pair| pair[1].record.step_rounding > 0.0));
        assert!(
            pairs
                .clone()
                .all(|pair| pair[1].residual >= pair[0].residual)
        );
        assert!(
            pairs
                .into_iter()
                .all(|pair| pair[1].defect.mid() > pair[0].defect.mid())
        );
    }

    #[test]
    fn run_ends_with_its_steps_or_its_digits() {
        let network = exponential();
        let trace = run(
            &network,
            GradientFlow {
                steps: 2,
                tolerance: 1e-10,
                ..TASK
            },
        );
        assert_eq!(trace.termination, FlowTermination::Steps);
        assert!(trace.records.len() + trace.rejected <= 3);
        let coarse = run(
            &network,
            GradientFlow {
                first_step: 1e3,
                horizon: 1e4,
                tolerance: 1e-6,
                ..TASK
            },
        );
        assert!(coarse.rejected > 0);
        let (inputs, targets) = (dmatrix![0.0], dmatrix![0.0]);
        let mut observer = Observer::try_new(&network, &inputs, &targets).unwrap();
        let start = network.zero_weights();
        let still = gradient_flow(&mut observer, start, &TASK, PARABOLA).unwrap();
        assert_eq!(
            (still.records.len(), still.termination),
            (1, FlowTermination::PrecisionLost)
        );
    }
}
