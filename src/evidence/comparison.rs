//! One quantity beside its bound.

use super::Verdict;
use super::statistics::{FALSE_ALARM, Frequency, MISS, Scatter, Trend};
use crate::arithmetic::Ball;

/// A comparison whose tolerance exceeds this share of its scale is undecided.
pub const LARGEST_TOLERANCE: f64 = 0.01;

/// A bound below this share of the truth (or above its inverse) proves nothing
/// worth the name: the comparison is vacuous.
pub const SMALLEST_TIGHTNESS: f64 = 1e-12;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    /// `bound ≤ quantity`
    AtLeast,
    /// `quantity ≤ bound`
    AtMost,
    /// `quantity = bound`, differences measured against the scale
    Equal { scale: f64 },
}

/// The error probabilities of a comparison that is decided by random draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// Probability of a violation where the statement is true.
    pub false_alarm: f64,
    /// What is detected with probability `1 −` [`MISS`]: the smallest
    /// probability of an event that should be rarer, the smallest departure of an expectation as a share of
    /// the scale. A test that detects nothing below one decides nothing.
    pub detectable: f64,
    /// How the error of the quantity is estimated, if it is a slope.
    pub scatter: Option<Scatter>,
}

/// A quantity, the bound that the theory gives for it, and how they must compare.
///
/// # Example
/// ```
/// use polyak::arithmetic::Ball;
/// use polyak::evidence::{Comparison, Verdict};
/// let comparison = Comparison::at_least("pl", Ball::from(2.0), Ball::from(1.5));
/// assert_eq!(comparison.verdict(), Verdict::Holds);
/// assert_eq!(comparison.tightness(), 0.75);
/// assert_eq!(comparison.strengthened(0.5).verdict(), Verdict::Violated);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    statement: &'static str,
    quantity: Ball,
    bound: Ball,
    relation: Relation,
    sampling: Option<Sampling>,
    /// What was counted, of an event that should be rare.
    seen: Option<Frequency>,
    /// What was measured, of a slope.
    trend: Option<Trend>,
}

impl Comparison {
    /// States `bound ≤ quantity` for non-negative numbers.
    #[must_use]
    pub fn at_least(statement: &'static str, quantity: Ball, bound: Ball) -> Self {
        Self {
            statement,
            quantity,
            bound,
            relation: Relation::AtLeast,
            sampling: None,
            seen: None,
            trend: None,
        }
    }

    /// States `quantity ≤ bound` for non-negative numbers.
    #[must_use]
    pub fn at_most(statement: &'static str, quantity: Ball, bound: Ball) -> Self {
        Self {
            statement,
            quantity,
            bound,
            relation: Relation::AtMost,
            sampling: None,
            seen: None,
            trend: None,
        }
    }

    /// States `quantity = expected`; `scale` is the size that differences are measured by.
    #[must_use]
    pub fn equal(statement: &'static str, quantity: Ball, expected: Ball, scale: f64) -> Self {
        let relation = Relation::Equal { scale: scale.abs() };
        Self {
            statement,
            quantity,
            bound: expected,
            relation,
            sampling: None,
            seen: None,
            trend: None,
        }
    }

    /// States `P(event) ≤ bound`, by an exact binomial test at the level [`FALSE_ALARM`].
    ///
    /// The quantity is the share of the trials, less its distance from the Clopper–Pearson bound: violated
    /// means that the bound of the theory lies below it. A bound of one or more is vacuous.
    #[must_use]
    pub fn rarer(statement: &'static str, seen: Frequency, bound: Ball) -> Self {
        let share = seen.share();
        let quantity = Ball::new(share, (share - seen.lower(FALSE_ALARM)).max(0.0));
        Self {
            sampling: Some(sampling_of(seen, bound)),
            seen: Some(seen),
            ..Self::at_most(statement, quantity, bound)
        }
    }

    /// States `E X = expected`, for a mean known but with probability [`FALSE_ALARM`], as from
    /// [`Sample`](super::statistics::Sample): the mean, and what departure is detected.
    #[must_use]
    pub fn expectation(
        statement: &'static str,
        (mean, detectable): (Ball, f64),
        expected: Ball,
        scale: f64,
    ) -> Self {
        let sampling = Some(Sampling {
            false_alarm: FALSE_ALARM,
            detectable: (detectable + expected.rad()) / scale.abs(),
            scatter: None,
        });
        Self {
            sampling,
            ..Self::equal(statement, mean, expected, scale)
        }
    }

    /// Returns the same comparison of a slope whose error is estimated in this way.
    #[must_use]
    pub fn with_scatter(mut self, scatter: Scatter) -> Self {
        if let Some(sampling) = &mut self.sampling {
            sampling.scatter = Some(scatter);
        }
        self
    }

    /// Returns the same comparison of a slope that was fitted to these points, if they are known.
    #[must_use]
    pub fn with_trend(mut self, trend: Option<Trend>) -> Self {
        self.trend = trend;
        self
    }

    /// Returns the points that a slope was fitted to, if the comparison is of one and they are known.
    #[must_use]
    pub fn trend(&self) -> Option<Trend> {
        self.trend
    }

    /// Returns the error probabilities, if the comparison is decided by random draws.
    #[must_use]
    pub fn sampling(&self) -> Option<Sampling> {
        self.sampling
    }

    /// Returns the events that were counted, if the comparison is of their probability.
    #[must_use]
    pub fn seen(&self) -> Option<Frequency> {
        self.seen
    }

    /// Returns the part of the claim that is compared.
    #[must_use]
    pub fn statement(&self) -> &'static str {
        self.statement
    }

    /// Returns the quantity as measured.
    #[must_use]
    pub fn quantity(&self) -> Ball {
        self.quantity
    }

    /// Returns the bound, or the expected value.
    #[must_use]
    pub fn bound(&self) -> Ball {
        self.bound
    }

    /// Returns what differences are measured by: the larger side, or the scale given.
    #[must_use]
    pub fn scale(&self) -> f64 {
        match self.relation {
            Relation::Equal { scale } => scale,
            _ => self.quantity.mid().abs().max(self.bound.mid().abs()),
        }
    }

    /// Larger side − smaller side as computed, not positive for an equality.
    fn difference(&self) -> f64 {
        let difference = self.quantity.mid() - self.bound.mid();
        match self.relation {
            Relation::AtLeast => difference,
            Relation::AtMost => -difference,
            Relation::Equal { .. } => -difference.abs(),
        }
    }

    fn radius(&self) -> f64 {
        self.quantity.rad() + self.bound.rad()
    }

    /// `x/scale`; nothing is nothing on every scale.
    fn share(&self, x: f64) -> f64 {
        if x == 0.0 { 0.0 } else { x / self.scale() }
    }

    /// Returns `(larger side − smaller side)/scale` as computed: negative when the
    /// statement fails, never positive for an equality.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.share(self.difference())
    }

    /// Returns the derived tolerance relative to the scale: the sum of both radii.
    #[must_use]
    pub fn tolerance(&self) -> f64 {
        self.share(self.radius())
    }

    /// Returns smaller side over larger side, at most 1; for an equality
    /// `1 − |difference|/scale`.
    #[must_use]
    pub fn tightness(&self) -> f64 {
        let (quantity, bound) = (self.quantity.mid(), self.bound.mid());
        let ratio = match self.relation {
            Relation::AtLeast => bound / quantity,
            Relation::AtMost => quantity / bound,
            Relation::Equal { .. } => 1.0 + self.margin(),
        };
        // 0/0 says nothing.
        if ratio.is_nan() {
            0.0
        } else {
            ratio.clamp(0.0, 1.0)
        }
    }

    /// Judges the comparison.
    ///
    /// An unbounded ball leaves it undecided. A failure by more than the tolerance
    /// is a violation, however large the tolerance. Then the order is vacuous,
    /// undecided, holds. A random quantity may be as uncertain as it is, so long as the test
    /// detects something.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if !(self.quantity.is_bounded() && self.bound.is_bounded()) {
            Verdict::Undecided
        } else if self.difference() < -self.radius() {
            Verdict::Violated
        } else if self.is_vacuous() {
            Verdict::Vacuous
        } else if self.is_sharp() {
            Verdict::Holds
        } else {
            Verdict::Undecided
        }
    }

    /// Says what leaves an undecided comparison undecided.
    #[must_use]
    pub fn doubt(&self) -> &'static str {
        if !(self.quantity.is_bounded() && self.bound.is_bounded()) {
            "its tolerance is not finite: a number overflows, or its rounding is not bounded"
        } else if self.sampling.is_some() {
            "too few draws to detect a departure smaller than the scale"
        } else {
            "its tolerance is above 1 % of the scale: rounding has used up the digits"
        }
    }

    /// Says what makes a vacuous comparison vacuous.
    #[must_use]
    pub fn triviality(&self) -> String {
        match self.relation {
            Relation::AtMost if self.sampling.is_some() && self.bound.upper() >= 1.0 => {
                "the bound of its probability is one, or more".to_owned()
            }
            Relation::Equal { .. } => "its scale is zero, or no normal number".to_owned(),
            _ if self.bound.mid() <= self.bound.rad() => {
                "its bound is not certainly positive".to_owned()
            }
            _ => format!("its tightness is below {SMALLEST_TIGHTNESS:e}"),
        }
    }

    fn is_sharp(&self) -> bool {
        match self.sampling {
            Some(sampling) => sampling.detectable < 1.0,
            None => self.tolerance() <= LARGEST_TOLERANCE,
        }
    }

    fn is_vacuous(&self) -> bool {
        match self.relation {
            // An event may well never happen.
            Relation::AtMost if self.sampling.is_some() => {
                self.bound.upper() >= 1.0 || self.bound.mid() <= self.bound.rad()
            }
            // On a scale that is zero, subnormal, infinite or NaN nothing is measured.
            Relation::Equal { scale } => !scale.is_normal(),
            _ => self.bound.mid() <= self.bound.rad() || self.tightness() < SMALLEST_TIGHTNESS,
        }
    }

    /// Returns the same comparison with a bound made stronger by the share `by`:
    /// what a control must see rejected.
    #[must_use]
    pub fn strengthened(self, by: f64) -> Self {
        let factor = match self.relation {
            Relation::AtLeast => 1.0 + by,
            Relation::AtMost => 1.0 - by,
            Relation::Equal { scale } => {
                let bound = self.bound + Ball::from(by * scale);
                return Self { bound, ..self };
            }
        };
        let bound = self.bound * Ball::from(factor);
        // Of another bound another probability is detected.
        let sampling = match self.seen {
            Some(seen) => Some(sampling_of(seen, bound)),
            None => self.sampling,
        };
        Self {
            bound,
            sampling,
            ..self
        }
    }

    /// Tells whether the statement fails by at least what is detected with probability `1 −`
    /// [`MISS`]: other draws would reject it too. Right but with as small a
    /// probability; where nothing is random, the same as a violation.
    #[must_use]
    pub fn fails_detectably(&self) -> bool {
        let Some(Sampling { detectable, .. }) = self.sampling else {
            return self.verdict() == Verdict::Violated;
        };
        match self.seen {
            Some(seen) => seen.lower(MISS) >= detectable,
            None => -self.difference() - self.radius() >= detectable * self.scale(),
        }
    }
}

/// What the binomial test of a bound detects.
fn sampling_of(seen: Frequency, bound: Ball) -> Sampling {
    Sampling {
        false_alarm: FALSE_ALARM,
        detectable: seen.detectable(bound.upper()),
        scatter: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ball(mid: f64, rad: f64) -> Ball {
        Ball::new(mid, rad)
    }

    fn at_least(quantity: Ball, bound: Ball) -> Comparison {
        Comparison::at_least("at least", quantity, bound)
    }

    fn at_most(quantity: Ball, bound: Ball) -> Comparison {
        Comparison::at_most("at most", quantity, bound)
    }

    fn equal(quantity: Ball, expected: Ball, scale: f64) -> Comparison {
        Comparison::equal("equal", quantity, expected, scale)
    }

    #[test]
    fn parts_are_kept() {
        let (quantity, bound) = (ball(3.0, 0.5), ball(2.0, 0.25));
        for (comparison, statement) in [
            (at_least(quantity, bound), "at least"),
            (at_most(quantity, bound), "at most"),
            (equal(quantity, bound, 1.0), "equal"),
        ] {
            assert_eq!(comparison.statement(), statement);
            assert_eq!(
                (comparison.quantity(), comparison.bound()),
                (quantity, bound)
            );
        }
    }

    fn seen(events: u64) -> Frequency {
        Frequency {
            events,
            trials: 1000,
        }
    }

    #[test]
    fn an_event_is_rarer_until_it_is_certainly_not() {
        let at = |events, bound: f64| Comparison::rarer("rare", seen(events), Ball::from(bound));
        // P(Bin(1000, 0.1) ≥ 182) ≈ 1.3e-15, one more is below 1e-15.
        let first = (0..1000)
            .find(|&k| at(k, 0.1).verdict() == Verdict::Violated)
            .unwrap();
        assert!(seen(first).at_least(0.1) < FALSE_ALARM);
        assert!(seen(first - 1).at_least(0.1) >= FALSE_ALARM);
        assert_eq!(at(first - 1, 0.1).verdict(), Verdict::Holds);
        assert_eq!(at(0, 0.1).verdict(), Verdict::Holds);
        assert_eq!(at(50, 0.1).tightness(), 0.5);
        let sampling = at(50, 0.1).sampling().unwrap();
        assert_eq!(sampling.false_alarm, FALSE_ALARM);
        assert_eq!(sampling.detectable, seen(50).detectable(0.1));
        // A trivial bound, and a test that rejects nothing.
        for bound in [1.0, 1.5] {
            assert_eq!(at(1000, bound).verdict(), Verdict::Vacuous);
        }
        assert_eq!(at(999, 0.999).verdict(), Verdict::Undecided);
        assert_eq!(at(0, 0.0).verdict(), Verdict::Vacuous);
        assert_eq!(at(1, 0.0).verdict(), Verdict::Violated);
    }

    #[test]
    fn a_stronger_bound_is_tested_as_if_it_were_the_bound() {
        let rare = Comparison::rarer("rare", seen(90), Ball::from(0.5));
        let stronger = rare.strengthened(0.75);
        let detectable = stronger.sampling().unwrap().detectable;
        assert!((detectable - seen(90).detectable(0.125)).abs() < 1e-12);
        assert!(detectable < rare.sampling().unwrap().detectable);
        // An expectation is as well known as before.
        let mean = Comparison::expectation("mean", (ball(1.0, 0.5), 1.0), ball(1.0, 0.0), 2.0);
        assert_eq!(mean.strengthened(0.5).sampling(), mean.sampling());
    }

    #[test]
    fn a_detectable_failure_is_further_away_than_a_violation() {
        let at = |events| Comparison::rarer("rare", seen(events), Ball::from(0.1));
        let first = |fails: fn(&Comparison) -> bool| (0..1000).find(|&k| fails(&at(k))).unwrap();
        let violated = first(|c| c.verdict() == Verdict::Violated);
        let detected = first(Comparison::fails_detectably);
        assert!(detected > violated);
        let detectable = at(0).sampling().unwrap().detectable;
        assert!(seen(detected).lower(MISS) >= detectable);
        assert!(seen(detected - 1).lower(MISS) < detectable);

        let mean = |mean: f64| {
            Comparison::expectation("mean", (ball(mean, 0.5), 1.0), ball(0.0, 0.0), 2.0)
        };
        for (at, fails) in [(1.5, true), (-1.5, true), (1.25, false), (-1.25, false)] {
            assert_eq!(mean(at).verdict(), Verdict::Violated);
            assert_eq!(mean(at).fails_detectably(), fails, "{at}");
        }
        // Where nothing is random a violation is one.
        let (one, two) = (ball(1.0, 0.0), ball(2.0, 0.0));
        assert!(at_least(one, two).fails_detectably() && !at_most(one, two).fails_detectably());
    }

    #[test]
    fn an_expectation_is_compared_by_what_is_detected() {
        let at = |mean: f64, rad, detectable| {
            let mean = (ball(mean, rad), detectable);
            Comparison::expectation("mean", mean, ball(1.0, 0.0), 2.0)
        };
        assert_eq!(at(1.5, 0.5, 1.0).verdict(), Verdict::Holds);
        assert_eq!(at(1.75, 0.5, 1.0).verdict(), Verdict::Violated);
        assert_eq!(at(1.5, 0.5, 2.0).verdict(), Verdict::Undecided);
        assert_eq!(at(1.5, 0.5, 1.0).sampling().unwrap().detectable, 0.5);
        let wide = Comparison::expectation("mean", (ball(1.0, 0.5), 1.0), ball(1.0, 1.0), 2.0);
        assert_eq!(wide.sampling().unwrap().detectable, 1.0);
        assert_eq!(ball(1.0, 0.0), at(1.5, 0.5, 1.0).bound());
        assert_eq!(equal(ball(1.0, 0.0), ball(1.0, 0.0), 1.0).sampling(), None);
        let shifted = at(1.0, 0.25, 1.0).strengthened(0.5);
        assert_eq!(
            (shifted.verdict(), shifted.bound().mid()),
            (Verdict::Violated, 2.0)
        );
    }

    // All numbers are dyadic: the quotients are exact.
    #[test]
    fn margin_tolerance_and_tightness_are_relative_to_the_scale() {
        let (large, small) = (ball(4.0, 0.5), ball(-1.0, 0.25));
        for (comparison, scale, margin, tolerance, tightness) in [
            (at_least(large, small), 4.0, 1.25, 0.1875, 0.0),
            (at_least(small, large), 4.0, -1.25, 0.1875, 0.0),
            (at_most(large, small), 4.0, -1.25, 0.1875, 0.0),
            (at_most(small, large), 4.0, 1.25, 0.1875, 0.0),
            (at_least(large, ball(3.0, 0.0)), 4.0, 0.25, 0.125, 0.75),
            (at_most(ball(3.0, 0.0), large), 4.0, 0.25, 0.125, 0.75),
            (at_least(ball(2.0, 0.0), large), 4.0, -0.5, 0.125, 1.0),
            (at_most(large, ball(2.0, 0.0)), 4.0, -0.5, 0.125, 1.0),
            (
                equal(large, ball(3.0, 0.0), 8.0),
                8.0,
                -0.125,
                0.0625,
                0.875,
            ),
            (
                equal(ball(3.0, 0.0), large, -8.0),
                8.0,
                -0.125,
                0.0625,
                0.875,
            ),
            (equal(large, small, 2.0), 2.0, -2.5, 0.375, 0.0),
        ] {
            assert_eq!(comparison.scale(), scale, "{comparison:?}");
            assert_eq!(comparison.margin(), margin, "{comparison:?}");
            assert_eq!(comparison.tolerance(), tolerance, "{comparison:?}");
            assert_eq!(comparison.tightness(), tightness, "{comparison:?}");
        }
    }

    #[test]
    fn nothing_is_nothing_on_every_scale() {
        let zero = ball(0.0, 0.0);
        for comparison in [at_least(zero, zero), at_most(zero, zero)] {
            assert_eq!(comparison.scale(), 0.0);
            assert_eq!((comparison.margin(), comparison.tolerance()), (0.0, 0.0));
            assert_eq!(comparison.tightness(), 0.0);
            assert_eq!(comparison.verdict(), Verdict::Vacuous);
        }
        let same = equal(zero, zero, 0.0);
        assert_eq!(
            (same.margin(), same.tolerance(), same.tightness()),
            (0.0, 0.0, 1.0)
        );
        assert_eq!(same.verdict(), Verdict::Vacuous);
    }

    #[test]
    fn what_is_not_bounded_is_undecided() {
        let (one, all) = (ball(1.0, 0.0), ball(1.0, f64::INFINITY));
        for comparison in [at_least(all, one), at_least(one, all), at_most(all, all)] {
            assert_eq!(comparison.verdict(), Verdict::Undecided);
        }
        // Even when the midpoints fail.
        let other = ball(5.0, 0.0);
        assert_eq!(
            at_least(Ball::EVERYTHING, other).verdict(),
            Verdict::Undecided
        );
        assert_eq!(equal(all, other, 1.0).verdict(), Verdict::Undecided);
    }

    #[test]
    fn failure_by_more_than_the_radii_is_a_violation() {
        // 4 − 2 = 1.5 + 0.5 is not more.
        let (low, high) = (ball(2.0, 1.5), ball(4.0, 0.5));
        let further = ball(4.0_f64.next_up(), 0.5);
        assert_eq!(at_least(low, high).verdict(), Verdict::Undecided);
        assert_eq!(at_least(low, further).verdict(), Verdict::Violated);
        assert_eq!(at_most(further, low).verdict(), Verdict::Violated);
        assert_eq!(equal(low, high, 4.0).verdict(), Verdict::Undecided);
        assert_eq!(equal(low, further, 4.0).verdict(), Verdict::Violated);
        assert_eq!(equal(further, low, 4.0).verdict(), Verdict::Violated);
        // It comes before a vacuous bound, and before a scale that measures nothing.
        let negative = at_most(ball(1.0, 0.0), ball(-1.0, 0.0));
        assert_eq!(negative.verdict(), Verdict::Violated);
        for scale in [0.0, f64::NAN, f64::INFINITY] {
            assert_eq!(equal(low, further, scale).verdict(), Verdict::Violated);
        }
    }

    #[test]
    fn tolerance_of_one_percent_of_the_scale_is_the_largest() {
        let scale = 3.0;
        let radius = LARGEST_TOLERANCE * scale;
        assert_eq!(radius / scale, LARGEST_TOLERANCE);
        let quantity = |rad: f64| ball(scale, rad);
        let wider = 0.030_000_001;
        for (rad, verdict) in [(radius, Verdict::Holds), (wider, Verdict::Undecided)] {
            let bound = ball(2.0, 0.0);
            assert_eq!(at_least(quantity(rad), bound).verdict(), verdict);
            assert_eq!(at_most(bound, quantity(rad)).verdict(), verdict);
            let same = equal(quantity(rad), ball(scale, 0.0), scale);
            assert_eq!(same.verdict(), verdict);
        }
    }

    #[test]
    fn bound_within_its_own_tolerance_is_vacuous() {
        let one = ball(1.0, 0.0);
        for bound in [
            ball(0.0, 0.0),
            ball(1e-3, 1e-3),
            ball(-1e-3, 0.0),
            ball(1e-3, 0.5),
        ] {
            assert_eq!(
                at_least(one, bound).verdict(),
                Verdict::Vacuous,
                "{bound:?}"
            );
        }
        assert_eq!(
            at_least(one, ball(1e-3, 0.999e-3)).verdict(),
            Verdict::Holds
        );
        assert_eq!(
            at_most(ball(1e-3, 0.0), ball(2e-3, 2e-3)).verdict(),
            Verdict::Vacuous
        );
        // Vacuous comes before undecided.
        assert_eq!(
            at_least(ball(1.0, 0.5), ball(0.0, 0.0)).verdict(),
            Verdict::Vacuous
        );
    }

    #[test]
    fn bound_far_from_the_truth_is_vacuous() {
        let (one, exact) = (ball(1.0, 0.0), ball(SMALLEST_TIGHTNESS, 0.0));
        let less = ball(SMALLEST_TIGHTNESS.next_down(), 0.0);
        assert_eq!(at_least(one, exact).verdict(), Verdict::Holds);
        assert_eq!(at_most(exact, one).verdict(), Verdict::Holds);
        assert_eq!(at_least(one, less).verdict(), Verdict::Vacuous);
        assert_eq!(at_most(less, one).verdict(), Verdict::Vacuous);
        assert_eq!(at_most(ball(0.0, 0.0), one).verdict(), Verdict::Vacuous);
    }

    #[test]
    fn equality_on_a_scale_that_measures_nothing_is_vacuous() {
        let (x, y) = (ball(1.0, 0.25), ball(1.25, 0.25));
        for scale in [0.0, f64::NAN, f64::INFINITY, 1e-310] {
            assert_eq!(equal(x, y, scale).verdict(), Verdict::Vacuous, "{scale}");
        }
        assert_eq!(equal(x, y, f64::NAN).tightness(), 0.0);
        assert_eq!(equal(x, y, 100.0).verdict(), Verdict::Holds);
    }

    #[test]
    fn strengthened_bounds_move_towards_the_quantity() {
        let (quantity, bound) = (ball(4.0, 0.0), ball(2.0, 0.0));
        let near = |comparison: Comparison, expected: f64| {
            let by = comparison.strengthened(0.25);
            assert_eq!(by.bound().mid(), expected);
            // One product or one sum of dyadic numbers: a rounding at most.
            assert!(by.bound().rad() <= 2.0 * f64::EPSILON * expected);
            assert_eq!(
                (by.quantity(), by.statement()),
                (quantity, comparison.statement())
            );
            assert_eq!(by.relation, comparison.relation);
        };
        near(at_least(quantity, bound), 2.5);
        near(at_most(quantity, bound), 1.5);
        near(equal(quantity, bound, 3.0), 2.75);
    }
}
