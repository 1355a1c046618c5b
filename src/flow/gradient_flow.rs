//! The gradient flow `v̇ = −∇L(v)` by an embedded Runge–Kutta method that measures its own residual.
//!
//! Dormand and Prince's pair of orders 5 and 4 with its continuous extension. Written here because
//! the maintained crates (`ode_solvers`, `diffsol`, `differential-equations`) integrate vectors of a
//! fixed length: a kernel expansion grows with every evaluation of its gradient, its norm is that of
//! a function space, and what the theory needs is not an error estimate but the residual
//! `v̇ + ∇L(v)` of the path that was computed.

use super::{GramSpectrum, Observer, Record};
use crate::arithmetic::{Ball, enlarged};
use crate::evidence::LARGEST_TOLERANCE;
use crate::resnet::{ResidualNetwork, Weights};
use crate::spectrum::SpectrumError;

/// What the integrator is asked to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientFlow {
    /// The time to integrate to, from 0.
    pub horizon: f64,
    /// Largest estimated error a unit of time, as a share of `‖∇L‖`.
    pub tolerance: f64,
    /// The first step tried.
    pub first_step: f64,
    /// Largest number of steps, rejected ones included.
    pub steps: usize,
    /// Enclose the Gram spectra of every layer at every accepted step.
    pub gram_spectra: bool,
}

/// Why the integration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowTermination {
    /// The horizon was reached.
    Horizon,
    /// The number of steps asked for.
    Steps,
    /// The loss is no longer known to one per cent.
    PrecisionLost,
}

/// An accepted step, or the start.
#[derive(Clone, Debug)]
pub struct FlowRecord {
    /// The time.
    pub time: f64,
    /// The network there; its path length is that of the path, its `step_rounding` the rounding of
    /// the last step.
    pub record: Record,
    /// `∫‖∇L‖²` along the path so far: the quadrature state of the energy identity. Its radius
    /// is what two quadrature rules differ by.
    pub dissipated: Ball,
    /// The largest `‖v̇ + ∇L(v)‖/‖∇L(v)‖` seen on the path so far, doubled.
    pub residual: f64,
    /// `∫‖v̇ + ∇L(v)‖` along the path so far, at most.
    pub defect: f64,
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

/// Where the residual is measured within a step; it vanishes at both ends.
const INNER: [f64; 3] = [0.25, 0.5, 0.75];

/// Boole's rule on the ends and the inner points.
const BOOLE: [f64; 5] = [
    7.0 / 90.0,
    32.0 / 90.0,
    12.0 / 90.0,
    32.0 / 90.0,
    7.0 / 90.0,
];

/// Simpson's rule on the ends and the middle.
const SIMPSON: [f64; 5] = [1.0 / 6.0, 0.0, 4.0 / 6.0, 0.0, 1.0 / 6.0];

/// Step sizes change by factors between these, and aim at this share of the tolerance.
const SHRINK: f64 = 0.2;
const GROW: f64 = 4.0;
const SAFETY: f64 = 0.9;

/// `Σ_j P_ij θ^{j+1}` and its derivative.
fn extension(row: &[f64; 4], theta: f64) -> (f64, f64) {
    let (mut value, mut slope) = (0.0, 0.0);
    for (j, coefficient) in row.iter().enumerate().rev() {
        value = (value + coefficient) * theta;
        slope = slope * theta + (j + 1) as f64 * coefficient;
    }
    (value, slope)
}

/// Integrates a sampled function over a step by Boole's rule; Simpson's rule tells how well.
fn integral(h: f64, samples: &[f64; 5]) -> Ball {
    let rule = |weights: &[f64; 5]| {
        let terms = weights.iter().zip(samples).map(|(w, x)| w * x);
        h * terms.sum::<f64>()
    };
    let (boole, simpson) = (rule(&BOOLE), rule(&SIMPSON));
    // Eight roundings of positive terms.
    Ball::new(
        boole,
        (boole - simpson).abs() + crate::arithmetic::gamma(16) * boole,
    )
}

/// One step tried: where it ends, and what it costs.
struct Attempt<P> {
    end: P,
    /// Gradients at the stages, the last one at the end.
    gradients: Vec<P>,
    /// Estimated error a unit of time over `‖∇L‖`.
    error: f64,
}

/// What an accepted step leaves.
struct Measured {
    length: Ball,
    dissipated: Ball,
    residual: f64,
    defect: f64,
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

/// Looks at the path inside a step.
fn measure<N: ResidualNetwork>(
    observer: &mut Observer<N>,
    start: &N::Parameter,
    tried: &Attempt<N::Parameter>,
    h: f64,
) -> Measured {
    let network = observer.network();
    let norm = |v: &N::Parameter| network.norm(v).mid();
    let last = tried.gradients.last().expect("seven stages");
    let mut slopes = [norm(&tried.gradients[0]), 0.0, 0.0, 0.0, norm(last)];
    let (mut residual, mut defect) = (0.0_f64, 0.0_f64);
    for (i, theta) in INNER.into_iter().enumerate() {
        let rows = EXTENSION.iter().zip(&tried.gradients);
        let (place, slope): (Vec<_>, Vec<_>) = rows
            .map(|(row, g)| {
                let (value, slope) = extension(row, theta);
                ((-h * value, g), (-slope, g))
            })
            .unzip();
        observer.differentiate(&network.combination(start, &place));
        let here = observer.gradient().clone();
        let velocity = network.combination(&here, &slope);
        slopes[i + 1] = norm(&here);
        defect = defect.max(norm(&velocity));
        residual = residual.max(norm(&velocity) / slopes[i + 1]);
    }
    let length = integral(h, &slopes);
    Measured {
        // The path is as long as ∫‖v̇‖, and ‖v̇‖ is ‖∇L‖ up to the residual.
        length: length.widened(2.0 * residual * length.upper()),
        dissipated: integral(h, &slopes.map(|x| x * x)),
        residual: 2.0 * residual,
        defect: 2.0 * defect * h,
    }
}

/// Integrates the gradient flow from `start`.
///
/// # Guarantee
/// The nodes are joined by a path `v(t)`, continuously differentiable, that satisfies
/// `‖v̇ + ∇L(v)‖ ≤ θ‖∇L(v)‖`, θ the [`residual`](FlowRecord::residual): measured at three points inside
/// every step (at its ends the residual vanishes) and doubled for what lies between. What
/// follows from it is proved in `proofs/p9-flow.md`.
///
/// # Errors
/// States that overflow, where spectra are asked for.
///
/// # Panics
/// If the shape of `start` does not fit the observer's network.
///
/// # Cost
/// Nine passes a step.
///
/// # Example
/// ```
/// use polyak::flow::{GradientFlow, Observer, gradient_flow};
/// use polyak::resnet::{ExpansionNetwork, ResidualNetwork};
/// let kernel: polyak::kernel::KernelSpec = "gaussian:1".parse()?;
/// let network = ExpansionNetwork::lifted(1, 1, 1.0, kernel, 2)?;
/// let (inputs, targets) = (nalgebra::dmatrix![0.0, 2.0], nalgebra::dmatrix![1.0, -1.0]);
/// let mut observer = Observer::try_new(&network, &inputs, &targets)?;
/// let task = GradientFlow { horizon: 3.0, tolerance: 1e-4, first_step: 0.1, steps: 100, gram_spectra: false };
/// let trace = gradient_flow(&mut observer, network.zero(), &task)?;
/// let (first, last) = (&trace.records[0], trace.records.last().unwrap());
/// // The energy identity, L(0) − L(t) = ∫‖∇L‖².
/// let lost = first.record.loss.mid() - last.record.loss.mid();
/// assert!((lost - last.dissipated.mid()).abs() <= 1e-3 * lost);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn gradient_flow<N: ResidualNetwork>(
    observer: &mut Observer<N>,
    start: N::Parameter,
    task: &GradientFlow,
) -> Result<FlowTrace<N::Parameter>, SpectrumError> {
    let network = observer.network();
    let mut here = start.clone();
    let mut records: Vec<FlowRecord> = Vec::new();
    let (mut time, mut h) = (0.0, task.first_step);
    let (mut length, mut dissipated) = (Ball::from(0.0), Ball::from(0.0));
    let (mut residual, mut defect, mut rounding) = (0.0_f64, 0.0, 0.0);
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
        records.push(FlowRecord {
            time,
            record: Record {
                iteration: records.len(),
                loss: seen.loss,
                gradient_norm_squared: seen.gradient_norm_squared,
                norm: seen.norm,
                layer_norms: seen.layer_norms.clone(),
                displacement: network.distance(&here, &start),
                path_length: length,
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
        let measured = measure(observer, &here, &attempt, step);
        length = length + measured.length;
        dissipated = dissipated + measured.dissipated;
        residual = residual.max(measured.residual);
        defect += measured.defect;
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
    use crate::features::FourierFeatures;
    use crate::resnet::ResNet;
    use crate::resnet::oracle::Case;
    use nalgebra::dmatrix;

    const TASK: GradientFlow = GradientFlow {
        horizon: 2.0,
        tolerance: 1e-5,
        first_step: 0.1,
        steps: 400,
        gram_spectra: false,
    };

    /// One layer, one frequency of zero: `F = w₁`, `L = (w₁ − y)²/2`, `w₁(t) = y(1 − e^{−t})`.
    fn exponential() -> ResNet {
        let features = FourierFeatures::try_new(dmatrix![0.0]).unwrap();
        ResNet::try_new(dmatrix![1.0], dmatrix![1.0], features, 1).unwrap()
    }

    fn run(network: &ResNet, task: GradientFlow) -> FlowTrace {
        let (inputs, targets) = (dmatrix![0.0], dmatrix![3.0]);
        let mut observer = Observer::try_new(network, &inputs, &targets).unwrap();
        gradient_flow(&mut observer, network.zero_weights(), &task).unwrap()
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
                    (here.path_length.mid() - 3.0 * (1.0 - decay)).abs() <= 3.0 * error * t + 1e-14
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
                assert!(record.residual <= 8.0 * error, "{}", record.residual);
                assert!(record.defect <= 8.0 * error * 3.0 * t);
                // ‖∇L‖ = 3e^{−t}.
                let slope = here.gradient_norm_squared.mid();
                assert!((slope - 9.0 * decay * decay).abs() <= 36.0 * error);
            }
            let last = trace.records.last().unwrap();
            assert!(last.residual > 0.0 && last.defect > 0.0);
            assert!(last.dissipated.rad() <= 1e-2 * last.dissipated.mid());
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
            let (end, slope) = extension(row, 1.0);
            assert!((end - b).abs() <= 1e-14, "{i}");
            assert!((slope - f64::from(u8::from(i == 6))).abs() <= 1e-13, "{i}");
            let (begin, slope) = extension(row, 0.0);
            assert_eq!((begin, slope), (0.0, f64::from(u8::from(i == 0))));
            let (value, slope) = extension(row, 0.5);
            let plain = row[0] / 2.0 + row[1] / 4.0 + row[2] / 8.0 + row[3] / 16.0;
            assert!((value - plain).abs() <= 1e-14);
            let plain = row[0] + row[1] + 0.75 * row[2] + 0.5 * row[3];
            assert!((slope - plain).abs() <= 1e-14);
        }
    }

    #[test]
    fn rules_integrate_polynomials() {
        let at = |f: fn(f64) -> f64| [0.0, 0.25, 0.5, 0.75, 1.0].map(|x| f(3.0 * x));
        let cubic = integral(3.0, &at(|x| x * x * x + 1.0));
        assert!(cubic.contains(23.25) && cubic.rad() <= 1e-12);
        // Boole's rule is exact, Simpson's off by h⁵/2880·4! = 2.025.
        let quartic = integral(3.0, &at(|x| x.powi(4)));
        assert!((quartic.mid() - 48.6).abs() <= 1e-12);
        assert!((quartic.rad() - 2.025).abs() <= 1e-12);
    }

    #[test]
    fn residual_is_that_of_the_path() {
        let case = Case::new([2, 3, 2, 4, 3, 3], 1);
        let mut observer = Observer::try_new(&case.network, &case.inputs, &case.targets).unwrap();
        let task = GradientFlow {
            horizon: 0.4,
            gram_spectra: true,
            ..TASK
        };
        let trace = gradient_flow(&mut observer, case.weights.clone(), &task).unwrap();
        assert_eq!(trace.termination, FlowTermination::Horizon);
        let fine = GradientFlow {
            tolerance: 1e-9,
            ..task
        };
        let finer = gradient_flow(&mut observer, case.weights.clone(), &fine).unwrap();
        let (last, other) = (trace.records.last().unwrap(), finer.records.last().unwrap());
        assert!(other.residual < 1e-2 * last.residual);
        // Both paths are off by ∫‖δ‖ at most, times what the flow stretches: e^{0.4·10} or so.
        let apart = trace.parameter.distance(&finer.parameter).mid();
        assert!(apart <= 60.0 * (last.defect + other.defect) && apart > 0.0);
        for record in &trace.records {
            assert_eq!(record.record.gram.len(), 3);
            let lost = trace.records[0].record.loss - record.record.loss;
            let gap = (lost - record.dissipated).abs();
            let allowed = record.residual * record.dissipated.mid() + gap.rad();
            assert!(gap.mid() <= allowed, "{gap:?} {allowed:e}");
        }
        assert!(
            trace
                .records
                .windows(2)
                .all(|pair| pair[1].record.step_rounding > 0.0)
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
        let still = gradient_flow(&mut observer, network.zero_weights(), &TASK).unwrap();
        assert_eq!(
            (still.records.len(), still.termination),
            (1, FlowTermination::PrecisionLost)
        );
    }
}
