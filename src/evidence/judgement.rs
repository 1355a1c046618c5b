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
    /// Hypotheses that fail, or the reason why nothing was decided: of undecided comparisons that of the decisive one.
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
        let reason = match verdict {
            Verdict::Undecided => decisive.map(|c| format!("{}: {}", c.statement(), c.doubt())),
            Verdict::Vacuous => Some(Self::triviality(comparisons)),
            Verdict::Holds | Verdict::Violated | Verdict::Inapplicable => None,
        };
        let tightness = with(Verdict::Holds)
            .map(Comparison::tightness)
            .reduce(f64::max);
        Evidence {
            verdict,
            decisive,
            tightness,
            reasons: reason.into_iter().collect(),
            comparisons: comparisons.len(),
        }
    }

    /// Why nothing is said: the first statement that holds nowhere, and what makes its bounds trivial.
    fn triviality(comparisons: &[Comparison]) -> String {
        let holds = |statement: &str| {
            let mut own = comparisons.iter().filter(|c| c.statement() == statement);
            own.any(|c| c.verdict() == Verdict::Holds)
        };
        match comparisons.iter().find(|c| !holds(c.statement())) {
            Some(vacuous) => format!("{}: {}", vacuous.statement(), vacuous.triviality()),
            None => "there was nothing to compare".to_owned(),
        }
    }

    /// Returns the comparisons made stronger by the share `by`, for a control.
    #[must_use]
    pub fn strengthened(&self, by: f64) -> Self {
        match self {
            Self::Compared(comparisons) => {
                Self::Compared(comparisons.iter().map(|c| c.strengthened(by)).collect())
            }
            other => other.clone(),
        }
    }

    /// Returns the statements compared, each once, in their order.
    #[must_use]
    pub fn statements(&self) -> Vec<&'static str> {
        let Self::Compared(comparisons) = self else {
            return Vec::new();
        };
        let mut statements: Vec<&'static str> = Vec::new();
        for comparison in comparisons {
            if !statements.contains(&comparison.statement()) {
                statements.push(comparison.statement());
            }
        }
        statements
    }

    /// Returns the same finding with the comparisons of some statements alone, named by what they begin with.
    #[must_use]
    pub fn only(self, beginnings: &[&str]) -> Self {
        match self {
            Self::Compared(mut comparisons) => {
                comparisons.retain(|comparison| {
                    let statement = comparison.statement();
                    beginnings.iter().any(|start| statement.starts_with(start))
                });
                Self::Compared(comparisons)
            }
            other => other,
        }
    }

    /// Returns the statements compared of which no comparison fails as `fails` says: what a control must leave
    /// none of.
    pub fn surviving(&self, fails: impl Fn(&Comparison) -> bool) -> Vec<&'static str> {
        let Self::Compared(comparisons) = self else {
            return Vec::new();
        };
        let rejected = |statement: &&str| {
            let mut own = comparisons.iter().filter(|c| c.statement() == *statement);
            own.any(&fails)
        };
        let statements = self.statements().into_iter();
        statements
            .filter(|statement| !rejected(statement))
            .collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Ball;
    use crate::evidence::statistics::Frequency;

    /// A comparison with the verdict asked for; the `size` shrinks its margin.
    fn with(statement: &'static str, verdict: Verdict, size: f64) -> Comparison {
        let (quantity, bound) = match verdict {
            Verdict::Holds => (Ball::from(1.0), Ball::from(size)),
            Verdict::Violated => (Ball::from(1.0), Ball::from(1.0 + size)),
            Verdict::Undecided => (Ball::new(1.0, 0.5), Ball::from(size)),
            _ => (Ball::from(1.0), Ball::from(-size)),
        };
        let comparison = Comparison::at_least(statement, quantity, bound);
        assert_eq!(comparison.verdict(), verdict);
        comparison
    }

    const JUDGED: [Verdict; 4] = [
        Verdict::Violated,
        Verdict::Undecided,
        Verdict::Vacuous,
        Verdict::Holds,
    ];

    fn judge(comparisons: &[Comparison]) -> Evidence {
        Finding::Compared(comparisons.to_vec()).judge()
    }

    /// The statement that holds nowhere is named, with what makes its bounds trivial.
    #[test]
    fn what_is_vacuous_has_a_reason() {
        let [one, other] = [Ball::from(1.0), Ball::from(0.5)];
        let holds = with("a", Verdict::Holds, 0.5);
        let reason = |vacuous: Comparison| {
            assert_eq!(vacuous.verdict(), Verdict::Vacuous);
            judge(&[holds, vacuous]).reasons.concat()
        };
        let negative = Comparison::at_least("b", one, -other);
        assert_eq!(reason(negative), "b: its bound is not certainly positive");
        let loose = Comparison::at_most("b", Ball::from(1e-20), one);
        assert_eq!(reason(loose), "b: its tightness is below 1e-12");
        let flat = Comparison::equal("b", one, one, 0.0);
        assert_eq!(reason(flat), "b: its scale is zero, or no normal number");
        let certain = Comparison::rarer(
            "b",
            Frequency {
                events: 0,
                trials: 100,
            },
            one,
        );
        assert_eq!(
            reason(certain),
            "b: the bound of its probability is one, or more"
        );
        assert_eq!(judge(&[]).reasons, ["there was nothing to compare"]);
        // Where a statement holds somewhere, its vacuous comparisons do not matter.
        assert_eq!(
            judge(&[with("a", Verdict::Vacuous, 0.5), holds]).verdict,
            Verdict::Holds
        );
    }

    #[test]
    fn verdicts_of_different_statements_have_an_order() {
        for (i, &first) in JUDGED.iter().enumerate() {
            for (j, &second) in JUDGED.iter().enumerate() {
                let evidence = judge(&[with("a", first, 0.5), with("b", second, 0.5)]);
                assert_eq!(evidence.verdict, JUDGED[i.min(j)], "{first} {second}");
                assert_eq!(evidence.comparisons, 2);
                let says_nothing =
                    matches!(evidence.verdict, Verdict::Undecided | Verdict::Vacuous);
                assert_eq!(evidence.reasons.len(), usize::from(says_nothing));
            }
        }
    }

    #[test]
    fn statement_needs_to_hold_once() {
        for (i, &first) in JUDGED.iter().enumerate() {
            for (j, &second) in JUDGED.iter().enumerate() {
                let evidence = judge(&[with("a", first, 0.5), with("a", second, 0.5)]);
                let held = [first, second].contains(&Verdict::Holds);
                let expected = match JUDGED[i.min(j)] {
                    Verdict::Vacuous if held => Verdict::Holds,
                    worst => worst,
                };
                assert_eq!(evidence.verdict, expected, "{first} {second}");
            }
        }
        let half = [
            ("a", Verdict::Vacuous),
            ("a", Verdict::Holds),
            ("b", Verdict::Vacuous),
        ];
        let comparisons = half.map(|(statement, verdict)| with(statement, verdict, 0.5));
        assert_eq!(judge(&comparisons).verdict, Verdict::Vacuous);
        assert_eq!(judge(&comparisons[..2]).verdict, Verdict::Holds);
    }

    #[test]
    fn no_comparison_is_vacuous() {
        let evidence = judge(&[]);
        assert_eq!(evidence.verdict, Verdict::Vacuous);
        assert_eq!((evidence.decisive, evidence.tightness), (None, None));
        assert_eq!(evidence.comparisons, 0);
    }

    #[test]
    fn decisive_is_the_smallest_margin_of_the_verdict() {
        let holds = [0.5, 0.875, 0.25].map(|size| with("a", Verdict::Holds, size));
        let evidence = judge(&holds);
        assert_eq!(evidence.decisive, Some(holds[1]));
        assert_eq!(evidence.tightness, Some(0.875));
        let violated = [0.5, 2.0, 1.0].map(|size| with("a", Verdict::Violated, size));
        let evidence = judge(&[&holds[..], &violated[..]].concat());
        assert_eq!(evidence.decisive, Some(violated[1]));
        // Tightness is that of what holds.
        assert_eq!(evidence.tightness, Some(0.875));
        let vacuous = with("b", Verdict::Vacuous, 0.5);
        let evidence = judge(&[holds[0], vacuous]);
        assert_eq!(evidence.decisive, Some(vacuous));
        assert_eq!(evidence.tightness, Some(0.5));
        assert_eq!(judge(&[vacuous]).tightness, None);
    }

    #[test]
    fn reasons_are_handed_on() {
        let reasons = vec!["two equal inputs".to_string(), "too shallow".to_string()];
        let evidence = Finding::Inapplicable(reasons.clone()).judge();
        assert_eq!(evidence.verdict, Verdict::Inapplicable);
        assert_eq!((evidence.reasons, evidence.comparisons), (reasons, 0));
        let evidence = Finding::Undecided("no convergence".to_string()).judge();
        assert_eq!(evidence.verdict, Verdict::Undecided);
        assert_eq!(evidence.reasons, ["no convergence"]);
        assert_eq!((evidence.decisive, evidence.tightness), (None, None));
    }

    #[test]
    fn what_is_undecided_has_a_reason() {
        let reason = |quantity: Ball| {
            let comparison = Comparison::at_least("a ≥ b", quantity, Ball::from(0.5));
            let evidence = Finding::Compared(vec![comparison]).judge();
            assert_eq!(evidence.verdict, Verdict::Undecided);
            evidence.reasons.concat()
        };
        assert!(reason(Ball::new(1.0, 0.5)).starts_with("a ≥ b: its tolerance is above 1 %"));
        assert!(reason(Ball::new(1.0, f64::INFINITY)).contains("not finite"));
    }

    #[test]
    fn strengthening_reaches_every_comparison() {
        let comparisons = [0.5, 0.75].map(|size| with("a", Verdict::Holds, size));
        let finding = Finding::Compared(comparisons.to_vec()).strengthened(2.0);
        let expected = comparisons.map(|c| c.strengthened(2.0)).to_vec();
        assert_eq!(finding, Finding::Compared(expected));
        assert_eq!(finding.judge().verdict, Verdict::Violated);
        let undecided = Finding::Undecided("why".to_string());
        assert_eq!(undecided.strengthened(2.0), undecided);
    }

    #[test]
    fn statements_are_kept_counted_and_left_over() {
        let holds = |statement| Comparison::at_most(statement, Ball::from(1.0), Ball::from(2.0));
        let fails = |statement| Comparison::at_most(statement, Ball::from(2.0), Ball::from(1.0));
        let finding = Finding::Compared(vec![holds("a ≤ b"), fails("a ≤ b"), holds("c ≤ d")]);
        let violated = |comparison: &Comparison| comparison.verdict() == Verdict::Violated;
        assert_eq!(finding.statements(), ["a ≤ b", "c ≤ d"]);
        assert_eq!(finding.surviving(violated), ["c ≤ d"]);
        let one = finding.clone().only(&["a", "x"]);
        assert_eq!(one, Finding::Compared(vec![holds("a ≤ b"), fails("a ≤ b")]));
        assert!(one.surviving(violated).is_empty());
        let none = Finding::Undecided("why".to_owned());
        assert_eq!(none.clone().only(&["a"]), none);
        assert!(none.statements().is_empty() && none.surviving(violated).is_empty());
    }
}
