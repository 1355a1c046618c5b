//! R12: the constants of R2 to R5, R8 and R8b, derived a second time.
//!
//! The bounds are exponential moments at their best parameter. The closed forms of `bounds` are held against that
//! optimum, found by a search, and against exact moments: of two points, and of normal numbers by quadrature.

use super::super::undecided;
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, ln_half_gamma};
use crate::bounds::random_features as bounds;
use crate::bounds::random_features::{ExponentialTail, Expressivity, WidthBound};
use crate::evidence::{Comparison, Finding};
use crate::kernel::KernelSpec;
use crate::spectrum::SpectrumError;
use crate::theorem::{BuildError, Draws, Object, Subject};
use nalgebra::DMatrix;

/// What the bounds depend on.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims) struct SizesSpec {
    /// `q`.
    dimension: usize,
    /// `N`.
    samples: usize,
    /// `m`.
    frequencies: usize,
    /// `ε`, of an entry or of an eigenvalue, in (0, 1).
    share: f64,
    /// `τ`.
    failure: f64,
    /// The distance of two points, in bandwidths of a Gaussian kernel.
    distance: f64,
}

/// Sizes in their ranges.
#[derive(Clone, Debug)]
pub(in crate::claims) struct Sizes(SizesSpec);

impl Object for Sizes {
    /// Nothing is drawn for them.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for Sizes {
    type Spec = SizesSpec;
    const HYPOTHESIS: &'static str = "object: sizes of a model of random features";

    fn build(spec: &SizesSpec) -> Result<Self, BuildError> {
        let proper = |x: f64| x > 0.0 && x < 1.0;
        let counts = spec.dimension > 0 && spec.samples > 1 && spec.frequencies > 0;
        if counts && proper(spec.share) && proper(spec.failure) && spec.distance > 0.0 {
            Ok(Self(spec.clone()))
        } else {
            Err("counts are positive, two samples at least, shares are in (0, 1)".into())
        }
    }
}

/// Dimensions where terms are as large as each other, and where one is all there is; 64, where R5's 66 is attained.
pub(in crate::claims) fn pinned_sizes() -> Vec<Sizes> {
    let sizes = |dimension, samples, frequencies, share, distance| SizesSpec {
        dimension,
        samples,
        frequencies,
        share,
        failure: 0.01,
        distance,
    };
    let specs = [
        sizes(64, 2, 1000, 0.99, 1.0),
        sizes(1, 2, 1, 0.9, 0.7),
        sizes(400, 7, 4, 0.1, 2.0),
        sizes(3, 20, 1_000_000, 0.5, 4.0),
    ];
    specs
        .iter()
        .map(|spec| Sizes::build(spec).expect("pinned sizes are well-formed"))
        .collect()
}

const WORDS: &str = "random: sizes of models of random features, and two points";

/// Any sizes.
#[cfg(feature = "strategies")]
pub(in crate::claims) fn draws_of_sizes() -> Draws<Sizes> {
    use proptest::prelude::*;
    Draws::new(WORDS, || {
        (
            1usize..=500,
            2usize..=30,
            1usize..=100_000,
            0.05..0.95,
            1e-6..0.5,
            0.3..5.0,
        )
            .prop_map(
                |(dimension, samples, frequencies, share, failure, distance)| SizesSpec {
                    dimension,
                    samples,
                    frequencies,
                    share,
                    failure,
                    distance,
                },
            )
            .boxed()
    })
    .one_of(8)
}

/// Any sizes.
#[cfg(not(feature = "strategies"))]
pub(in crate::claims) fn draws_of_sizes() -> Draws<Sizes> {
    Draws::new(WORDS).one_of(8)
}

/// All of them.
pub(in crate::claims) fn constants_again(sizes: &Sizes) -> Finding {
    let mut comparisons = entries(&sizes.0);
    comparisons.extend(frequencies(&sizes.0));
    comparisons.extend(whole_function(&sizes.0));
    match two_points(&sizes.0) {
        Ok(found) => comparisons.extend(found),
        Err(error) => return undecided(error),
    }
    Finding::Compared(comparisons)
}

/// The largest value of a concave function on an interval, by the golden section. Within `δ` of its place the value is
/// off by a multiple of `δ²`: of 60 steps nothing is left but rounding, a few units of the terms, which are at most
/// `size`.
fn largest(f: impl Fn(f64) -> f64, (low, high): (f64, f64), size: f64) -> Ball {
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (low, high);
    for _ in 0..60 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if f(left) < f(right) {
            low = left;
        } else {
            high = right;
        }
    }
    Ball::new(f(0.5 * (low + high)), 32.0 * UNIT_ROUNDOFF * size)
}

/// The largest value of a function on an interval: the best of a grid, and the golden section on the cells beside it.
fn highest(f: impl Fn(f64) -> f64, (low, high): (f64, f64)) -> f64 {
    const CELLS: usize = 96;
    let at = |k: usize| low + (high - low) * k as f64 / CELLS as f64;
    let valued = (0..=CELLS).map(|k| (f(at(k)), k));
    let best = valued.max_by(|p, q| p.0.total_cmp(&q.0)).expect("a grid");
    let cells = (at(best.1.saturating_sub(1)), at((best.1 + 1).min(CELLS)));
    best.0.max(largest(&f, cells, 0.0).mid())
}

fn equal(statement: &'static str, found: Ball, expected: Ball) -> Comparison {
    Comparison::equal(statement, found, expected, expected.mid())
}

/// R2, R3: the moments of a number in `[−1, 1]` (Hoeffding's lemma), counted over pairs and both signs.
fn entries(spec: &SizesSpec) -> Vec<Comparison> {
    let e = spec.share;
    let rate = largest(|s| s * e - 0.5 * s * s, (0.0, 2.0), 1.0);
    let pairs = (0..spec.samples).sum::<usize>();
    let signs = |pairs: usize| Ball::from(2.0 * pairs as f64).ln();
    let one = bounds::hoeffding(e);
    let all = bounds::gram_union(spec.samples, e);
    vec![
        equal("R2: rate = max_s (sε − s²/2)", one.rate, rate),
        equal("R2: two signs", one.ln_constant, signs(1)),
        equal("R3: rate = max_s (sε − s²/2)", all.rate, rate),
        equal("R3: two signs of every pair", all.ln_constant, signs(pairs)),
    ]
}

/// R5: `66` is the largest of the numbers `β_d` of Sutherland and Schneider, and the exponent of `σ_pℓ/ε` the largest.
fn whole_function(spec: &SizesSpec) -> Vec<Comparison> {
    let d = spec.dimension as f64;
    let half = Ball::from(0.5 * d).ln();
    let share = |x: f64| Ball::from(x) / Ball::from(d + 2.0);
    let power = (-(half * share(d))).exp() + (half * share(2.0)).exp();
    let ln_beta = power.ln() + Ball::from(2.0).ln() * share(6.0 * d + 2.0);
    let mut comparisons = Vec::new();
    for reach in [1.0, 3.0] {
        let deviation = spec.share;
        let ratio = Ball::from(reach) / Ball::from(deviation);
        let Some(tail) = bounds::uniform(Ball::from(reach), spec.dimension, deviation) else {
            continue;
        };
        let rate = Ball::from(2.0) * Ball::from(deviation).square() / Ball::from(8.0 * (d + 2.0));
        comparisons.push(equal("R5: rate = 2ε²/8(d+2)", tail.rate, rate));
        let ln_sharper = ln_beta + Ball::from(2.0) * share(d) * ratio.ln();
        let whole = "R5: 66(σ_pℓ/ε)² ≥ β_d(σ_pℓ/ε)^{2d/(d+2)}";
        comparisons.push(Comparison::at_most(
            whole,
            ln_sharper.exp(),
            tail.ln_constant.exp(),
        ));
    }
    // At the deviation ε = σ_pℓ nothing but the constant is left.
    if let Some(tail) = bounds::uniform(Ball::from(spec.share), spec.dimension, spec.share) {
        let constant = tail.ln_constant.exp();
        comparisons.push(Comparison::at_most("R5: 66 ≥ β_d", ln_beta.exp(), constant));
    }
    comparisons
}

/// R8, R8b: the exponents of a Lipschitz function of normal numbers, and their moments.
fn frequencies(spec: &SizesSpec) -> Vec<Comparison> {
    let (q, m, t) = (spec.dimension, spec.frequencies, spec.failure);
    let count = Ball::from(m as f64);
    let root = |x: Ball| x.sqrt();
    // P(f − Ef > s) ≤ exp(−max_h (hs − h²/2)) for f of slope one.
    let deviation = 1.7;
    let rate = largest(|h| h * deviation - 0.5 * h * h, (0.0, 4.0), 4.0);
    let covariance = bounds::covariance(deviation);
    let none = Ball::from(1.0);
    // s with s²/2 = ln(1/τ), and ln(m/τ).
    let beyond = |events: Ball| root(Ball::from(2.0) * (events / Ball::from(t)).ln());
    let norm = mean_square_norm(q).sqrt();
    let lipschitz = bounds::lipschitz_constant(q, m, t);
    let expected = none + norm / root(count) + beyond(none) / root(count);
    let longest = bounds::longest_frequency(q, m, t);
    let curvature = bounds::curvature_constant(q, m, t);
    let fourth = (normal_moment(4) * count).sqrt().sqrt();
    let length = fourth + norm + beyond(none);
    let shown = Ball::from(longest.mid());
    let ln_longer = bounds::ln_longer(q, m, longest.mid());
    let exponent = count.ln() - (shown - norm).square() / Ball::from(2.0);
    vec![
        equal("R8: rate = max_h (ht − h²/2)", covariance.rate, rate),
        equal("R8: a single event", covariance.ln_constant.exp(), none),
        equal("R8: σκ̂1 ≤ 1 + √(E‖g‖²/m) + s/√m", lipschitz, expected),
        equal(
            "R8b: σ‖ω‖ ≤ √E‖g‖² + s, of m events",
            longest,
            norm + beyond(count),
        ),
        equal(
            "R8b: σ²κ̂2 ≤ ((mEg⁴)^¼ + √E‖g‖² + s)²/√m",
            curvature,
            length.square() / root(count),
        ),
        equal("R8b: ln P(σ‖ω‖ > length)", ln_longer.exp(), exponent.exp()),
        // Gordon's bound uses E‖g‖ ≤ √q.
        Comparison::at_most(
            "R8: E‖g‖ ≤ √q as it stands in κ̂1",
            mean_norm(q),
            (lipschitz - none) * root(count) - beyond(none),
        ),
    ]
}

/// `E‖g‖ = √2 Γ((q+1)/2)/Γ(q/2)`.
fn mean_norm(dimension: usize) -> Ball {
    let ratio = ln_half_gamma(dimension + 1) - ln_half_gamma(dimension);
    Ball::from(2.0).sqrt() * ratio.exp()
}

/// `E g^k` of a normal number, by the trapezoidal rule with the step 1/8: the error of the rule is below
/// `2e^{−2π²·64}` times the moment of a complex shift, and what is cut off at 14 below `14^k e^{−98}`.
fn normal_moment(k: i32) -> Ball {
    let step = 0.125_f64;
    let nodes = -112..=112;
    let (mut sum, mut mass) = (0.0, 0.0);
    for node in nodes {
        let x = f64::from(node) * step;
        let weight = (-0.5 * x * x).exp();
        sum += x.powi(k) * weight;
        mass += weight;
    }
    // 225 positive terms, each within a dozen roundings.
    let value = sum / mass;
    Ball::new(value, 512.0 * UNIT_ROUNDOFF * value)
}

/// `E‖g‖²`, coordinate by coordinate.
fn mean_square_norm(dimension: usize) -> Ball {
    normal_moment(2) * Ball::from(dimension as f64)
}

/// R4, R4b and their neighbours at two points, where `K` and `V` have closed forms: one summand `X = cc^T + ss^T` is
/// `(1, c; c, 1)` with `c = cos ω·Δ`.
fn two_points(spec: &SizesSpec) -> Result<Vec<Comparison>, SpectrumError> {
    let kernel: KernelSpec = "gaussian:1".parse().expect("a kernel");
    let points = DMatrix::from_row_slice(1, 2, &[0.0, spec.distance]);
    let known = Expressivity::try_new(&kernel, &points)?;
    let e = spec.share;
    let r = spec.distance;
    let (mean, double) = ((-0.5 * r * r).exp(), (-2.0 * r * r).exp());
    let (smallest, biggest) = (1.0 - mean, 1.0 + mean);
    let second = 0.5 * (1.0 + double);
    let rounded = |x: f64| Ball::new(x, 16.0 * UNIT_ROUNDOFF * (1.0 + r * r));
    let half = |x: f64| rounded(x) / Ball::from(2.0);
    let rate_of = |bound| -> Result<ExponentialTail, SpectrumError> { known.tail(bound, e) };
    let mut comparisons = vec![
        equal("R4: λ_min(K) = 1 − ψ", known.smallest(), rounded(smallest)),
        equal("R4: λ_max(K) = 1 + ψ", known.largest(), rounded(biggest)),
    ];
    let chernoff = rate_of(WidthBound::Chernoff)?;
    // X ≤ N: E e^{−θX/N} ≤ 1 + (e^{−θ} − 1)EX/N.
    let best = largest(|s| 1.0 - (-s).exp() - s * (1.0 - e), (0.0, 10.0), 12.0);
    comparisons.push(equal(
        "R4: rate = λ/N·max_θ (1 − e^{−θ} − θ(1−ε))",
        chernoff.rate,
        half(smallest) * best,
    ));
    let upper = known.largest_tail(e);
    let best = largest(|s| s * (1.0 + e) - (s.exp() - 1.0), (0.0, 2.0), 12.0);
    comparisons.push(equal(
        "R4: rate above = λ/N·max_θ (θ(1+ε) − e^θ + 1)",
        upper.rate,
        half(biggest) * best,
    ));
    let union = rate_of(WidthBound::GramUnion)?;
    let entry = e * smallest;
    comparisons.push(equal(
        "R3: ελ_min(K)/(N−1) an entry",
        union.rate,
        rounded(0.5 * entry * entry),
    ));
    let bernstein = rate_of(WidthBound::Bernstein)?;
    let variance = second - mean * mean;
    let expected = rounded(0.5 * entry * entry) / rounded(variance + biggest * entry / 3.0);
    comparisons.push(equal(
        "Bernstein: t²/2(σ² + λ_max t/3)",
        bernstein.rate,
        expected,
    ));
    for tail in [&chernoff, &upper, &bernstein] {
        let order = Ball::from(2.0).ln();
        comparisons.push(equal(
            "R4: the trace of the identity",
            tail.ln_constant,
            order,
        ));
    }
    // −h(1−ε)λ − λ_max(−hK + h²V/2): the corners of V are 1 + Ec², its sides 2ψ.
    let top = |p: f64, r: f64| -p + r * (1.0 + second) + (2.0 * r * mean - p * mean).abs();
    let h_most = 2.0 * e / smallest;
    let variance_rate = largest(
        |h| -h * (1.0 - e) * smallest - top(h, 0.5 * h * h),
        (0.0, h_most),
        8.0 * (1.0 + h_most * h_most),
    );
    let found = rate_of(WidthBound::Variance)?;
    comparisons.push(Comparison::at_most(
        "R4b: rate ≤ max_h −h(1−ε)λ − λ_max(−hK + h²V/2)",
        found.rate,
        variance_rate,
    ));
    comparisons.push(equal(
        "R4b: the trace of the identity",
        found.ln_constant,
        Ball::from(2.0).ln(),
    ));
    // The parabola through one at zero that touches e^{−hx} at a: its value and its slope.
    let tangent = |h: f64, a: f64| {
        let t = h * a;
        let p = (2.0 - (2.0 + t) * (-t).exp()) / a;
        let r = (1.0 - (1.0 + t) * (-t).exp()) / (a * a);
        -(h * (1.0 - e) * smallest + top(p, r).ln_1p())
    };
    let of_touching = |a: f64| highest(|h| tangent(h, a), (h_most * 1e-3, h_most));
    let best = highest(of_touching, (0.02, 2.0));
    // Within 2^−40 of the range of the top, where one of the parameters has a kink: as much of the terms.
    let tangent_rate = Ball::new(best, 2.0_f64.powi(-40) * 8.0 * (1.0 + h_most));
    let found = rate_of(WidthBound::Tangent)?;
    comparisons.push(Comparison::at_most(
        "R4b: rate ≤ max over parabolas that touch e^{−hx}",
        found.rate,
        tangent_rate,
    ));
    Ok(comparisons)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;

    #[test]
    fn moments_of_normal_numbers_are_one_and_three() {
        assert!(normal_moment(2).contains(1.0) && normal_moment(4).contains(3.0));
        assert!((mean_norm(1).mid() - (2.0 / std::f64::consts::PI).sqrt()).abs() < 1e-14);
        assert!((mean_norm(3).mid() - (8.0 / std::f64::consts::PI).sqrt()).abs() < 1e-14);
    }

    #[test]
    fn a_search_finds_the_top() {
        let found = largest(|s| s * 0.5 - 0.5 * s * s, (0.0, 2.0), 1.0);
        assert!(found.contains(0.125) && found.rad() < 1e-14);
    }

    #[test]
    fn pinned_sizes_hold() {
        for sizes in pinned_sizes() {
            let found = constants_again(&sizes);
            assert_eq!(found.judge().verdict, Verdict::Holds, "{sizes:?} {found:?}");
        }
    }
}
