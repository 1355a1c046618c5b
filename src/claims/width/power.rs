//! How probably a fresh seed tells another slope.

use crate::evidence::statistics::{FALSE_ALARM, two_sided};
use crate::evidence::{Comparison, Finding};

/// A bound of the probability that other draws leave some statement of a finding standing, one that these reject:
/// ordinates are normal, as all of the kind `rate` assume, and corrections of a finite width as they were drawn.
pub(in crate::claims) fn missed_again(found: &Finding) -> f64 {
    let Finding::Compared(comparisons) = found else {
        return 1.0;
    };
    match comparisons.is_empty() {
        true => 1.0,
        false => comparisons.iter().map(missed).sum(),
    }
}

fn missed(comparison: &Comparison) -> f64 {
    // What draws do not decide is decided.
    let Some(scatter) = comparison.sampling().and_then(|s| s.scatter) else {
        return 0.0;
    };
    let multiple = two_sided(scatter.freedom, FALSE_ALARM);
    let (slope, number) = (comparison.quantity(), comparison.bound());
    let certain = slope.rad() - multiple * scatter.error + number.rad();
    let gap = (slope.mid() - number.mid()).abs() - certain.max(0.0);
    scatter.missed_again(gap, multiple)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::find;
    use crate::evidence::statistics::{FLAKE, MISS, Scatter};

    /// A bound of the probability that other draws would not tell the slopes of a finding from those that they are told
    /// from: the interval and what it detects are wide by so many standard errors, and these by what Fisher's law leaves.
    fn undecided_again(found: &Finding) -> f64 {
        let Finding::Compared(comparisons) = found else {
            return 1.0;
        };
        let one = |comparison: &Comparison| {
            let Some(sampling) = comparison.sampling() else {
                return 0.0;
            };
            let Some(Scatter { error, freedom }) = sampling.scatter else {
                return 0.0;
            };
            let multiple = two_sided(freedom, FALSE_ALARM) + two_sided(freedom, MISS);
            let spare = (1.0 - sampling.detectable) * comparison.scale();
            // The errors would have to be larger by the spare width.
            Scatter { error, freedom }.wider_again(1.0 + spare / (multiple * error))
        };
        comparisons.iter().map(one).sum()
    }

    /// The pinned instances of W1 to W4 are decided under nearly every seed.
    #[test]
    fn pinned_slopes_are_told_under_nearly_every_seed() {
        for id in [
            "W1.fluctuation",
            "W2.coupling",
            "W3.rff-to-rkhs",
            "W4.scaling",
        ] {
            let claim = find(id).unwrap();
            for instance in claim.sharp() {
                let open = undecided_again(&claim.check(&instance));
                assert!(open <= FLAKE, "{id}: {open:e}");
            }
        }
    }
}
