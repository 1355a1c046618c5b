//! R11: the law of drawn frequencies, in every direction at once, and small models whose spectrum is known.

use super::super::undecided;
use super::GAUSSIAN;
use crate::arithmetic::{Ball, Real, UNIT_ROUNDOFF, gamma};
use crate::bounds::random_features::CosineMoments;
use crate::evidence::statistics::{Sample, bernstein_tail};
use crate::evidence::{Comparison, Finding};
use crate::features::FourierFeatures;
use crate::gram::feature_gram;
use crate::kernel::{Kernel, KernelError, KernelSpec, MercerKernel};
use crate::spectrum::smallest_eigenvalue;
use crate::theorem::Expectation::Violated;
use crate::theorem::{BuildError, Control, Draws, Object, Subject};
use nalgebra::DMatrix;

const JOINT: &str = "E cos ω·Δ = k(Δ), in every direction";
const APART: &str = "E cos ω·Δ cos ω'·Δ = k(Δ)², of frequencies one after the other";
const PAIR: &str = "λ_min(K̂) = 1 − |k̂| of two points";

/// What is drawn from, and where the characteristic function is looked at.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims) struct LawSpec {
    /// Radial, or with a bandwidth for every coordinate.
    kernel: MercerKernel,
    /// The differences `Δ`, of one dimension.
    differences: Vec<Vec<f64>>,
    /// How many frequencies are drawn.
    draws: usize,
    /// Of the draws.
    seed: u64,
}

/// A spectral measure.
#[derive(Clone, Debug)]
pub(in crate::claims) struct Law(LawSpec);

impl Object for Law {
    fn reseed(&mut self, seed: u64) {
        self.0.seed = seed;
    }
}

impl Subject for Law {
    type Spec = LawSpec;
    const HYPOTHESIS: &'static str = "object: the law of frequencies";

    fn build(spec: &LawSpec) -> Result<Self, BuildError> {
        let dimension = spec.differences.first().map_or(0, Vec::len);
        if dimension == 0 || spec.differences.iter().any(|d| d.len() != dimension) {
            return Err("differences need as many coordinates each, and at least one".into());
        }
        if spec.draws < 4 || !spec.differences.iter().flatten().all(|x| x.is_finite()) {
            return Err("four draws at least, and finite differences".into());
        }
        spec.kernel.require_dimension(dimension)?;
        Ok(Self(spec.clone()))
    }
}

impl Law {
    fn dimension(&self) -> usize {
        self.0.differences[0].len()
    }

    fn frequencies(&self) -> Result<DMatrix<f64>, KernelError> {
        let LawSpec { draws, seed, .. } = self.0;
        match &self.0.kernel {
            MercerKernel::Radial(kernel) => {
                kernel.try_sample_frequencies(self.dimension(), draws, seed)
            }
            MercerKernel::Anisotropic(kernel) => kernel.try_sample_frequencies(draws, seed),
            // Features of a polynomial are no waves.
            MercerKernel::Polynomial(_) => Err(KernelError::Degree {
                degree: "no spectral measure".to_owned(),
            }),
        }
    }

    /// The moments of `cos ω·Δ` by the profile, at the distance in units of the kernel.
    fn moments(&self, difference: &[f64]) -> Option<CosineMoments> {
        let squares = |bandwidth: &dyn Fn(usize) -> f64| -> Ball {
            let terms = difference.iter().enumerate();
            terms
                .map(|(i, &x)| (Ball::from(x) / Ball::from(bandwidth(i))).square())
                .sum()
        };
        match &self.0.kernel {
            MercerKernel::Radial(kernel) => {
                Some(CosineMoments::at(kernel, squares(&|_| 1.0).sqrt()))
            }
            MercerKernel::Anisotropic(kernel) => {
                let scaled = squares(&|i| kernel.bandwidths()[i]).sqrt();
                Some(CosineMoments::at(kernel.unit(), scaled))
            }
            MercerKernel::Polynomial(_) => None,
        }
    }
}

/// The characteristic function of the drawn frequencies beside the kernel.
pub(in crate::claims) fn law(law: &Law) -> Finding {
    match law.frequencies() {
        Ok(frequencies) => {
            let mut comparisons = characteristic(law, &frequencies);
            comparisons.extend(pairs_of_points(law, &frequencies, Ball::from(0.0)));
            Finding::Compared(comparisons)
        }
        Err(error) => undecided(error),
    }
}

/// `cos ω·Δ` of every frequency, and how much these are off in the mean: the phase of a sum of `q` rounded products of
/// frequencies that are themselves drawn up to ten roundings, and one of the cosine, within two units.
fn cosines(frequencies: &DMatrix<f64>, difference: &[f64]) -> (Vec<f64>, f64) {
    let mut off = 0.0;
    let values = frequencies.column_iter().map(|omega| {
        let terms = omega.iter().zip(difference).map(|(w, x)| w * x);
        let size: f64 = terms.clone().map(f64::abs).sum();
        off += (gamma(difference.len() + 12) * size).min(2.0) + 4.0 * UNIT_ROUNDOFF;
        terms.sum::<f64>().cos()
    });
    let values: Vec<f64> = values.collect();
    let mean = off / values.len() as f64;
    (values, mean * (1.0 + 1e-6))
}

fn characteristic(law: &Law, frequencies: &DMatrix<f64>) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    for difference in &law.0.differences {
        let Some(moments) = law.moments(difference) else {
            continue;
        };
        let (values, off) = cosines(frequencies, difference);
        let (mean, detectable) = Sample::of(&values, 2.0).with_variance(moments.variance().upper());
        let mean = (mean.widened(off), detectable + off);
        comparisons.push(Comparison::expectation(JOINT, mean, moments.mean(), 1.0));
        // Neighbours: of independent ones the mean of a product is the product of the means, its variance at most one.
        let products: Vec<f64> = values
            .chunks_exact(2)
            .map(|pair| pair[0] * pair[1])
            .collect();
        let (mean, detectable) = Sample::of(&products, 2.0).with_variance(1.0);
        let off = 2.1 * off;
        let mean = (mean.widened(off), detectable + off);
        comparisons.push(Comparison::expectation(
            APART,
            mean,
            moments.mean().square(),
            1.0,
        ));
    }
    comparisons
}

/// Models of one frequency and of eight at two points: what is drawn gives one number, which the smallest eigenvalue of
/// the whole computation must be.
///
/// # Arguments
/// * `more`: added to what it must be; zero, but in a control.
fn pairs_of_points(law: &Law, frequencies: &DMatrix<f64>, more: Ball) -> Vec<Comparison> {
    const MODELS: usize = 8;
    let mut comparisons = Vec::new();
    let difference = &law.0.differences[0];
    let start: Vec<f64> = (0..difference.len())
        .map(|i| 0.25 * (i as f64 + 1.0))
        .collect();
    let end: Vec<f64> = start.iter().zip(difference).map(|(x, d)| x + d).collect();
    let points = DMatrix::from_fn(start.len(), 2, |i, j| [&start, &end][j][i]);
    for count in [1, 8] {
        for model in 0..MODELS.min(frequencies.ncols() / count) {
            let drawn = frequencies.columns(model * count, count).into_owned();
            comparisons.extend(pair_of_points(drawn, &points, more));
        }
    }
    comparisons
}

fn pair_of_points(
    frequencies: DMatrix<f64>,
    points: &DMatrix<f64>,
    more: Ball,
) -> Option<Comparison> {
    let count = frequencies.ncols();
    let phase = |omega: &[f64], point: &[f64]| -> Ball {
        let terms = omega.iter().zip(point);
        terms.map(|(&w, &x)| Ball::from(w) * Ball::from(x)).sum()
    };
    let (mut sum, mut off) = (Ball::from(0.0), 0.0_f64);
    for omega in frequencies.column_iter() {
        let [x, y] = [0, 1].map(|j| phase(omega.as_slice(), points.column(j).as_slice()));
        sum = sum + (x - y).sin_cos().1;
        let sizes = points.column_iter().map(|z| omega.abs().dot(&z.abs()));
        off += sizes.sum::<f64>() * gamma(points.nrows() + 2);
    }
    let mean = sum / Ball::from(count as f64);
    let features = FourierFeatures::try_new(frequencies).ok()?;
    let gram = feature_gram(&features.evaluate(points));
    // Phases, sines within 2u, scales, and a product of 2m terms; two entries in a row.
    let entry = off / count as f64 + gamma(2 * count + 12);
    let found = smallest_eigenvalue(&gram).ok()?.ball().widened(4.0 * entry);
    let expected = Ball::from(1.0) - mean.abs() + more;
    let compared = Comparison::equal(PAIR, found, expected, 1.0);
    (compared.tolerance() <= 1e-6).then_some(compared)
}

/// Directions along one axis, along the diagonal and across, at lengths where independent scales of the coordinates
/// would show.
fn directions(dimension: usize) -> Vec<Vec<f64>> {
    let mut all = Vec::new();
    for length in [0.5, 1.0, 2.0] {
        let along = (0..dimension).map(|i| if i == 0 { length } else { 0.0 });
        all.push(along.collect());
        if dimension > 1 {
            let share = length / (dimension as f64).sqrt();
            all.push(vec![share; dimension]);
            let across = |i: usize| if i.is_multiple_of(2) { share } else { -share };
            all.push((0..dimension).map(across).collect());
        }
    }
    all
}

/// Every family in several dimensions, the heavy-tailed ones first, and bandwidths that differ.
const KERNELS: [(&str, usize); 15] = [
    ("matern12:1", 2),
    ("matern12:1", 3),
    ("matern32:1", 2),
    ("matern52:0.7", 3),
    ("matern72:1", 2),
    ("imq(1/2):1", 2),
    ("imq(1/2):1", 3),
    ("imq(3/2):0.7", 2),
    ("imq(1):1", 5),
    ("gaussian:1", 1),
    ("gaussian:0.8", 3),
    ("matern12:1", 1),
    ("gaussian:0.5,2", 2),
    ("matern12:0.5,2", 2),
    ("imq(1/2):2,0.6,1", 3),
];

/// Draws of a pinned law: means are known to 0.02 or so at `1e-15`.
const DRAWS: usize = 1 << 16;

/// Draws of a control: enough for every fresh seed to see it rejected.
const MANY: usize = 1 << 18;

fn spec(kernel: &str, dimension: usize) -> LawSpec {
    LawSpec {
        kernel: kernel.parse().expect("a kernel"),
        differences: directions(dimension),
        draws: DRAWS,
        seed: 0,
    }
}

/// The laws that are looked at whatever the seed.
pub(in crate::claims) fn pinned_laws() -> Vec<Law> {
    let build = |&(kernel, dimension): &(&str, usize)| {
        Law::build(&spec(kernel, dimension)).expect("pinned laws are well-formed")
    };
    KERNELS.iter().map(build).collect()
}

const WORDS: &str =
    "random: kernels of every family in up to four dimensions, and differences of points";

/// Any kernel, and any differences.
#[cfg(feature = "strategies")]
pub(in crate::claims) fn draws() -> Draws<Law> {
    use proptest::prelude::*;
    Draws::new(WORDS, || {
        let names = prop_oneof![
            Just("gaussian"),
            Just("matern12"),
            Just("matern32"),
            Just("matern52"),
            Just("matern72"),
            Just("imq(1/2)"),
            Just("imq(2)")
        ];
        let bandwidth = prop_oneof![Just(0.5), Just(1.0), Just(3.0)];
        (names, bandwidth, 1usize..=4, any::<u64>())
            .prop_flat_map(|(name, bandwidth, dimension, seed)| {
                let coordinates = proptest::collection::vec(-2.0..2.0, dimension);
                let differences = proptest::collection::vec(coordinates, 1..=3);
                differences.prop_map(move |differences| LawSpec {
                    kernel: format!("{name}:{bandwidth:?}").parse().expect("a kernel"),
                    differences,
                    draws: 1 << 14,
                    seed,
                })
            })
            .boxed()
    })
    .one_of(8)
}

/// Any kernel, and any differences.
#[cfg(not(feature = "strategies"))]
pub(in crate::claims) fn draws() -> Draws<Law> {
    Draws::new(WORDS).one_of(8)
}

/// The wrong laws that must be rejected.
pub(in crate::claims) fn law_controls() -> Vec<Control<Law>> {
    // Of eigenvalues known to 1e-6: whatever is drawn, they are off by a hundredth.
    let larger = |law: &Law| match law.frequencies() {
        Ok(frequencies) => Finding::Compared(pairs_of_points(law, &frequencies, Ball::from(0.01))),
        Err(error) => undecided(error),
    };
    let joint = |name, kernel: &'static str| {
        let on = move || diagonal(kernel);
        Control::check(name, Violated, on, |law: &Law| coordinatewise(law))
            .missed(move |found| independent_scales(kernel, found))
    };
    vec![
        joint(
            "a scale of its own for every coordinate (Laplace)",
            "matern12:1",
        ),
        joint(
            "a scale of its own for every coordinate (inverse multiquadric)",
            "imq(1/2):1",
        ),
        Control::check(
            "a smallest eigenvalue a hundredth larger",
            Violated,
            || diagonal("gaussian:1"),
            larger,
        ),
        Control::check("bandwidths exchanged", Violated, exchanged_pair, exchanged)
            .missed(|found| wrong_mean(found, (-8.0_f64).exp())),
        Control::check(
            "every frequency twice",
            Violated,
            || diagonal("gaussian:1"),
            twice,
        )
        .missed(|found| {
            // E cos² ω·Δ = (1 + ψ(2Δ))/2, Δ = 1.
            wrong_mean(found, 0.5 * (1.0 + (-2.0_f64).exp()))
        }),
    ]
}

/// The difference along the diagonal of the plane of length one.
fn diagonal(kernel: &str) -> Law {
    let spec = LawSpec {
        differences: vec![vec![0.5_f64.sqrt(); 2]],
        draws: MANY,
        ..spec(kernel, 2)
    };
    Law::build(&spec).expect("pinned laws are well-formed")
}

/// Every coordinate drawn by itself, of the law in dimension one.
fn coordinatewise(law: &Law) -> Finding {
    let MercerKernel::Radial(kernel) = &law.0.kernel else {
        return undecided(GAUSSIAN);
    };
    let row = |i: usize| {
        let seed = law
            .0
            .seed
            .wrapping_add(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(i as u64 + 1));
        kernel.try_sample_frequencies(1, law.0.draws, seed)
    };
    let rows: Result<Vec<DMatrix<f64>>, _> = (0..law.dimension()).map(row).collect();
    match rows {
        Ok(rows) => {
            let wrong = DMatrix::from_fn(rows.len(), law.0.draws, |i, j| rows[i][(0, j)]);
            only(JOINT, characteristic(law, &wrong))
        }
        Err(error) => undecided(error),
    }
}

/// One coordinate of an anisotropic law that the other bandwidth does not see.
fn exchanged_pair() -> Law {
    let spec = LawSpec {
        differences: vec![vec![2.0, 0.0]],
        draws: MANY,
        ..spec("gaussian:2,0.5", 2)
    };
    Law::build(&spec).expect("pinned laws are well-formed")
}

fn exchanged(law: &Law) -> Finding {
    match law.frequencies() {
        Ok(drawn) => {
            let wrong = DMatrix::from_fn(2, drawn.ncols(), |i, j| drawn[(1 - i, j)]);
            only(JOINT, characteristic(law, &wrong))
        }
        Err(error) => undecided(error),
    }
}

fn twice(law: &Law) -> Finding {
    match law.frequencies() {
        Ok(drawn) => {
            let wrong = DMatrix::from_fn(2, drawn.ncols(), |i, j| drawn[(i, j - j % 2)]);
            only(APART, characteristic(law, &wrong))
        }
        Err(error) => undecided(error),
    }
}

fn only(statement: &str, comparisons: Vec<Comparison>) -> Finding {
    let own = comparisons
        .into_iter()
        .filter(|c| c.statement() == statement);
    Finding::Compared(own.collect())
}

/// The mean of independent coordinates: the product of the profile at both.
fn independent_scales(kernel: &str, found: &Finding) -> f64 {
    let kernel: KernelSpec = kernel.parse().expect("a kernel");
    let one = kernel.profile_ball(Ball::from(0.5).sqrt()).mid();
    wrong_mean(found, one * one)
}

/// A bound of the probability that a mean of draws of this expectation passes: Bernstein's, with a variance of at most
/// one.
fn wrong_mean(found: &Finding, expectation: f64) -> f64 {
    let Finding::Compared(comparisons) = found else {
        return 1.0;
    };
    let passes = |comparison: &Comparison| {
        let allowed = comparison.quantity().rad() + comparison.bound().rad();
        let gap = (expectation - comparison.bound().mid()).abs() - allowed;
        bernstein_tail(1.0, 2.0, MANY / 2, gap)
    };
    comparisons.iter().map(passes).fold(1.0, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;

    #[test]
    fn directions_have_the_lengths() {
        for dimension in [1, 2, 3, 5] {
            let all = directions(dimension);
            assert_eq!(all.len(), if dimension > 1 { 9 } else { 3 });
            for difference in all {
                let norm = difference.iter().map(|x| x * x).sum::<f64>().sqrt();
                assert!([0.5, 1.0, 2.0].iter().any(|l| (norm - l).abs() < 1e-12));
            }
        }
    }

    #[test]
    fn independent_scales_are_another_law_and_the_joint_one_is_the_kernel() {
        for kernel in ["matern12:1", "imq(1/2):1"] {
            let instance = diagonal(kernel);
            assert_eq!(law(&instance).judge().verdict, Verdict::Holds, "{kernel}");
            let wrong = coordinatewise(&instance);
            assert_eq!(wrong.judge().verdict, Verdict::Violated, "{kernel}");
            assert!(independent_scales(kernel, &wrong) < 1e-9);
        }
    }
}
