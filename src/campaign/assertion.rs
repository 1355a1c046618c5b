//! What a test asks of a claim: the same instances as a campaign's, and words that say what to do.

use super::{Campaign, ClaimReport, Counterexample, Shard, controls, pasted_test};
use crate::evidence::Verdict;
use crate::theorem::Claim;
use std::fmt::Write;

/// Panics unless a claim holds on its sharp instances and on random ones: those of
/// `polyak verify --seed` with the seed of the campaign, as many as it has cases.
///
/// # Panics
/// With the violated comparison, and a test to paste that fails as long as it is violated; or with the verdict and what
/// was counted, where too few instances say anything.
///
/// # Example
/// ```
/// use polyak::campaign::{Campaign, assert_holds};
/// let claim = polyak::claims::find("P4.upper")?;
/// assert_holds(claim, &Campaign { seed: 7, cases: 16 });
/// # Ok::<(), polyak::theorem::UnknownClaim>(())
/// ```
pub fn assert_holds(claim: &dyn Claim, campaign: &Campaign) {
    let stages = campaign.stages(Shard::WHOLE, claim, &[], &|| ());
    let report = stages.expect("a function never stops a run");
    if let Some(found) = &report.counterexample {
        panic!("{}", violation(claim, campaign, found));
    }
    let verdict = report.verdict();
    assert!(verdict == Verdict::Holds, "{}", openness(claim, &report));
}

/// Panics unless the controls of a claim are rejected: every statement, strengthened by twice its slack, on the sharp
/// instances, none of which leaves more than the slack; and everything that is wrong.
///
/// # Arguments
/// * `seed`: of what the controls of a statistical claim draw.
///
/// # Panics
/// With the controls that stand.
///
/// # Example
/// ```
/// polyak::campaign::assert_controlled(polyak::claims::find("P4.upper")?, 0);
/// # Ok::<(), polyak::theorem::UnknownClaim>(())
/// ```
pub fn assert_controlled(claim: &dyn Claim, seed: u64) {
    let controls = controls(claim, seed);
    let mut standing = String::new();
    let statements = controls.sharpness.iter().flat_map(|seen| &seen.statements);
    for (statement, tightness, rejected) in statements {
        let slack = claim.about().slack_of(statement).unwrap_or(0.0);
        if !rejected || *tightness < 1.0 - slack {
            let _ = write!(
                standing,
                "\n  {statement}, strengthened by {:e}, twice its slack: the sharp instances leave {:e} of it",
                2.0 * slack,
                1.0 - tightness
            );
        }
    }
    for control in controls.dropped.iter().filter(|control| !control.rejected) {
        let _ = write!(standing, "\n  {}: {}", control.name, control.verdict);
    }
    assert!(
        controls.rejected() && standing.is_empty(),
        "{}: these controls are not rejected, so the check would not notice what they get wrong:{standing}{}",
        claim.id(),
        if standing.is_empty() {
            "\n  there is none: give the claim a slack and sharp instances, or a control"
        } else {
            ""
        }
    );
}

fn violation(claim: &dyn Claim, campaign: &Campaign, found: &Counterexample) -> String {
    let comparison = &found.comparison;
    let mut text = format!(
        "{} is violated on {} (seed {}):\n  {}\n  quantity {:e}, bound {:e}, margin {:e}, tolerance {:e}",
        claim.id(),
        found.label,
        campaign.seed,
        comparison.statement(),
        comparison.quantity().mid(),
        comparison.bound().mid(),
        comparison.margin(),
        comparison.tolerance()
    );
    if let Some(spec) = &found.spec {
        text += "\nThis test fails as long as it is:\n\n";
        text += &pasted_test(claim.id(), spec);
    }
    text
}

fn openness(claim: &dyn Claim, report: &ClaimReport) -> String {
    let mut text = format!("{} is {}:", claim.id(), report.verdict());
    for (stage, tally) in [("sharp", &report.pinned), ("random", &report.random)] {
        let _ = write!(
            text,
            "\n  {stage} instances: {} hold, {} vacuous, {} undecided, {} inapplicable",
            tally.checked, tally.vacuous, tally.undecided, tally.inapplicable
        );
    }
    let reasons = report.random.reasons.iter().chain(&report.pinned.reasons);
    for (reason, count) in reasons {
        let _ = write!(text, "\n  {count}× {reason}");
    }
    for pooled in report
        .pool
        .counts()
        .iter()
        .filter(|pooled| pooled.is_violated())
    {
        let (events, trials) = (pooled.seen.events, pooled.seen.trials);
        let statement = pooled.comparison().statement();
        let _ = write!(
            text,
            "\n  {statement}: {events} of {trials} draws of all instances"
        );
    }
    text
}
