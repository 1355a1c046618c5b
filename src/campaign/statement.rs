//! How sharp each statement of a claim is where it is sharpest.

use crate::claims::{Claim, Instance};
use crate::evidence::{Comparison, Finding, Verdict};
use rayon::prelude::*;

/// One statement of a claim on the pinned instances: its sharpest and its
/// tightest spot among the comparisons that hold.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementReport {
    /// The statement, as its comparisons name it.
    pub statement: &'static str,
    /// The comparison of largest tightness.
    pub sharpest: Comparison,
    /// The comparison of smallest margin.
    pub closest: Comparison,
}

/// Summarises the comparisons that hold, in the order in which statements appear.
pub(super) fn summarise(claim: &Claim, sharp: &[Instance]) -> Vec<StatementReport> {
    let findings: Vec<Finding> = sharp
        .par_iter()
        .map(|instance| claim.check(instance))
        .collect();
    let mut statements: Vec<StatementReport> = Vec::new();
    for finding in &findings {
        let Finding::Compared(comparisons) = finding else {
            continue;
        };
        for comparison in comparisons {
            if comparison.verdict() == Verdict::Holds {
                record(&mut statements, *comparison);
            }
        }
    }
    statements
}

fn record(statements: &mut Vec<StatementReport>, comparison: Comparison) {
    let statement = comparison.statement();
    match statements.iter_mut().find(|s| s.statement == statement) {
        Some(known) => {
            if comparison.tightness() > known.sharpest.tightness() {
                known.sharpest = comparison;
            }
            if comparison.margin() < known.closest.margin() {
                known.closest = comparison;
            }
        }
        None => statements.push(StatementReport {
            statement,
            sharpest: comparison,
            closest: comparison,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Ball;
    use crate::claims::{find, registry};

    #[test]
    fn every_statement_of_a_control_has_its_sharpest_spot() {
        for claim in registry() {
            let found = summarise(claim, &claim.sharp());
            let control = claim.control();
            for (statement, tightness, _) in control.into_iter().flat_map(|c| c.statements) {
                let known = found.iter().find(|s| s.statement == statement);
                let known = known.unwrap_or_else(|| panic!("{}: {statement}", claim.id));
                assert_eq!(known.sharpest.tightness(), tightness, "{statement}");
                assert!(known.closest.margin() <= known.sharpest.margin());
            }
        }
    }

    #[test]
    fn extremes_are_kept_and_failures_are_not() {
        let at_most =
            |name, quantity: f64| Comparison::at_most(name, Ball::from(quantity), Ball::from(1.0));
        let at_least =
            |name, quantity: f64| Comparison::at_least(name, Ball::from(quantity), Ball::from(1.0));
        let mut kept = Vec::new();
        for comparison in [
            at_most("a", 0.5),
            at_least("b", 4.0),
            at_most("a", 0.75),
            at_most("a", 0.25),
            at_least("b", 2.0),
        ] {
            record(&mut kept, comparison);
        }
        let names: Vec<_> = kept.iter().map(|s| s.statement).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(kept[0].sharpest, at_most("a", 0.75));
        assert_eq!(kept[0].closest, at_most("a", 0.75));
        assert_eq!(kept[1].sharpest, at_least("b", 2.0));
    }

    #[test]
    fn a_violated_claim_has_fewer_statements() {
        let planted = crate::campaign::tests::planted();
        let true_one = find("P4.upper").unwrap();
        let sharp = true_one.sharp();
        let (all, some) = (summarise(true_one, &sharp), summarise(&planted, &sharp));
        let violated = |s: &StatementReport| s.closest.verdict() == Verdict::Violated;
        assert!(!all.is_empty() && !some.iter().any(violated));
        assert!(some.len() < all.len());
    }
}
