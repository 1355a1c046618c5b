//! What a claim's check must reject.

use crate::evidence::Verdict;
use crate::theorem::{Claim, ControlReport, Dropped};
use crate::watch::{Stopped, Watch};

/// An instance that breaks a hypothesis, and what the check said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct DroppedReport {
    /// What is wrong with the instance.
    pub name: &'static str,
    /// What the check said.
    pub verdict: Verdict,
    /// Whether that is what it must say.
    pub rejected: bool,
    /// A bound of the probability that a fresh seed would not see it rejected; `None` where nothing that is drawn
    /// decides.
    pub missed: Option<f64>,
}

/// The controls of one claim.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Controls {
    /// Every statement, strengthened beyond its slack on the sharp instances; of a statistical
    /// claim there is none.
    pub sharpness: Option<ControlReport>,
    /// Every dropped hypothesis (P13), wrong bound and wrong sampler that concerns the claim,
    /// possibly none.
    pub dropped: Vec<DroppedReport>,
}

impl Controls {
    /// Tells whether there are controls, and every one was rejected.
    #[must_use]
    pub fn rejected(&self) -> bool {
        let sharp = match &self.sharpness {
            Some(report) => report.rejected(),
            None => !self.dropped.is_empty(),
        };
        sharp && self.dropped.iter().all(|control| control.rejected)
    }
}

/// Runs the controls of a claim.
///
/// # Arguments
/// * `seed`: of what the controls of a statistical claim draw.
///
/// # Example
/// ```
/// let claim = polyak::claims::find("P3.local")?;
/// assert!(polyak::campaign::controls(claim, 0).rejected());
/// # Ok::<(), polyak::theorem::UnknownClaim>(())
/// ```
pub fn controls(claim: &dyn Claim, seed: u64) -> Controls {
    watched(claim, seed, &|| ()).expect("a function never stops a run")
}

/// How many units [`watched`] counts: one for the sharpness of all statements, one an instance that breaks a
/// hypothesis.
pub(super) fn units(claim: &dyn Claim) -> u64 {
    1 + claim.dropped().len() as u64
}

/// How many units [`again`] counts: one a control that something drawn decides.
pub(super) fn units_again(claim: &dyn Claim) -> u64 {
    let dropped = claim.dropped();
    dropped.iter().filter(|control| control.has_power).count() as u64
}

/// Runs the controls of a claim before somebody's eyes.
pub(super) fn watched(
    claim: &dyn Claim,
    seed: u64,
    watch: &dyn Watch,
) -> Result<Controls, Stopped> {
    let dropped = claim.dropped();
    let dropped = dropped.iter().map(|control| one(control, seed, watch));
    let dropped = dropped.collect::<Result<_, Stopped>>()?;
    unless_stopped(watch)?;
    let sharpness = claim.control();
    watch.advance(1);
    Ok(Controls { sharpness, dropped })
}

/// Runs the controls that something drawn decides, and takes the others from a run under another seed.
pub(super) fn again(
    claim: &dyn Claim,
    seed: u64,
    earlier: &Controls,
    watch: &dyn Watch,
) -> Result<Controls, Stopped> {
    let dropped = claim.dropped();
    let dropped = dropped.iter().zip(&earlier.dropped);
    let dropped = dropped.map(|(control, earlier)| match control.has_power {
        true => one(control, seed, watch),
        false => Ok(earlier.clone()),
    });
    Ok(Controls {
        sharpness: earlier.sharpness.clone(),
        dropped: dropped.collect::<Result<_, Stopped>>()?,
    })
}

fn one(control: &Dropped, seed: u64, watch: &dyn Watch) -> Result<DroppedReport, Stopped> {
    unless_stopped(watch)?;
    let seen = control.run(seed);
    watch.advance(1);
    Ok(DroppedReport {
        name: control.name,
        verdict: seen.evidence.verdict,
        rejected: seen.rejected,
        missed: seen.missed,
    })
}

fn unless_stopped(watch: &dyn Watch) -> Result<(), Stopped> {
    match watch.is_stopped() {
        true => Err(Stopped),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::find;
    use crate::theorem::About;

    #[test]
    fn dropped_hypotheses_go_to_their_claim() {
        let local = controls(find("P3.local").unwrap(), 0);
        let too_few = |name| DroppedReport {
            name,
            verdict: Verdict::Inapplicable,
            rejected: true,
            missed: None,
        };
        assert_eq!(
            local.dropped,
            ["too few layers", "barely too few layers"].map(too_few)
        );
        assert!(controls(find("P1.gradient").unwrap(), 0).dropped.is_empty());
    }

    #[test]
    fn one_control_that_passes_spoils_all() {
        let dropped = |rejected| DroppedReport {
            name: "",
            verdict: Verdict::Holds,
            rejected,
            missed: None,
        };
        let report = |statement, hypotheses: &[bool]| Controls {
            sharpness: Some(ControlReport {
                statements: vec![("", 1.0, statement)],
            }),
            dropped: hypotheses.iter().map(|&r| dropped(r)).collect(),
        };
        assert!(report(true, &[]).rejected());
        assert!(report(true, &[true, true]).rejected());
        assert!(!report(false, &[true]).rejected());
        assert!(!report(true, &[true, false]).rejected());
        let statistical = |hypotheses| Controls {
            sharpness: None,
            ..report(true, hypotheses)
        };
        assert!(statistical(&[true]).rejected() && !statistical(&[true, false]).rejected());
        assert!(!statistical(&[]).rejected());
    }

    #[test]
    fn a_loose_claim_does_not_control_itself() {
        // One part in 10⁹ beyond a slack of nothing is not rejected: the bound is not that sharp.
        let claim = find("P8.convergence").unwrap();
        let about = About {
            slack: Some(1e-9),
            ..*claim.about()
        };
        let loose = crate::campaign::tests::like(claim, about);
        assert!(!controls(&loose, 0).rejected());
    }
}
