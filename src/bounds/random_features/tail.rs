//! `P ≤ C·e^{−m·rate}`.

use crate::arithmetic::Ball;

/// The widest model that a width is computed for: beyond it counts are not exact in f64.
const WIDEST: f64 = 9_007_199_254_740_992.0;

/// A probability that falls exponentially in the number `m` of frequencies: `P ≤ C·e^{−m·rate}`.
///
/// # Example
/// ```
/// use polyak::bounds::random_features::hoeffding;
/// let tail = hoeffding(0.1); // P(|k̂ − k| ≥ 0.1) ≤ 2e^{−0.005m}
/// let width = tail.width(1e-3).unwrap();
/// assert_eq!(width, 1521);
/// assert!(tail.failure(width).upper() <= 1e-3 && tail.failure(width - 1).lower() > 1e-3);
/// assert!(tail.ln_failure(1_000_000).upper() < -4999.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialTail {
    /// `ln C`.
    pub ln_constant: Ball,
    /// The rate, per frequency.
    pub rate: Ball,
}

impl ExponentialTail {
    /// Returns the logarithm of the bound, at `m` frequencies.
    #[must_use]
    pub fn ln_failure(&self, frequencies: u64) -> Ball {
        self.ln_constant - Ball::from(frequencies as f64) * self.rate
    }

    /// Returns the bound at `m` frequencies: above one it says nothing.
    #[must_use]
    pub fn failure(&self, frequencies: u64) -> Ball {
        self.ln_failure(frequencies).exp()
    }

    /// Returns the smallest number of frequencies at which the bound is certainly at most
    /// `failure`; at least one. `None` unless the rate is certainly positive, the probability is, and the
    /// number is below `2^53`.
    #[must_use]
    pub fn width(&self, failure: f64) -> Option<u64> {
        if !(self.rate.lower() > 0.0) {
            return None;
        }
        // Anything, if the probability is not positive: then so is what is needed.
        let target = Ball::from(failure).ln();
        let needed = ((self.ln_constant - target) / self.rate).upper();
        narrowest(needed, |width| {
            self.ln_failure(width).upper() <= target.lower()
        })
    }
}

/// The smallest number of frequencies, at least one, that is certainly enough, next to what a formula says:
/// that is rounded, so the last step is taken on the bound itself. `None` from `2^53` on.
pub(super) fn narrowest(needed: f64, enough: impl Fn(u64) -> bool) -> Option<u64> {
    let needed = needed.ceil();
    if !(needed < WIDEST) {
        return None;
    }
    let mut width = needed.max(1.0) as u64;
    while width > 1 && enough(width - 1) {
        width -= 1;
    }
    while !enough(width) {
        width += 1;
    }
    Some(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail(constant: f64, rate: f64) -> ExponentialTail {
        ExponentialTail {
            ln_constant: Ball::from(constant).ln(),
            rate: Ball::from(rate),
        }
    }

    #[test]
    fn width_and_failure_are_inverse() {
        for constant in [0.5, 2.0, 1e6] {
            for rate in [1e-6, 0.03, 2.0] {
                let tail = tail(constant, rate);
                for failure in [0.4, 1e-3, 1e-200] {
                    let width = tail.width(failure).unwrap();
                    let exact = ((constant / failure).ln() / rate).max(1.0);
                    // One more than needed at most: the balls are a few roundings wide.
                    assert!(
                        (width as f64) < exact + 1.0 + 1e-9 * exact,
                        "{width} {exact}"
                    );
                    assert!(tail.ln_failure(width).upper() <= failure.ln() + 1e-12);
                    assert!(
                        width == 1 || tail.ln_failure(width - 1).upper() > failure.ln() - 1e-12
                    );
                }
            }
        }
    }

    #[test]
    fn the_bound_is_the_constant_times_a_power() {
        let tail = tail(3.0, 0.25);
        assert!(tail.failure(0).contains(3.0));
        assert!((tail.failure(8).mid() - 3.0 * (-2.0_f64).exp()).abs() < 1e-14);
        // Far below the least f64 the logarithm remains.
        assert!((tail.ln_failure(10_000).mid() + 2500.0 - 3.0_f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn what_does_not_fall_has_no_width() {
        assert_eq!(tail(2.0, 0.0).width(0.1), None);
        assert_eq!(tail(2.0, -1.0).width(0.1), None);
        assert_eq!(tail(2.0, 0.1).width(0.0), None);
        assert_eq!(tail(2.0, 0.1).width(f64::NAN), None);
        assert_eq!(tail(2.0, 1e-300).width(0.1), None);
        let unknown = ExponentialTail {
            ln_constant: Ball::from(0.0),
            rate: Ball::new(1.0, 1.0),
        };
        assert_eq!(unknown.width(0.1), None);
        assert_eq!(tail(1e-9, 1.0).width(0.1), Some(1));
    }

    #[test]
    fn widths_that_the_quotient_misses_are_corrected() {
        // From 10¹⁴ on the roundings of the quotient are worth whole frequencies.
        let mut missed = 0;
        for step in 0..100 {
            let rate = Ball::new(1.2e-14, f64::from(step % 4) * 1e-15);
            let ln_constant = Ball::from(0.125 * f64::from(step));
            let tail = ExponentialTail { ln_constant, rate };
            let (width, target) = (tail.width(1e-6).unwrap(), Ball::from(1e-6).ln());
            let enough = |width| tail.ln_failure(width).upper() <= target.lower();
            assert!(enough(width) && !enough(width - 1), "{step}: {width}");
            let quotient = ((ln_constant - target) / rate).upper().ceil();
            missed += u32::from(quotient != width as f64);
        }
        assert!(missed > 0);
        assert_eq!(tail(2.0, 0.1).width(-0.5), None);
    }
}
