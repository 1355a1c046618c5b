//! Deviations of single entries, of all entries, and of the whole function: R2, R3, R5.

use super::ExponentialTail;
use crate::arithmetic::Ball;
use crate::factor::named;

/// R2: `P(|k̂ − k| ≥ ε) ≤ 2e^{−mε²/2}` at one pair of points.
///
/// # Source
/// Hoeffding 1963; `proofs/r2-hoeffding.md`.
#[must_use]
pub fn hoeffding(deviation: f64) -> ExponentialTail {
    ExponentialTail {
        ln_constant: named("Hoeffding: 2", Ball::from(2.0)).ln(),
        rate: named(
            "Hoeffding: ε²/2",
            Ball::from(deviation).square() / Ball::from(2.0),
        ),
    }
}

/// R3: `P(max_ij |K̂ − K|_ij ≥ ε) ≤ N(N−1)e^{−mε²/2}`; at one point nothing deviates.
///
/// # Source
/// `proofs/r3-union.md`.
#[must_use]
pub fn gram_union(samples: usize, deviation: f64) -> ExponentialTail {
    // Of one point there is no pair: the logarithm of the smallest f64 stands for that of zero.
    let pairs = (samples as f64 * (samples as f64 - 1.0)).max(f64::MIN_POSITIVE);
    ExponentialTail {
        ln_constant: named("union: N(N − 1)", Ball::from(pairs)).ln(),
        ..hoeffding(deviation)
    }
}

/// R5: `P(sup|k̂ − k| ≥ ε) ≤ 66(σ_pℓ/ε)²e^{−2mε²/(8(d+2))}` over all differences of points of a set of
/// diameter `ℓ` in dimension `d`, `σ_p² = E‖ω‖²`. `None` unless `0 < ε ≤ σ_pℓ` for certain.
///
/// # Arguments
/// * `reach`: `σ_pℓ`.
///
/// # Source
/// Rahimi, Recht, NIPS 2007, Claim 1; Sutherland, Schneider, UAI 2015, Proposition 1;
/// `proofs/r5-uniform.md`.
#[must_use]
pub fn uniform(reach: Ball, dimension: usize, deviation: f64) -> Option<ExponentialTail> {
    if !(deviation > 0.0 && deviation <= reach.lower()) {
        return None;
    }
    let ratio = reach / Ball::from(deviation);
    Some(ExponentialTail {
        ln_constant: (named("uniform: 66", Ball::from(66.0)) * ratio.square()).ln(),
        rate: named(
            "uniform: ε²/4(q + 2)",
            Ball::from(deviation).square() / Ball::from(4.0 * (dimension as f64 + 2.0)),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::assert_agrees;

    #[test]
    fn one_pair_and_all_pairs() {
        assert_agrees(hoeffding(0.5).failure(16), 2.0 * (-2.0_f64).exp(), 20);
        assert_agrees(gram_union(5, 0.5).failure(16), 20.0 * (-2.0_f64).exp(), 20);
        assert_eq!(gram_union(2, 0.3), hoeffding(0.3));
        assert!(gram_union(1, 0.3).failure(1).upper() < 1e-300);
    }

    #[test]
    fn the_whole_function() {
        let tail = uniform(Ball::from(3.0), 4, 0.5).unwrap();
        assert_agrees(tail.failure(480), 66.0 * 36.0 * (-5.0_f64).exp(), 40);
        let wider = uniform(Ball::from(3.0), 10, 0.5).unwrap();
        assert_agrees(wider.rate, 0.25 / 48.0, 4);
    }

    #[test]
    fn the_whole_function_deviates_by_no_more_than_its_reach() {
        assert!(uniform(Ball::from(0.5), 1, 0.5).is_some());
        for (reach, deviation) in [
            (Ball::from(0.5), 0.500_000_1),
            (Ball::from(0.5), 0.0),
            (Ball::from(0.5), f64::NAN),
            (Ball::new(0.5, 0.1), 0.45),
            (Ball::EVERYTHING, 0.1),
        ] {
            assert!(
                uniform(reach, 1, deviation).is_none(),
                "{reach:?} {deviation}"
            );
        }
    }
}
