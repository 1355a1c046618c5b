//! How probably a fresh seed lets a wrong sampler or a wrong bound pass: the power of the [`controls`](super::controls).
//!
//! All of it is derived from exact laws: of the phases of two points that are four bandwidths apart, of `χ²`, and of
//! means of bounded draws whose wrong expectation has a closed form. `proofs/fresh-seeds.md` has the derivations.

use super::constants::FREQUENCIES as M;
use super::controls::{far_pair, near_pair, oblique_pair};
use super::entries::FEW;
use super::gaussian;
use super::gram::WIDTHS;
use crate::arithmetic::{Ball, gamma};
use crate::bounds::random_features as bounds;
use crate::bounds::random_features::{CosineMoments, Expressivity, WidthBound};
use crate::claims::PointsInstance;
use crate::evidence::statistics::{
    FALSE_ALARM, bernstein_tail, empirical_bernstein, normal_variance_missed,
};
use crate::evidence::{Comparison, Finding};
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};
use std::f64::consts::PI;

/// `k` of the far pair: `e^{−8}`.
const FAR: f64 = 3.354_626_279_025_119e-4;

/// The comparisons of a finding.
fn comparisons(found: &Finding) -> &[Comparison] {
    match found {
        Finding::Compared(comparisons) => comparisons,
        _ => &[],
    }
}

/// A bound of the probability that some statement is not rejected, where `missed` bounds that a comparison is not: of
/// every statement one rejected comparison is enough. Where nothing is compared nothing is rejected.
fn some_statement(found: &Finding, missed: impl Fn(usize, &Comparison) -> f64) -> f64 {
    let all = comparisons(found);
    let of = |statement: &'static str| {
        let own = all.iter().enumerate();
        let own = own.filter(|(_, c)| c.statement() == statement);
        own.map(|(index, c)| missed(index, c)).fold(1.0, f64::min)
    };
    let statements = found.statements();
    match statements.is_empty() {
        true => 1.0,
        false => statements.into_iter().map(of).sum(),
    }
}

/// The same where every comparison is of an event that has at least a probability.
fn events(found: &Finding, probability: impl Fn(usize, &Comparison) -> f64) -> f64 {
    some_statement(found, |index, comparison| {
        let seen = comparison.seen();
        seen.map_or(1.0, |seen| {
            seen.missed(comparison.bound().upper(), probability(index, comparison))
        })
    })
}

/// The law of the mean of draws: what it is in truth, how many, in an interval of which length, of at most which variance.
#[derive(Clone, Copy, Debug)]
struct Mean {
    expectation: f64,
    draws: usize,
    range: f64,
    variance: f64,
}

impl Mean {
    /// The probability that the mean falls within a radius of what it is compared with.
    fn missed(self, comparison: &Comparison, radius: f64) -> f64 {
        // The radius of a mean includes its rounding, that of `draws` numbers within the range.
        let rounding = 2.0 * gamma(self.draws + 1) * self.range;
        let allowed = radius + comparison.bound().rad() + rounding;
        let gap = (self.expectation - comparison.bound().mid()).abs() - allowed;
        bernstein_tail(self.variance, self.range, self.draws, gap)
    }

    /// The same, of a radius that is the same for all draws.
    fn missed_by(self, comparison: &Comparison) -> f64 {
        self.missed(comparison, comparison.quantity().rad())
    }
}

/// A lower bound of `P(|m⁻¹Σcos θ_j| ≥ share)` of the phases of the far pair: `θ = 4g` modulo `2π` has a density between
/// `(1 ∓ 2.001e^{−8})/2π`, and for uniform phases `P(|Σcos θ_j| < a) = (2/π)∫J_0(t)^m sin(at)/t dt`.
fn cosines_beyond(m: u64, share: f64) -> f64 {
    let nearly_uniform = (1.0 - 2.001 * FAR).powi(m as i32);
    nearly_uniform * uniform_cosines_beyond(m, share)
}

/// The same of uniform phases.
fn uniform_cosines_beyond(m: u64, share: f64) -> f64 {
    if share >= 1.0 {
        return 0.0;
    }
    if m == 1 {
        return 1.0 - 2.0 / PI * share.asin();
    }
    let a = share * m as f64;
    let integrand = |t: f64| match t {
        0.0 => a,
        _ => libm::j0(t).powi(m as i32) * (a * t).sin() / t,
    };
    /// The end of the interval, and half of the number of steps.
    const END: f64 = 256.0;
    const STEPS: usize = 1 << 14;
    let simpson = |steps: usize| -> f64 {
        let h = END / (2 * steps) as f64;
        let at = |i: usize| integrand(i as f64 * h);
        let odd: f64 = (0..steps).map(|i| at(2 * i + 1)).sum();
        let even: f64 = (1..steps).map(|i| at(2 * i)).sum();
        h / 3.0 * (at(0) + 4.0 * odd + 2.0 * even + at(2 * steps))
    };
    let (fine, coarse) = (simpson(STEPS), simpson(STEPS / 2));
    // |J_0(t)| ≤ (2/πt)^½: the rest of the integral, and the steps by the difference of two.
    let half = m as f64 / 2.0;
    let rest = (2.0 / (PI * END)).powf(half) / half;
    1.0 - 2.0 / PI * (fine + rest + (fine - coarse).abs())
}

/// The `ε` whose Hoeffding bound `2exp(−mε²/2)` is this.
fn deviation(bound: f64, m: u64) -> f64 {
    (2.0 * (2.0 / bound).ln() / m as f64).sqrt()
}

/// R2 and R3 on the far pair, whose tests are of `m` frequencies, of which `distinct` are drawn, and whose bounds are
/// divided by something: `|k̂ − k| ≥ ε` if `|k̂| ≥ ε + k`.
fn deviates(found: &Finding, m: u64, distinct: u64, divided: f64) -> f64 {
    events(found, |_, comparison| {
        let epsilon = deviation(divided * comparison.bound().mid(), m);
        cosines_beyond(distinct, epsilon + 2.0 * FAR)
    })
}

pub(super) fn deviations_of_one(found: &Finding, m: u64) -> f64 {
    deviates(found, m, 1, 1.0)
}

pub(super) fn deviations_beyond_a_fiftieth(found: &Finding, m: u64) -> f64 {
    deviates(found, m, m, 50.0)
}

/// `1 − |k̂| ≤ ½(1 − k)` and `1 + |k̂| ≥ 3/2·(1 + k)` if `|k̂| ≥ ½ + 3/2·k`, roundings far below another half of `k`.
fn halved(frequencies: u64) -> f64 {
    cosines_beyond(frequencies, 0.5 + 2.0 * FAR)
}

/// One frequency in place of many decides about the eigenvalues, or about R5 at the difference of the points.
pub(super) fn one_frequency(found: &Finding) -> f64 {
    events(found, |_, _| halved(1))
}

/// The width of a bound at the far pair.
fn width(bound: WidthBound, failure: f64) -> u64 {
    let far = far_pair();
    let expressivity = Expressivity::try_new(&far.kernel, &far.points);
    let tail = expressivity.and_then(|e| e.tail(bound, super::expressivity::SHARE));
    tail.ok()
        .and_then(|tail| tail.width(failure))
        .unwrap_or(u64::MAX)
}

/// Eigenvalues at the widths of some bounds, each at both levels, with the honest sampler.
pub(super) fn lost_at_the_widths(found: &Finding, of: &[WidthBound]) -> f64 {
    events(found, |index, _| {
        let level = super::LEVELS[index % super::LEVELS.len()];
        halved(width(of[index / super::LEVELS.len()], level))
    })
}

/// Eigenvalues at a share of R6's widths.
pub(super) fn lost_at_a_share(found: &Finding, share: u64) -> f64 {
    events(found, |index, _| {
        halved(width(WidthBound::ALL[index], super::expressivity::FAILURE).div_ceil(share))
    })
}

/// Two points of R1 and R7: moments at their distance, and at that which a wrong bandwidth makes of it.
fn moments(instance: &PointsInstance, stretched: f64) -> CosineMoments {
    let distance = bounds::distance(&instance.points, 0, 1);
    CosineMoments::at(&instance.kernel, Ball::from(stretched) * distance)
}

/// `E(k̂ − k)²` where `k̂` is a mean of `m` cosines of a law, and `k` the value of another.
fn off(law: &CosineMoments, value: &CosineMoments, m: usize) -> f64 {
    let bias = (law.mean() - value.mean()).square();
    (law.variance() / Ball::from(m as f64) + bias).mid()
}

/// Four times the draws of an instance, of models of four frequencies: R1 at its least.
const R1_MODELS: usize = 4;

/// R1 with the bandwidth divided by 5/4, on the near pair: `k̂` has a range of 2, its squared error one of 4 and a
/// variance of at most four times its expectation.
pub(super) fn unbiased_stretched(found: &Finding) -> f64 {
    let near = near_pair();
    let (law, value) = (moments(&near, 1.25), moments(&near, 1.0));
    let draws = R1_MODELS * near.draws;
    let square = off(&law, &value, FEW);
    some_statement(found, |index, comparison| {
        let mean = match index {
            0 => Mean {
                expectation: law.mean().mid(),
                draws,
                range: 2.0,
                variance: 1.0,
            },
            _ => Mean {
                expectation: square,
                draws,
                range: 4.0,
                variance: 4.0 * square,
            },
        };
        mean.missed_by(comparison)
    })
}

/// R1's variance on the far pair, of so many distinct frequencies.
pub(super) fn variance_of(found: &Finding, distinct: usize) -> f64 {
    let far = far_pair();
    let honest = moments(&far, 1.0);
    let square = off(&honest, &honest, distinct);
    let draws = R1_MODELS * far.draws;
    let mean = Mean {
        expectation: square,
        draws,
        range: 4.0,
        variance: 4.0 * square,
    };
    some_statement(found, |_, comparison| mean.missed_by(comparison))
}

/// R7's models, and how far a mean square may be off in a share for its slope to be known.
const R7_MODELS: usize = 16;
const R7_SHARE: f64 = 0.1;

/// R7, where the mean square at a width is in truth that of so many frequencies, of a law.
fn rate(
    found: &Finding,
    law: &CosineMoments,
    value: &CosineMoments,
    distinct: [usize; 3],
    draws: usize,
) -> f64 {
    let means = distinct.map(|m| {
        let expectation = off(law, value, m);
        // Var(k̂ − k)² ≤ (√Var(k̂ − Ek̂)² + 2|Ek̂ − k|√Var k̂)².
        let bias = (law.mean() - value.mean()).mid().abs();
        let spread = law.squared_error_variance(m).upper().sqrt()
            + 2.0 * bias * (law.variance().upper() / m as f64).sqrt();
        Mean {
            expectation,
            draws,
            range: 4.0,
            variance: spread.powi(2),
        }
    });
    let all = comparisons(found);
    let by_mean = |index: usize| means[index].missed_by(&all[index]);
    let squares = (0..3).map(by_mean).fold(1.0, f64::min);
    // Every mean within a share of its expectation: the slope is known, and how far its ball reaches.
    let within: f64 = means
        .iter()
        .map(|mean| {
            bernstein_tail(
                mean.variance,
                mean.range,
                draws,
                R7_SHARE * mean.expectation,
            )
        })
        .sum();
    let steps = ((WIDTHS[2] / WIDTHS[0]) as f64).ln();
    let ordinate = |i: usize| 0.5 * means[i].expectation.ln();
    let truth = (ordinate(2) - ordinate(0)) / steps;
    let reach = |i: usize| {
        let least = (1.0 - R7_SHARE) * means[i].expectation;
        let radius = all[i].quantity().rad() + 2.0 * gamma(draws + 1) * 4.0;
        -0.5 * ((1.0 - R7_SHARE).ln() + (1.0 - radius / least).ln())
    };
    let known = (reach(0) + reach(2)) / steps;
    let told = (truth + 0.5).abs() > known;
    squares + if told { within } else { 1.0 }
}

pub(super) fn rate_repeated(found: &Finding) -> f64 {
    let far = far_pair();
    let honest = moments(&far, 1.0);
    let distinct = WIDTHS.map(|m| m.div_ceil(2));
    rate(found, &honest, &honest, distinct, R7_MODELS * far.draws)
}

pub(super) fn rate_stretched(found: &Finding) -> f64 {
    let near = near_pair();
    let (law, value) = (moments(&near, 1.25), moments(&near, 1.0));
    rate(found, &law, &value, WIDTHS, R7_MODELS * near.draws)
}

/// `P(X > t)` of the law `χ²`.
fn chi_squared_beyond(freedom: f64, t: f64) -> f64 {
    ChiSquared::new(freedom).map_or(0.0, |law| law.sf(t))
}

/// `P(|g| > t)` of a standard normal number.
fn normal_beyond(t: f64) -> f64 {
    Normal::new(0.0, 1.0).map_or(0.0, |law| 2.0 * law.sf(t))
}

/// R8 of sixteen frequencies: `κ̂1` is at least the length of one row of them, so that `mσ²κ̂1²` is at least a `χ²_m`
/// (and is one on the line).
pub(super) fn rows(found: &Finding, dimension: usize, stretched: f64) -> f64 {
    events(found, |index, _| {
        let bound = bounds::lipschitz_constant(dimension, M, super::LEVELS[index]).upper();
        chi_squared_beyond(M as f64, M as f64 * (bound / stretched).powi(2))
    })
}

/// R8b's longest of four frequencies of twice the length in the plane: `P(|ω| > t) = exp(−t²/8)`.
pub(super) fn longest_stretched(found: &Finding) -> f64 {
    events(found, |index, _| {
        let bound = bounds::longest_frequency(2, 4, super::LEVELS[index]).upper();
        1.0 - (1.0 - (-bound * bound / 8.0).exp()).powi(4)
    })
}

/// R8b on the line: the longest of four, and `κ̂2² = ¼Σω⁴`, which is beyond a number if the longest is.
pub(super) fn longest_on_the_line(found: &Finding) -> f64 {
    events(found, |index, _| {
        let level = super::LEVELS[index / 2];
        let longest = match index % 2 {
            0 => bounds::longest_frequency(1, 4, level).upper(),
            _ => (4.0 * bounds::curvature_constant(1, 4, level).upper().powi(2)).powf(0.25),
        };
        1.0 - (1.0 - normal_beyond(longest)).powi(4)
    })
}

/// R9's blocks and their two frequencies.
const R9_BLOCKS: usize = 32;

/// R9 on the oblique pair, where the estimates are in truth of this mean and their squared errors of this one. The
/// radius is that of the sample's own variance, which is a quarter of the squared range at most.
fn blocks(found: &Finding, expectations: &[f64]) -> f64 {
    let draws = R9_BLOCKS * oblique_pair().draws;
    some_statement(found, |index, comparison| {
        // The variances come last: a control may be of them alone.
        let from_the_end = comparisons(found).len() - index;
        let range: f64 = if from_the_end == 1 { 4.0 } else { 2.0 };
        let expectation = expectations[expectations.len() - from_the_end];
        let variance = 0.25 * range * range;
        let most = variance * draws as f64 / (draws - 1) as f64;
        let radius = empirical_bernstein(most, range, draws, FALSE_ALARM);
        Mean {
            expectation,
            draws,
            range,
            variance,
        }
        .missed(comparison, radius)
    })
}

/// Independent frequencies in R9.
pub(super) fn blocks_of_independent(found: &Finding) -> f64 {
    let oblique = oblique_pair();
    let honest = moments(&oblique, 1.0);
    blocks(found, &[off(&honest, &honest, 2)])
}

/// Orthogonal frequencies of a length in R9.
pub(super) fn blocks_stretched(found: &Finding, stretched: f64) -> f64 {
    let oblique = oblique_pair();
    let distance = bounds::distance(&oblique.points, 0, 1);
    let kernel = gaussian(&oblique.kernel).expect("a Gaussian pair");
    let (law, value) = (moments(&oblique, stretched), moments(&oblique, 1.0));
    let variance = bounds::orthogonal_variance(kernel, 2, 2, Ball::from(stretched) * distance);
    let bias = (law.mean() - value.mean()).square();
    blocks(found, &[law.mean().mid(), (variance + bias).mid()])
}

/// P11.features on the far pair: given the input frequencies the draws are normal, with variances that are in truth
/// these multiples of one.
pub(super) fn normal_draws(found: &Finding, variances: [f64; 3]) -> f64 {
    let draws = far_pair().draws;
    let missed = |&variance: &f64| normal_variance_missed(draws, variance);
    let squares = variances.iter().map(missed).fold(1.0, f64::min);
    let Some(slope) = comparisons(found).get(3) else {
        return squares;
    };
    // Every sample variance within a fifth of the truth; the radius of a slope of logarithms is that of their ratio.
    const SHARE: f64 = 0.2;
    let n = draws as f64;
    let law = ChiSquared::new(n).expect("draws");
    let outside = 3.0 * (law.sf((1.0 + SHARE) * n) + law.cdf((1.0 - SHARE) * n));
    let of = |i: usize, width: f64| 0.5 * (variances[i] / width).ln();
    let steps = 16.0_f64.ln();
    let truth = (of(2, 64.0) - of(0, 4.0)) / steps;
    let known = slope.quantity().rad() - (1.0 - SHARE).ln() / steps;
    squares
        + if (truth + 0.5).abs() > known {
            outside
        } else {
            1.0
        }
}

/// R10 with frequencies of four times the length: `κ̂1` is beyond what is promised if one row is.
pub(super) fn promised_shorter(found: &Finding) -> f64 {
    let far = far_pair();
    let expressivity = Expressivity::try_new(&far.kernel, &far.points);
    let frequencies = expressivity.and_then(|e| super::end_to_end::width(&e));
    let Ok(Some((_, m))) = frequencies else {
        return 1.0;
    };
    let level = super::end_to_end::FAILURE / 4.0;
    let bound = bounds::lipschitz_constant(3, m as usize, level).upper();
    events(found, |_, _| {
        chi_squared_beyond(m as f64, m as f64 * (bound / 4.0).powi(2))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The density of two cosines is known; of many the normal law is close.
    #[test]
    fn sums_of_cosines_have_their_law() {
        // P(|cos u cos v| ≥ s) of uniform phases, by a midpoint rule over one of them.
        let product = |s: f64| {
            let n = 100_000;
            let at = |i: usize| {
                let c = (PI / 2.0 * (i as f64 + 0.5) / n as f64).cos();
                if c > s {
                    2.0 / PI * (s / c).acos()
                } else {
                    0.0
                }
            };
            (0..n).map(at).sum::<f64>() / n as f64
        };
        for s in [0.2, 0.5, 0.8] {
            let found = uniform_cosines_beyond(2, s);
            let exact = product(s);
            assert!(
                found <= exact && found > exact - 4e-3,
                "{s}: {found} {exact}"
            );
        }
        let found = uniform_cosines_beyond(64, 0.25);
        assert!(
            (found / normal_beyond(0.25 * 128.0_f64.sqrt()) - 1.0).abs() < 0.1,
            "{found}"
        );
        assert!((uniform_cosines_beyond(1, 0.5) - 2.0 / 3.0).abs() < 1e-15);
        assert_eq!(cosines_beyond(3, 1.0), 0.0);
        assert!((moments(&far_pair(), 1.0).mean().mid() - FAR).abs() < 1e-15);
    }

    #[test]
    fn a_finding_without_comparisons_is_never_rejected() {
        assert_eq!(one_frequency(&Finding::Undecided("why".to_owned())), 1.0);
        assert_eq!(one_frequency(&Finding::Compared(Vec::new())), 1.0);
    }
}
