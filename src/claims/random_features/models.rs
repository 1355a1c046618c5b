//! Many models of random features.

use crate::arithmetic::{UNIT_ROUNDOFF, gamma};
use crate::claims::PointsInstance;
use crate::features::{FeaturesError, FourierFeatures};
use crate::kernel::{Kernel, KernelError};
use crate::text::count;
use nalgebra::DMatrix;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// How frequencies are drawn: as they should be, or wrongly, for the controls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::claims) enum Sampler {
    /// Independent draws of the spectral measure.
    Independent,
    /// Of a kernel whose bandwidth is shorter by this factor.
    Stretched(f64),
    /// Every frequency this many times, in place of independent ones.
    Repeated(usize),
    /// One frequency where there should be this many.
    Fewer(usize),
}

impl Sampler {
    /// Draws `models` times what should be `frequencies` frequencies in dimension `q`; returns them
    /// side by side, and how many a model has.
    pub fn draw(
        self,
        kernel: &dyn Kernel,
        dimension: usize,
        frequencies: usize,
        models: usize,
        seed: u64,
    ) -> Result<(DMatrix<f64>, usize), KernelError> {
        let sample = |count: usize| kernel.try_sample_frequencies(dimension, count * models, seed);
        Ok(match self {
            Self::Independent => (sample(frequencies)?, frequencies),
            Self::Stretched(factor) => (sample(frequencies)? * factor, frequencies),
            Self::Fewer(times) => {
                let fewer = frequencies.div_ceil(times);
                (sample(fewer)?, fewer)
            }
            Self::Repeated(times) => {
                let distinct = frequencies.div_ceil(times);
                let drawn = sample(distinct)?;
                let column = |j: usize| {
                    let (model, within) = (j / frequencies, j % frequencies);
                    model * distinct + within / times
                };
                let repeated = DMatrix::from_fn(dimension, frequencies * models, |i, j| {
                    drawn[(i, column(j))]
                });
                (repeated, frequencies)
            }
        })
    }
}

/// What draws are for: checks on the same instance draw apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Entries,
    Deviation,
    Uniform,
    Union,
    Chernoff,
    SecondMoment,
    Width,
    Rate,
    Covariance,
    Curvature,
    Orthogonal,
    Networks,
    Lazy,
}

/// The seed of one of many draws for a purpose.
pub(super) fn seed_of(seed: u64, stream: Stream, index: u64) -> u64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream((stream as u64) << 40 | index);
    rng.next_u64()
}

/// Models of this many frequencies are drawn at once.
const CHUNK: usize = 1 << 14;

/// The most frequencies times points that one check evaluates.
const BUDGET: f64 = 3e7;

/// Says so if drawing `models` models of `frequencies` frequencies would take too long.
pub(super) fn affordable(frequencies: u64, samples: usize, models: usize) -> Result<(), String> {
    if frequencies as f64 * samples as f64 * models as f64 <= BUDGET {
        return Ok(());
    }
    Err(format!(
        "{} of {} at {} are more than a check draws: λ_min(K) is small",
        count(models, "model"),
        count(frequencies, "frequency"),
        count(samples, "point")
    ))
}

/// What a test draws.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan<'a> {
    pub points: &'a DMatrix<f64>,
    pub frequencies: usize,
    pub models: usize,
    pub sampler: Sampler,
    pub stream: Stream,
}

/// One drawn model: the entries of its `K̂`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model<'a> {
    /// The features of many models side by side.
    values: &'a DMatrix<f64>,
    /// The first of its frequencies, and how many there are.
    start: usize,
    count: usize,
    /// A bound of the error of every entry.
    pub error: f64,
}

impl Model<'_> {
    /// `K̂_ij`; exactly one on the diagonal.
    pub fn entry(&self, i: usize, j: usize) -> f64 {
        if i == j {
            return 1.0;
        }
        let rows = self.values.nrows();
        let total = rows / 2;
        let part = |point: usize, half: usize| {
            let first = point * rows + half + self.start;
            &self.values.as_slice()[first..first + self.count]
        };
        let cosines = dot(part(i, 0), part(j, 0));
        let sines = dot(part(i, total), part(j, total));
        // The features of many models are scaled by their number.
        (total as f64 / self.count as f64) * (cosines + sines)
    }

    /// `K̂`.
    pub fn gram(&self) -> DMatrix<f64> {
        let order = self.values.ncols();
        let mut gram = DMatrix::identity(order, order);
        for j in 0..order {
            for i in 0..j {
                let entry = self.entry(i, j);
                (gram[(i, j)], gram[(j, i)]) = (entry, entry);
            }
        }
        gram
    }
}

/// An inner product in eight sums, which need not wait for each other.
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let (x_eights, x_rest) = x.as_chunks::<8>();
    let (y_eights, y_rest) = y.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in x_eights.iter().zip(y_eights) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest: f64 = x_rest.iter().zip(y_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// Maps every drawn model, in order, whatever the number of threads.
pub(super) fn models<T: Send>(
    instance: &PointsInstance,
    plan: &Plan,
    f: impl Fn(&Model) -> T + Sync,
) -> Result<Vec<T>, FeaturesError> {
    let at_once = (CHUNK / plan.frequencies).max(1);
    let chunk = |index: usize| -> Result<Vec<T>, FeaturesError> {
        let models = at_once.min(plan.models - index * at_once);
        let seed = seed_of(instance.seed, plan.stream, index as u64);
        let kernel = instance.kernel.as_kernel();
        let (drawn, count) =
            (plan.sampler).draw(kernel, plan.points.nrows(), plan.frequencies, models, seed)?;
        let features = FourierFeatures::try_new(drawn)?;
        let values = features.evaluate(plan.points);
        let mapped = (0..models).map(|model| {
            let start = model * count;
            let phase = phase_error(&features, start, count, plan.points);
            f(&Model {
                values: &values,
                start,
                count,
                error: entry_error(phase, count),
            })
        });
        Ok(mapped.collect())
    };
    let chunks: Result<Vec<Vec<T>>, FeaturesError> = (0..plan.models.div_ceil(at_once))
        .into_par_iter()
        .map(chunk)
        .collect();
    Ok(chunks?.into_iter().flatten().collect())
}

/// `γ_q max_j Σ_k|ω_{kj}| max|z_k|`, the error of a phase.
fn phase_error(
    features: &FourierFeatures,
    start: usize,
    count: usize,
    points: &DMatrix<f64>,
) -> f64 {
    let frequencies = features.frequencies().columns(start, count);
    let largest = points.amax();
    let longest = frequencies.column_iter().map(|w| w.lp_norm(1));
    gamma(points.nrows() + 2) * longest.fold(0.0, f64::max) * largest
}

/// Products of features, at most `1/m` each, whose phases are off by `phase` and whose values by a few
/// roundings; summed.
fn entry_error(phase: f64, frequencies: usize) -> f64 {
    // Two phases a product; the sine's two roundings and the scale's, twice, and the sum's.
    2.0 * (phase + 8.0 * UNIT_ROUNDOFF) + gamma(2 * frequencies + 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::sharp;

    fn plan(points: &DMatrix<f64>, sampler: Sampler, models: usize) -> Plan<'_> {
        Plan {
            points,
            frequencies: 6,
            models,
            sampler,
            stream: Stream::Union,
        }
    }

    #[test]
    fn models_are_means_of_cosines() {
        let instance = &sharp::generic()[0].at_points();
        let points = instance.points.clone();
        let all = models(instance, &plan(&points, Sampler::Independent, 5), |model| {
            (model.gram(), model.error)
        });
        let seed = seed_of(instance.seed, Stream::Union, 0);
        let kernel = instance.kernel.as_kernel();
        let (drawn, each) = Sampler::Independent
            .draw(kernel, points.nrows(), 6, 5, seed)
            .unwrap();
        assert_eq!((each, drawn.ncols()), (6, 30));
        for (model, (gram, error)) in all.unwrap().into_iter().enumerate() {
            let one = drawn.columns(6 * model, 6).into_owned();
            let features = FourierFeatures::try_new(one).unwrap();
            for i in 0..points.ncols() {
                for j in 0..points.ncols() {
                    let (x, y) = (points.column(i).into_owned(), points.column(j).into_owned());
                    let expected = features.value(&x, &y);
                    // Both are off by as much.
                    assert!((gram[(i, j)] - expected).abs() <= 2.0 * error);
                }
            }
            assert!(error < 1e-13 && error > 0.0);
        }
    }

    #[test]
    fn products_of_any_length_are_sums() {
        for length in [0, 1, 7, 8, 9, 31] {
            let x: Vec<f64> = (0..length).map(|i| f64::from(i) - 3.0).collect();
            let y: Vec<f64> = (0..length).map(|i| f64::from(i * i % 11)).collect();
            let expected: f64 = x.iter().zip(&y).map(|(a, b)| a * b).sum();
            // Integers: exact in any order.
            assert_eq!(dot(&x, &y), expected, "{length}");
        }
    }

    #[test]
    fn models_do_not_depend_on_threads_and_streams_differ() {
        let instance = &sharp::generic()[0].at_points();
        let points = instance.points.clone();
        let many = CHUNK / 6 * 2 + 5;
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let plan = plan(&points, Sampler::Independent, many);
            pool.unwrap()
                .install(|| models(instance, &plan, |model| model.entry(0, 1)).unwrap())
        };
        let one = run(1);
        assert_eq!(one.len(), many);
        assert_eq!(one, run(3));
        // Chunks differ, and so do the purposes.
        assert_ne!(one[0], one[CHUNK / 6]);
        let seeds =
            [Stream::Entries, Stream::Networks].map(|stream| seed_of(instance.seed, stream, 0));
        assert_ne!(seeds[0], seeds[1]);
        assert_ne!(seeds[0], seed_of(instance.seed, Stream::Entries, 1));
    }

    #[test]
    fn wrong_samplers_are_wrong_as_they_say() {
        let kernel = crate::kernel::Gaussian::try_new(1.0).unwrap();
        let draw = |sampler: Sampler| sampler.draw(&kernel, 2, 6, 3, 9).unwrap();
        let (honest, each) = draw(Sampler::Independent);
        assert_eq!(each, 6);
        assert_eq!(draw(Sampler::Stretched(2.0)), (&honest * 2.0, 6));
        let (fewer, each) = draw(Sampler::Fewer(4));
        assert_eq!((fewer.shape(), each), ((2, 6), 2));
        let (repeated, each) = draw(Sampler::Repeated(3));
        assert_eq!((repeated.shape(), each), ((2, 18), 6));
        let distinct = kernel.sample_frequencies(2, 6, 9);
        for model in 0..3 {
            for j in 0..6 {
                let expected = distinct.column(2 * model + j / 3);
                assert_eq!(repeated.column(6 * model + j), expected, "{model} {j}");
            }
        }
    }

    #[test]
    fn what_takes_too_long_is_not_drawn() {
        assert_eq!(affordable(1000, 3, 10_000), Ok(()));
        let reason = affordable(1001, 3, 10_000).unwrap_err();
        assert!(reason.contains("1001 frequencies at 3 points"));
    }
}
