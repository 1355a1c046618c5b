//! The judgement of all comparisons of one instance.

use super::{Comparison, Verdict};

/// What a check found on an instance, before it is judged.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// All hypotheses hold; the comparisons speak.
    Compared(Vec<Comparison>),
    /// Hypotheses that fail, in words.
    Inapplicable(Vec<String>),
    /// A number that the check needs could not be computed, and why.
    Undecided(String),
}

/// A judged instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The verdict.
    pub verdict: Verdict,
    /// The comparison that decided: the one of smallest margin among those with this verdict.
    pub decisive: Option<Comparison>,
    /// Largest tightness of a comparison that holds.
    pub tightness: Option<f64>,
    /// Hypotheses that fail, or the reason why nothing was decided.
    pub reasons: Vec<String>,
    /// How many comparisons were made.
    pub comparisons: usize,
}

impl Finding {
    /// Judges: one violation violates, one undecided comparison leaves the whole
    /// undecided, and to hold, *every* statement among the comparisons must hold
    /// somewhere: a statement that was vacuous throughout makes the instance vacuous.
    pub fn judge(&self) -> Evidence {
        let comparisons = match self {
            Self::Compared(comparisons) => comparisons,
            Self::Inapplicable(reasons) => {
                return Evidence::without_comparison(Verdict::Inapplicable, reasons.clone());
            }
            Self::Undecided(reason) => {
                return Evidence::without_comparison(Verdict::Undecided, vec![reason.clone()]);
            }
        };
        let with = |verdict: Verdict| comparisons.iter().filter(move |c| c.verdict() == verdict);
        let verdict = if with(Verdict::Violated).next().is_some() {
            Verdict::Violated
        } else if with(Verdict::Undecided).next().is_some() {
            Verdict::Undecided
        } else {
            let holds = |statement| with(Verdict::Holds).any(|c| c.statement() == statement);
            let all = comparisons.iter().all(|c| holds(c.statement()));
            if all && !comparisons.is_empty() {
                Verdict::Holds
            } else {
                Verdict::Vacuous
            }
        };
        let decisive = with(verdict)
            .min_by(|a, b| a.margin().total_cmp(&b.margin()))
            .copied();
        let tightness = with(Verdict::Holds)
            .map(Comparison::tightness)
            .reduce(f64::max);
        Evidence {
            verdict,
            decisive,
            tightness,
            reasons: Vec::new(),
            comparisons: comparisons.len(),
        }
    }

    /// Returns the comparisons made stronger by the share `by`, for a control.
    pub fn strengthened(&self, by: f64) -> Self {
        match self {
            Self::Compared(comparisons) => {
                Self::Compared(comparisons.iter().map(|c| c.strengthened(by)).collect())
            }
            other => other.clone(),
        }
    }
}

impl Evidence {
    fn without_comparison(verdict: Verdict, reasons: Vec<String>) -> Self {
        Self {
            verdict,
            decisive: None,
            tightness: None,
            reasons,
            comparisons: 0,
        }
    }
}
