//! How many bits an eigenvalue needs, guessed from the pivots that were seen.
//!
//! A guess decides what is tried next, never what is proved.

/// Pivots that are too few to go by.
const FEWEST: usize = 8;

/// The share of the bits that pivots must have used up when a factorisation breaks down: else they did not fall
/// there smoothly, but off a cliff, and nothing follows from them.
const USED: f64 = 0.75;

/// A guess of the bits that are wanted, and how far it looks ahead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Guess {
    pub bits: usize,
    /// All pivots over those that were seen.
    pub stretch: f64,
}

/// From a quarter of the pivots a guess is good to a tenth or so.
const NEAR: f64 = 4.0;

/// From a sixteenth it is good to a factor of two.
const FAR: f64 = 16.0;

impl Guess {
    /// Tells whether so many bits are too few, as far as guesses go: of a near one the word is taken, because the last
    /// rung costs more than all before it, and more bits may be asked for.
    pub fn exceeds(self, bits: usize) -> bool {
        let margin = if self.is_near() { 1.0 } else { 2.0 };
        self.stretch <= FAR && self.bits as f64 > margin * bits as f64
    }

    /// Tells whether it is good to a tenth or so.
    pub fn is_near(self) -> bool {
        self.stretch <= NEAR
    }

    /// The least number of bits to try after some that were too few. What breaks down early costs little, and tells
    /// more the later it does: the number is at most doubled as long as the guess is not near.
    pub fn next(self, bits: usize) -> usize {
        let most = if self.is_near() { usize::MAX } else { 2 * bits };
        self.bits.clamp(bits + 1, most)
    }
}

/// Guesses the bits from which on a factorisation completes and has `overhead` bits to spare.
///
/// Pivots of smooth kernels fall like `exp(−ck^p)`, `p < 1`, in several dimensions, and like `exp(−k(a ln k + b))` on
/// a line: exponent or coefficients follow from the last pivot and the one half way.
///
/// # Arguments
/// * `pivots`: `−log₂` of the pivots before the breakdown, ascending up to rounding.
/// * `places`: bits of the arithmetic that broke down.
/// * `order`: pivots in all.
pub(super) fn guess(
    pivots: &[usize],
    places: usize,
    order: usize,
    overhead: usize,
) -> Option<Guess> {
    let seen = pivots.len();
    if seen < FEWEST || (pivots[seen - 1] as f64) < USED * places as f64 {
        return None;
    }
    let at = |k: usize| pivots[k - 1] as f64;
    let half = seen / 2;
    let (middle, last) = (at(half).max(1.0), at(seen));
    let stretch = order as f64 / seen as f64;
    let ratio = seen as f64 / half as f64;
    let exponent = (last / middle).ln() / ratio.ln();
    let size = if exponent <= 1.0 {
        last * stretch.powf(exponent.max(0.0))
    } else {
        let slope = (last / seen as f64 - middle / half as f64) / ratio.ln();
        order as f64 * (last / seen as f64 + slope * stretch.ln())
    };
    Some(Guess {
        bits: (size.ceil() as usize).saturating_add(overhead),
        stretch,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(count: usize, size: impl Fn(f64) -> f64) -> Vec<usize> {
        (1..=count).map(|k| size(k as f64) as usize).collect()
    }

    #[test]
    fn the_decay_of_smooth_kernels_is_carried_on() {
        // Sizes are rounded to whole bits.
        type Law = fn(f64) -> f64;
        let laws: [(f64, Law); 4] = [
            (0.01, |k| 2.0 * k),
            (0.02, |k| 1.3 * k * k.ln() + 2.0 * k),
            (0.03, |k| 14.0 * k.sqrt()),
            (0.02, |k| 30.0 * k.cbrt()),
        ];
        for (tolerance, law) in laws {
            for seen in [100, 250] {
                let pivots = sizes(seen, law);
                let found = guess(&pivots, pivots[seen - 1] + 9, 500, 30).unwrap();
                let exact = law(500.0) + 30.0;
                let error = (found.bits as f64 / exact - 1.0).abs();
                assert!(error <= tolerance, "{seen}: {found:?} {exact}");
                assert_eq!(found.stretch, 500.0 / seen as f64);
            }
        }
    }

    #[test]
    fn nothing_follows_from_a_cliff_or_from_a_few() {
        assert_eq!(guess(&sizes(40, |k| k / 8.0), 128, 80, 30), None);
        assert_eq!(guess(&sizes(7, |k| 18.0 * k), 128, 80, 30), None);
        assert_eq!(guess(&[], 128, 80, 30), None);
        // All at once: no decay to carry on.
        let flat = guess(&[120; 20], 128, 80, 30).unwrap();
        assert_eq!(flat.bits, 150);
    }

    #[test]
    fn a_guess_that_looks_far_ahead_must_exceed_by_more() {
        let guess = |bits, stretch| Guess { bits, stretch };
        assert!(guess(1001, 4.0).exceeds(1000) && !guess(1000, 4.0).exceeds(1000));
        assert!(guess(2100, 9.0).exceeds(1000) && !guess(1900, 9.0).exceeds(1000));
        assert!(!guess(9000, 17.0).exceeds(1000));
        assert_eq!(guess(1200, 3.0).next(256), 1200);
        assert_eq!(guess(1200, 5.0).next(256), 512);
        assert_eq!(guess(100, 5.0).next(256), 257);
    }
}
