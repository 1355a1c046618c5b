//! What gradient descent on the linearised network does to an error that is added on its way (P8b.filters).

use crate::arithmetic::{Ball, count};
use crate::factor::named;

/// The powers of `A = I − ηT_0/N`, alone and beside the Jacobian, `T_0 = J_0J_0*`.
///
/// An error that the curvature adds at one step is filtered by the steps after it: what lies in the range of `J_0`
/// is multiplied by `s(1 − ηs²/N)^i`, `s` a singular value of `J_0`. Where `s` is large that is gone soon, and where it
/// does not go, `s` is small.
///
/// # Source
/// `proofs/p8b-filters.md`.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::SpectralFilter};
/// let ball = Ball::from;
/// let filter = SpectralFilter { smallest: ball(0.0), largest: ball(4.0), rate: ball(0.25) };
/// // ‖J_0‖ at once; of one step the largest s(1 − s²/4), at s² = 4/3.
/// assert!(filter.pushed(0).contains(2.0));
/// assert!((filter.pushed(1).mid() - (4.0_f64 / 3.0).sqrt() * 2.0 / 3.0).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpectralFilter {
    /// At most this, and at least 0: `λ_min(T_0)`.
    pub smallest: Ball,
    /// At least this: `λ_max(T_0) = ‖J_0‖²`, with `ηλ_max(T_0) ≤ 2N`.
    pub largest: Ball,
    /// `η/N`.
    pub rate: Ball,
}

impl SpectralFilter {
    /// `t = ηλ/N` at either end of the spectrum.
    fn ends(&self) -> [Ball; 2] {
        [self.smallest, self.largest].map(|value| self.rate * value)
    }

    /// `λ^{p/2}|1 − ηλ/N|^i` at either end, the larger.
    fn at_the_ends(&self, steps: usize, slopes: usize) -> Ball {
        let [low, high] = [self.smallest, self.largest].map(|value| {
            let kept = (Ball::from(1.0) - self.rate * value).abs();
            value.sqrt().powi(slopes) * kept.powi(steps)
        });
        low.max(high)
    }

    /// The largest `t^{p/2}(1 − t)^i` of all `t`, at `t = p/(2i + p)`, if the spectrum may hold it; in terms of `λ`.
    fn at_the_peak(&self, steps: usize, slopes: usize) -> Option<Ball> {
        let whole = count(2 * steps + slopes);
        let (peak, kept) = (count(slopes) / whole, count(2 * steps) / whole);
        let [low, high] = self.ends();
        let inside = peak.upper() >= low.lower() && peak.lower() <= high.upper();
        let root = (peak / self.rate).sqrt();
        (steps > 0 && inside).then(|| root.powi(slopes) * kept.powi(steps))
    }

    fn of(&self, steps: usize, slopes: usize) -> Ball {
        let ends = self.at_the_ends(steps, slopes);
        self.at_the_peak(steps, slopes)
            .map_or(ends, |peak| ends.max(peak))
    }

    /// Returns `‖A^i‖ = max|1 − ηλ/N|^i`, at most 1.
    #[must_use]
    pub fn kept(&self, steps: usize) -> Ball {
        let ends = self.at_the_ends(steps, 0).min(Ball::from(1.0));
        named("spectral filter: ‖A^i‖", ends)
    }

    /// Returns `‖A^iJ_0‖ = ‖J_0*A^i‖ = max√λ|1 − ηλ/N|^i`.
    #[must_use]
    pub fn pushed(&self, steps: usize) -> Ball {
        named("spectral filter: ‖A^iJ_0‖", self.of(steps, 1))
    }

    /// Returns `‖J_0*A^iJ_0‖ = max λ|1 − ηλ/N|^i`.
    #[must_use]
    pub fn pulled(&self, steps: usize) -> Ball {
        named("spectral filter: ‖J_0*A^iJ_0‖", self.of(steps, 2))
    }

    /// Returns a bound of `(η/N)‖J_0*Σ_{j<i}A^j‖ = max(1 − (1 − ηλ/N)^i)/√λ`: with `b = 1 + (ηλ_max/N − 1)₊^i`, the
    /// smallest of `√(ib·η/N)`, `b/√λ_min` and `(η/N)‖J_0‖Σ_{j<i}‖A‖^j`. Attained by a single step, and by many from the
    /// end.
    ///
    /// # Cost
    /// `i` products.
    #[must_use]
    pub fn gathered(&self, steps: usize) -> Ball {
        if steps == 0 {
            return Ball::from(0.0);
        }
        let [_, high] = self.ends();
        let beyond = (high - Ball::from(1.0)).positive_part();
        let most = named(
            "spectral filter: 1 + (ηλ_max/N − 1)^i",
            Ball::from(1.0) + beyond.powi(steps),
        );
        let early = named(
            "spectral filter: gathered, early",
            (count(steps) * most * self.rate).sqrt(),
        );
        let kept = self.at_the_ends(1, 0).min(Ball::from(1.0));
        let powers = std::iter::successors(Some(Ball::from(1.0)), |&power| Some(power * kept));
        let each = self.rate * self.largest.sqrt() * powers.take(steps).sum::<Ball>();
        let bound = early.min(named("spectral filter: gathered, one by one", each));
        if !(self.smallest.lower() > 0.0) {
            return bound;
        }
        let late = most / self.smallest.sqrt();
        bound.min(named("spectral filter: gathered, late", late))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::assert_agrees;

    fn filter(smallest: f64, largest: f64, rate: f64) -> SpectralFilter {
        let [smallest, largest, rate] = [smallest, largest, rate].map(Ball::from);
        SpectralFilter {
            smallest,
            largest,
            rate,
        }
    }

    /// Every power against eigenvalues on a grid: none is larger, and one of them comes close.
    #[test]
    fn filters_are_the_largest_of_all_eigenvalues() {
        for (smallest, largest, rate) in [
            (0.0, 4.0, 0.25),
            (0.3, 4.0, 0.25),
            (0.3, 4.0, 0.4),
            (2.0, 3.0, 0.3),
            (0.01, 5.0, 0.01),
            (1.0, 1.0, 1.5),
        ] {
            let filter = filter(smallest, largest, rate);
            let grid: Vec<f64> = (0..=20_000)
                .map(|k| smallest + (largest - smallest) * f64::from(k) / 20_000.0)
                .collect();
            let largest_of = |mode: &dyn Fn(f64) -> f64| {
                grid.iter().map(|&value| mode(value)).fold(0.0, f64::max)
            };
            for steps in [0_usize, 1, 2, 3, 7, 40] {
                let kept = |value: f64| (1.0 - rate * value).abs().powi(steps as i32);
                for (found, seen) in [
                    (filter.kept(steps), largest_of(&kept)),
                    (
                        filter.pushed(steps),
                        largest_of(&|value| value.sqrt() * kept(value)),
                    ),
                    (
                        filter.pulled(steps),
                        largest_of(&|value| value * kept(value)),
                    ),
                ] {
                    let close = seen <= found.upper() && found.mid() <= seen * (1.0 + 1e-6);
                    assert!(close, "{steps} {found:?} {seen}");
                }
                let gathered = largest_of(&|value| {
                    let left = (1.0 - rate * value).powi(steps as i32);
                    // 0/0 where nothing is learnt, and nothing moves.
                    ((1.0 - left) / value.sqrt()).max(0.0)
                });
                let bound = filter.gathered(steps);
                assert!(gathered <= bound.upper(), "{steps} {bound:?} {gathered}");
            }
        }
    }

    // √(iη/N) of steps that do not go too far; b/√λ_min in the end; (η/N)‖J_0‖ of one step, and of few small ones.
    #[test]
    fn gathered_is_its_formula() {
        assert_eq!(filter(0.5, 2.0, 0.1).gathered(0), Ball::from(0.0));
        assert_agrees(filter(0.0, 2.0, 0.4).gathered(9), 3.6_f64.sqrt(), 80);
        assert_agrees(filter(0.5, 2.0, 0.1).gathered(400), 2.0_f64.sqrt(), 4000);
        assert_agrees(filter(0.0, 2.0, 0.8).gathered(1), 0.8 * 2.0_f64.sqrt(), 40);
        let small = 0.01 * 2.0_f64.sqrt() * (1.0 + 0.995 + 0.995 * 0.995);
        assert_agrees(filter(0.5, 2.0, 0.01).gathered(3), small, 60);
        let beyond = 1.0 + 0.6_f64.powi(5);
        assert_agrees(
            filter(0.5, 2.0, 0.8).gathered(5),
            beyond / 0.5_f64.sqrt(),
            60,
        );
    }
}
