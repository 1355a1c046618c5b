//! Verdicts, numbers and words of art, as a page shows them.

use crate::evidence::statistics::FALSE_ALARM;
use crate::evidence::{Kind, Verdict};
use crate::report::Number;
use maud::{Markup, html};

/// A verdict by its word, a sign and a colour, so that none of them is needed.
pub(super) fn mark(verdict: Verdict) -> Markup {
    let sign = match verdict {
        Verdict::Holds => "✓",
        Verdict::Violated => "✗",
        Verdict::Undecided => "?",
        Verdict::Vacuous => "∅",
        Verdict::Inapplicable => "–",
    };
    let word = verdict.to_string();
    html! { span .mark.(word) { span aria-hidden="true" { (sign) } " " (word) } }
}

/// Whether something was rejected that must be.
pub(super) fn rejected(rejected: bool) -> Markup {
    match rejected {
        true => html! { span .mark.holds { span aria-hidden="true" { "✓" } " rejected" } },
        false => html! { span .mark.violated { span aria-hidden="true" { "✗" } " NOT REJECTED" } },
    }
}

/// A number with few digits.
pub(super) fn short(number: Number) -> String {
    number.map_or("—".to_owned(), |n| match n {
        0.0 => "0".to_owned(),
        n if n.abs() >= 0.01 && n.abs() < 10_000.0 => format!("{n:.3}"),
        n => format!("{n:.1e}"),
    })
}

/// A tightness, which is often close to one.
pub(super) fn tightness(number: Number) -> String {
    number.map_or("—".to_owned(), |t| format!("{t:.6}"))
}

/// A number with all its digits.
pub(super) fn exact(number: Number) -> String {
    number.map_or("not finite".to_owned(), |n| format!("{n:.17e}"))
}

/// How far a comparison is from a violation, in tolerances: 0 is a violation, 1 a bound that is attained exactly.
pub(super) fn room(margin: Number, tolerance: Number) -> Number {
    let (margin, tolerance) = (margin?, tolerance?);
    let room = (margin + tolerance) / tolerance;
    room.is_finite().then_some(room)
}

/// What a kind rests on.
pub(super) fn kind(kind: Kind) -> String {
    let told = match kind {
        Kind::Certified => {
            "certified: the comparison holds of the real numbers, since everything was rounded outwards"
        }
        Kind::Rounded => {
            "rounded: compared in f64, with a tolerance that bounds the rounding error of both sides"
        }
        Kind::Statistical => {
            return format!(
                "statistical: an exact test of random draws, with a false-alarm probability of {FALSE_ALARM:e} a comparison"
            );
        }
        Kind::Rate => "rate: a slope, fitted to several sizes",
    };
    told.to_owned()
}

const WORDS: [(&str, &str); 9] = [
    (
        "Claim",
        "A theorem with all its constants, written as a check that a computer runs.",
    ),
    (
        "Instance",
        "What a claim is checked on: points, a network with data and weights, or particles. Sharp ones are built so that a \
      bound is nearly attained; random ones are drawn from the seed; the others are built on data.",
    ),
    (
        "Tolerance",
        "A bound of the rounding error of a comparison, derived and never chosen.",
    ),
    (
        "Margin",
        "How much is left between a quantity and its bound, as a share of their size. Below minus the tolerance the claim is violated.",
    ),
    (
        "Tightness",
        "Bound over truth, between 0 and 1. At 1 the bound is attained, and no better constant is possible.",
    ),
    (
        "Control",
        "Something false that the check must reject: a bound made too strong, or a hypothesis that fails. It shows that the check can fail.",
    ),
    (
        "Factor",
        "A part of a bound's formula. The report says how wrong it could be before an instance notices.",
    ),
    (
        "Vacuous, inapplicable",
        "The bound says nothing on this instance, or a hypothesis of the theorem fails there. Neither counts as checked.",
    ),
    (
        "Undecided",
        "Rounding has used up the digits, and nothing is said.",
    ),
];

/// The words that a report uses.
pub(super) fn section() -> Markup {
    html! {
        section {
            h2 #words { "Words" }
            dl { @for (word, meaning) in WORDS { dt { (word) } dd { (meaning) } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_zero_at_a_violation_and_one_where_a_bound_is_attained() {
        assert_eq!(room(Some(-1e-9), Some(1e-9)), Some(0.0));
        assert_eq!(room(Some(0.0), Some(1e-9)), Some(1.0));
        assert!(room(Some(-3.0), Some(1.0)).is_some_and(|room| room < 0.0));
        assert_eq!(room(Some(1.0), Some(0.0)), None);
        assert_eq!(room(None, Some(1.0)), None);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(Some(0.5)), "0.500");
        assert_eq!(short(Some(-1.234e-15)), "-1.2e-15");
        assert_eq!(short(Some(0.0)), "0");
        assert_eq!(short(None), "—");
        assert_eq!(tightness(Some(0.999_999_9)), "1.000000");
    }

    #[test]
    fn a_verdict_is_a_word_and_a_sign() {
        let html = mark(Verdict::Vacuous).into_string();
        assert!(html.contains("vacuous") && html.contains('∅'), "{html}");
    }
}
