//! How sharp each statement of a claim is where it is sharpest.

use crate::evidence::{Comparison, Finding, Sampling, Verdict};

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
    /// The error probabilities of the least powerful of them, if draws decide.
    pub sampling: Option<Sampling>,
}

/// Summarises the comparisons that hold, in the order in which statements appear.
pub(super) fn summarise(findings: &[Finding]) -> Vec<StatementReport> {
    let mut statements: Vec<StatementReport> = Vec::new();
    for finding in findings {
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
            if let Some(sampling) = comparison.sampling()
                && known
                    .sampling
                    .is_none_or(|s| sampling.detectable > s.detectable)
            {
                known.sampling = Some(sampling);
            }
        }
        None => statements.push(StatementReport {
            statement,
            sharpest: comparison,
            closest: comparison,
            sampling: comparison.sampling(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Ball;
    use crate::claims::{find, registry};
    use crate::evidence::statistics::Frequency;
    use crate::theorem::Claim;

    fn findings(claim: &dyn Claim) -> Vec<Finding> {
        let check = |instance| claim.check(instance);
        claim.sharp().iter().map(check).collect()
    }

    #[test]
    fn every_statement_of_a_control_has_its_sharpest_spot() {
        for claim in registry() {
            // Statistical claims have none.
            let Some(control) = claim.control() else {
                continue;
            };
            let found = summarise(&findings(claim));
            for (statement, tightness, _) in control.statements {
                let known = found.iter().find(|s| s.statement == statement);
                let known = known.unwrap_or_else(|| panic!("{}: {statement}", claim.id()));
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
    fn the_least_powerful_test_is_kept() {
        let rarer = |events, trials| {
            let seen = Frequency { events, trials };
            Comparison::rarer("rare", seen, Ball::from(0.1))
        };
        let mut kept = Vec::new();
        for trials in [1000, 200, 4000] {
            record(&mut kept, rarer(0, trials));
        }
        assert_eq!(kept[0].sampling, rarer(0, 200).sampling());
        let sure = Comparison::at_most("sure", Ball::from(0.5), Ball::from(1.0));
        record(&mut kept, sure);
        assert_eq!(kept[1].sampling, None);
    }

    #[test]
    fn a_violated_claim_has_fewer_statements() {
        let planted = crate::campaign::tests::planted();
        let true_one = find("P4.upper").unwrap();
        let (all, some) = (
            summarise(&findings(true_one)),
            summarise(&findings(&planted)),
        );
        let violated = |s: &StatementReport| s.closest.verdict() == Verdict::Violated;
        assert!(!all.is_empty() && !some.iter().any(violated));
        assert!(some.len() < all.len());
    }
}
