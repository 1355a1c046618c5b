//! Kinds of evidence and verdicts.

use std::fmt;

/// How strong a piece of evidence is, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Kind {
    /// A regression slope with a confidence interval.
    Rate,
    /// An exact test with a stated false-alarm probability and power.
    Statistical,
    /// An identity or inequality in f64 with a tolerance derived from an operation count.
    Rounded,
    /// Outward-rounded or exact arithmetic: holds for the real numbers.
    Certified,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rate => "rate",
            Self::Statistical => "statistical",
            Self::Rounded => "rounded",
            Self::Certified => "certified",
        })
    }
}

/// What a check says of an instance. Only [`Holds`](Self::Holds) counts as checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Verdict {
    /// The statement holds within its tolerance.
    Holds,
    /// The statement fails by more than its tolerance.
    Violated,
    /// The tolerance is not finite, or above 1 % of the scale.
    Undecided,
    /// The bound is not above its own tolerance, or says next to nothing.
    Vacuous,
    /// A hypothesis of the statement fails on this instance.
    Inapplicable,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Holds => "holds",
            Self::Violated => "violated",
            Self::Undecided => "undecided",
            Self::Vacuous => "vacuous",
            Self::Inapplicable => "inapplicable",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_ordered_by_strength() {
        assert!(Kind::Rate < Kind::Statistical);
        assert!(Kind::Statistical < Kind::Rounded);
        assert!(Kind::Rounded < Kind::Certified);
    }

    #[test]
    fn names_pad_in_tables() {
        assert_eq!(format!("{:<10}|", Verdict::Holds), "holds     |");
        assert_eq!(format!("{:>9}|", Kind::Rounded), "  rounded|");
        let all = [
            Verdict::Violated,
            Verdict::Undecided,
            Verdict::Vacuous,
            Verdict::Inapplicable,
        ];
        let names: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["violated", "undecided", "vacuous", "inapplicable"]);
        let all = [Kind::Rate, Kind::Statistical, Kind::Certified];
        let names: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["rate", "statistical", "certified"]);
    }
}
