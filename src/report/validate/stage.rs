//! What holds of the counts and extremes of one stage.
//!
//! # Derivation
//! A margin is `(larger − smaller side)/scale` of f64 numbers, a tolerance `(sum of the radii)/scale`, and division by
//! one positive number is monotone, rounded or not. So of a comparison that *holds*, which is none that fails by more than
//! its radius, `margin ≥ −tolerance` exactly; and `margin ≤ 1`, because the sides of an inequality that holds and is not
//! vacuous are not negative and the scale is the larger one, and of an equality no margin is positive. Of one that is
//! *violated* the margin is not positive (and has no lower end: an equality may fail by many scales).
//!
//! Where nothing is drawn, what holds has a tolerance of at most [`LARGEST_TOLERANCE`] and a tightness of at least
//! [`SMALLEST_TIGHTNESS`]. Where draws decide, the radius of a mean is below the departure that is detected, hence below the
//! scale, and that of a frequency at most the frequency, to which the radius of a bound that is not vacuous adds
//! less than the bound: the tolerance is at most 2.

use super::super::{Number, StageEntry};
use super::{Checked, Wrong};
use crate::evidence::{LARGEST_TOLERANCE, SMALLEST_TIGHTNESS};

/// A tolerance of a comparison that draws decide is at most this.
const LARGEST_OF_DRAWS: f64 = 2.0;

/// More instances than cases have numbers.
const MOST_INSTANCES: usize = u32::MAX as usize;

/// Refuses a count that no run has, so that sums of counts do not overflow.
pub(super) fn check_count(field: impl Into<String>, count: usize) -> Checked {
    if count <= MOST_INSTANCES {
        Ok(())
    } else {
        Err(Wrong::range(
            field,
            count,
            "a number of instances below 2^32",
        ))
    }
}

/// Refuses what is outside `[least, most]`, if it is there.
pub(super) fn check_number(field: &str, number: Number, [least, most]: [f64; 2]) -> Checked {
    match number {
        Some(found) if !(least <= found && found <= most) => {
            let allowed = format!("between {least:e} and {most:e}");
            Err(Wrong::range(field, format!("{found:e}"), allowed))
        }
        _ => Ok(()),
    }
}

/// The range of the tolerance of a comparison that holds.
pub(super) fn tolerances(draws: bool) -> [f64; 2] {
    let most = if draws {
        LARGEST_OF_DRAWS
    } else {
        LARGEST_TOLERANCE
    };
    [0.0, most]
}

/// The range of the tightness of a comparison that holds.
pub(super) fn tightnesses(draws: bool) -> [f64; 2] {
    [if draws { 0.0 } else { SMALLEST_TIGHTNESS }, 1.0]
}

impl StageEntry {
    /// # Arguments
    /// * `draws`: whether random draws decide some statement.
    pub(super) fn check(&self, draws: bool) -> Checked {
        for (field, count) in [
            ("checked", self.checked),
            ("violated", self.violated),
            ("vacuous", self.vacuous),
            ("undecided", self.undecided),
            ("inapplicable", self.inapplicable),
            ("redrawn", self.redrawn),
        ] {
            check_count(field, count)?;
        }
        check_number("tightness", self.tightness, tightnesses(draws))?;
        let decided = self.checked + self.violated > 0;
        for (field, number) in [
            ("worst_margin", self.worst_margin),
            ("tolerance", self.tolerance),
        ] {
            match number {
                Some(found) if !decided => {
                    let because = "no instance holds or is violated";
                    return Err(Wrong::unfounded(field, format!("{found:e}"), because));
                }
                None if decided && self.violated == 0 => {
                    return Err(Wrong::missing(field, "instances hold"));
                }
                _ => (),
            }
        }
        let Some(margin) = self.worst_margin else {
            return check_number("tolerance", self.tolerance, [0.0, f64::MAX]);
        };
        let Some(tolerance) = self.tolerance else {
            return Err(Wrong::missing("tolerance", "there is a margin"));
        };
        if self.violated > 0 {
            check_number("tolerance", Some(tolerance), [0.0, f64::MAX])?;
            check_number("worst_margin", Some(margin), [f64::MIN, 0.0])
        } else {
            check_number("tolerance", Some(tolerance), tolerances(draws))?;
            check_number("worst_margin", Some(margin), [-tolerance, 1.0])
        }
    }

    /// Tells whether all instances hold, and some are there.
    pub(super) fn all_hold(&self) -> bool {
        self.checked > 0 && self.checked == self.instances()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(margin: f64, tolerance: f64) -> StageEntry {
        StageEntry {
            checked: 3,
            vacuous: 1,
            worst_margin: Some(margin),
            tolerance: Some(tolerance),
            tightness: Some(0.5),
            ..StageEntry::default()
        }
    }

    fn violated(margin: f64) -> StageEntry {
        StageEntry {
            violated: 1,
            ..holding(margin, 0.25)
        }
    }

    #[test]
    fn what_the_code_can_write_passes() {
        for (entry, draws) in [
            (StageEntry::default(), false),
            (holding(1.0, 0.0), false),
            (holding(-0.01, 0.01), false),
            (holding(-1.5, 1.5), true),
            (violated(-1e300), false),
            (violated(0.0), false),
        ] {
            assert_eq!(entry.check(draws), Ok(()), "{entry:?}");
        }
        // A margin that is not finite is absent; a vacuous instance may have a statement that holds.
        let infinite = StageEntry {
            worst_margin: None,
            ..violated(0.0)
        };
        assert_eq!(infinite.check(false), Ok(()));
        let vacuous = StageEntry {
            vacuous: 1,
            tightness: Some(0.5),
            ..StageEntry::default()
        };
        assert_eq!(vacuous.check(false), Ok(()));
    }

    #[test]
    fn what_it_cannot_is_named() {
        let absent = |margin, tolerance| StageEntry {
            worst_margin: margin,
            tolerance,
            ..holding(0.0, 0.0)
        };
        let tight = |tightness| StageEntry {
            tightness: Some(tightness),
            ..holding(0.5, 0.0)
        };
        for (entry, draws, field) in [
            (holding(1e19, 0.0), false, "worst_margin"),
            (holding(1.0_f64.next_up(), 0.0), true, "worst_margin"),
            (holding(-0.002, 0.001), false, "worst_margin"),
            (holding(0.5, 0.011), false, "tolerance"),
            (holding(0.5, 2.5), true, "tolerance"),
            (holding(0.5, -1e-9), true, "tolerance"),
            (violated(1e-9), false, "worst_margin"),
            (absent(None, Some(0.0)), false, "worst_margin"),
            (absent(Some(0.0), None), false, "tolerance"),
            (tight(1.0 + f64::EPSILON), true, "tightness"),
            (tight(0.0), false, "tightness"),
            (tight(-0.5), true, "tightness"),
            (
                StageEntry {
                    checked: 0,
                    ..holding(0.0, 0.0)
                },
                false,
                "worst_margin",
            ),
            (
                StageEntry {
                    vacuous: usize::MAX,
                    ..holding(0.0, 0.0)
                },
                false,
                "vacuous",
            ),
        ] {
            let wrong = entry.check(draws).unwrap_err();
            assert_eq!(wrong.field, field, "{wrong:?}");
        }
    }
}
