//! `polyak verify --self-test`.

use super::Failure;
use super::output::{layout, say};
use super::running::Running;
use crate::campaign::{Controls, controls};
use crate::report::{Outcome, controls_text};
use crate::text::count;
use crate::theorem::Claim;

const HEADING: &str = "Every statement, strengthened by twice the slack of its sharp instances, and \
                       every instance that breaks a hypothesis must be rejected.";

/// Runs every control and prints what it saw; status 1 if one is not rejected.
pub fn run(claims: &[&dyn Claim], seed: u64) -> Result<u8, Failure> {
    let layout = layout();
    let running = Running::start("self-test", Some(claims.len() as u64));
    let run = |claim: &&dyn Claim| {
        running.bar().set_message(claim.id());
        let seen = controls(*claim, seed);
        running.bar().inc(1);
        (claim.id(), seen)
    };
    let seen: Vec<(&str, Controls)> = claims.iter().map(run).collect();
    drop(running);
    let mut text = layout.wrapped(HEADING, "", "") + "\n";
    let (mut all, mut rejected, mut missed) = (0, 0, 0.0);
    for (claim, controls) in &seen {
        text += &controls_text(layout, claim, controls);
        let sharpness = controls.sharpness.iter().flat_map(|c| &c.statements);
        let statements = sharpness.map(|s| s.2);
        let dropped = controls.dropped.iter().map(|control| control.rejected);
        for control in statements.chain(dropped) {
            all += 1;
            rejected += usize::from(control);
        }
        let drawn = controls.dropped.iter().filter_map(|control| control.missed);
        missed += drawn.sum::<f64>();
    }
    let outcome = if seen.iter().all(|(_, controls)| controls.rejected()) {
        Outcome::Holds
    } else {
        Outcome::Failed
    };
    if missed > 0.0 {
        let flake = format!(
            "Another seed would leave one of those that draws decide standing with probability {missed:.0e} at most."
        );
        text += "\n";
        text += &layout.wrapped(&flake, "", "");
    }
    text += &format!(
        "\n{}: {rejected} of {} of {} rejected · seed {seed}\n",
        match outcome {
            Outcome::Holds => "ALL REJECTED",
            _ => "FAILED",
        },
        count(all, "control"),
        count(seen.len(), "claim")
    );
    say(&text)?;
    Ok(outcome.exit_status())
}
