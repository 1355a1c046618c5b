//! One quantity beside its bound.

use super::Verdict;
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
}

impl Comparison {
    /// States `bound ≤ quantity` for non-negative numbers.
    pub fn at_least(statement: &'static str, quantity: Ball, bound: Ball) -> Self {
        Self {
            statement,
            quantity,
            bound,
            relation: Relation::AtLeast,
        }
    }

    /// States `quantity ≤ bound` for non-negative numbers.
    pub fn at_most(statement: &'static str, quantity: Ball, bound: Ball) -> Self {
        Self {
            statement,
            quantity,
            bound,
            relation: Relation::AtMost,
        }
    }

    /// States `quantity = expected`; `scale` is the size that differences are measured by.
    pub fn equal(statement: &'static str, quantity: Ball, expected: Ball, scale: f64) -> Self {
        let relation = Relation::Equal { scale: scale.abs() };
        Self {
            statement,
            quantity,
            bound: expected,
            relation,
        }
    }

    /// Returns the part of the claim that is compared.
    pub fn statement(&self) -> &'static str {
        self.statement
    }

    /// Returns the quantity as measured.
    pub fn quantity(&self) -> Ball {
        self.quantity
    }

    /// Returns the bound, or the expected value.
    pub fn bound(&self) -> Ball {
        self.bound
    }

    /// Returns what differences are measured by: the larger side, or the scale given.
    pub fn scale(&self) -> f64 {
        match self.relation {
            Relation::Equal { scale } => scale,
            _ => self.quantity.mid().abs().max(self.bound.mid().abs()),
        }
    }

    /// Returns `(larger side − smaller side)/scale` as computed: negative when the
    /// statement fails, never positive for an equality.
    pub fn margin(&self) -> f64 {
        let difference = self.quantity.mid() - self.bound.mid();
        let signed = match self.relation {
            Relation::AtLeast => difference,
            Relation::AtMost => -difference,
            Relation::Equal { .. } => -difference.abs(),
        };
        if signed == 0.0 {
            0.0
        } else {
            signed / self.scale()
        }
    }

    /// Returns the derived tolerance relative to the scale: the sum of both radii.
    pub fn tolerance(&self) -> f64 {
        let radius = self.quantity.rad() + self.bound.rad();
        if radius == 0.0 {
            0.0
        } else {
            radius / self.scale()
        }
    }

    /// Returns smaller side over larger side, at most 1; for an equality
    /// `1 − |difference|/scale`.
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
    /// A failure by more than the tolerance is a violation, however large the
    /// tolerance; then the order is undecided, vacuous, holds.
    pub fn verdict(&self) -> Verdict {
        let (margin, tolerance) = (self.margin(), self.tolerance());
        if !(self.quantity.is_bounded() && self.bound.is_bounded()) {
            return Verdict::Undecided;
        }
        if margin < -tolerance {
            return Verdict::Violated;
        }
        if self.is_vacuous() {
            return Verdict::Vacuous;
        }
        // Written so that a NaN is undecided.
        if !(tolerance <= LARGEST_TOLERANCE) {
            return Verdict::Undecided;
        }
        Verdict::Holds
    }

    fn is_vacuous(&self) -> bool {
        match self.relation {
            Relation::Equal { scale } => scale == 0.0,
            _ => self.bound.mid() <= self.bound.rad() || self.tightness() < SMALLEST_TIGHTNESS,
        }
    }

    /// Returns the same comparison with a bound made stronger by the share `by`:
    /// what a control must see rejected.
    pub fn strengthened(self, by: f64) -> Self {
        let factor = match self.relation {
            Relation::AtLeast => 1.0 + by,
            Relation::AtMost => 1.0 - by,
            Relation::Equal { scale } => {
                let bound = self.bound + Ball::from(by * scale);
                return Self { bound, ..self };
            }
        };
        Self {
            bound: self.bound * Ball::from(factor),
            ..self
        }
    }
}
