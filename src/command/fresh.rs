//! `polyak verify --fresh-seeds`.

use super::Failure;
use super::campaign::{self, Part};
use super::interrupt::INTERRUPTED;
use super::output::{Results, document, fitted, remark, say};
use super::{CampaignOptions, Verify};
use crate::evidence::Verdict;
use crate::report::{Outcome, Report};
use crate::text::count as counted;
use crate::theorem::Claim;
use serde::Serialize;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

/// What one seed left open or standing.
#[derive(Serialize)]
struct SeedEntry {
    seed: u64,
    outcome: Outcome,
    /// Claims that do not hold: `W4.scaling undecided`.
    open: Vec<String>,
    /// Controls that are not rejected: `R3.union: equal frequencies`.
    not_rejected: Vec<String>,
}

#[derive(Serialize)]
struct FreshSeeds {
    schema: u32,
    version: &'static str,
    instruction_set: &'static str,
    effort: String,
    selection: Vec<String>,
    claims: usize,
    outcome: Outcome,
    seeds: Vec<SeedEntry>,
}

/// A seed that nobody chose: the keys with which the standard library guards its tables come from the system.
fn fresh() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn entry(report: &Report) -> SeedEntry {
    let mut open = Vec::new();
    let mut not_rejected = Vec::new();
    for claim in &report.claims {
        if claim.verdict != Verdict::Holds {
            open.push(format!("{} {}", claim.id, claim.verdict));
        }
        let statements = claim.control.iter().filter(|c| !c.rejected);
        let statements = statements.map(|c| format!("{}: {}, strengthened", claim.id, c.statement));
        let dropped = claim.dropped.iter().filter(|c| !c.rejected);
        let dropped = dropped.map(|c| format!("{}: {}", claim.id, c.name));
        not_rejected.extend(statements.chain(dropped));
    }
    SeedEntry {
        seed: report.run.seed,
        outcome: report.outcome,
        open,
        not_rejected,
    }
}

fn line(entry: &SeedEntry) -> String {
    let mut parts = Vec::new();
    if !entry.open.is_empty() {
        parts.push(entry.open.join(", "));
    }
    if !entry.not_rejected.is_empty() {
        parts.push(format!("NOT REJECTED {}", entry.not_rejected.join("; ")));
    }
    match parts.is_empty() {
        true => format!("seed {:<20} all hold, every control rejected\n", entry.seed),
        false => format!("seed {:<20} {}\n", entry.seed, parts.join("; ")),
    }
}

/// Runs everything under so many fresh seeds, each printed as soon as it is known; what no seed decides is run with the first alone.
pub fn run(options: &Verify, claims: &[&'static dyn Claim], count: u32) -> Result<u8, Failure> {
    let inputs: Vec<_> = options.campaign.data.data.as_deref().into_iter().collect();
    let results = Results::try_new(options.json.as_deref(), &inputs)?;
    let quiet = options.json.is_some() && results.file().is_none();
    let mut seeds = Vec::with_capacity(count as usize);
    let mut part = Part::default();
    let mut interrupted = false;
    for _ in 0..count {
        let campaign = CampaignOptions {
            seed: fresh(),
            ..options.campaign.clone()
        };
        let ran = campaign::run(&campaign, claims, &part, |_| Ok(()))?;
        if ran.interrupted.is_some() {
            interrupted = true;
            break;
        }
        let entry = entry(&ran.report);
        if !quiet {
            say(&fitted(&line(&entry)))?;
        }
        seeds.push(entry);
        part.earlier = Some(Arc::new(ran.claims));
    }
    let of = |outcome: Outcome| {
        seeds
            .iter()
            .filter(|entry| entry.outcome == outcome)
            .count()
    };
    let (failed, open, all) = (of(Outcome::Failed), of(Outcome::Open), seeds.len());
    let outcome = match (failed, open) {
        (0, 0) if !interrupted => Outcome::Holds,
        (0, _) => Outcome::Open,
        _ => Outcome::Failed,
    };
    let heading = match outcome {
        Outcome::Holds => "ALL HOLD",
        Outcome::Open if interrupted => "UNFINISHED",
        Outcome::Open => "OPEN",
        Outcome::Failed => "FAILED",
    };
    let summary = format!(
        "\n{heading}: {} of {} hold, {failed} failed, {open} open · {}, effort {}\n\
         replay one with `polyak verify --seed S` and the same options\n",
        all - failed - open,
        counted(all, "fresh seed"),
        counted(claims.len(), "claim"),
        options.campaign.effort,
    );
    let found = FreshSeeds {
        schema: 1,
        version: env!("CARGO_PKG_VERSION"),
        instruction_set: crate::arithmetic::instruction_set(),
        effort: options.campaign.effort.to_string(),
        selection: options.campaign.family.clone(),
        claims: claims.len(),
        outcome,
        seeds,
    };
    results.deliver(|| summary, || document(&found))?;
    if interrupted {
        remark(&format!(
            "interrupted after {all} of {}",
            counted(count, "seed")
        ));
        return Ok(INTERRUPTED);
    }
    Ok(found.outcome.exit_status())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_fresh() {
        let seeds: std::collections::HashSet<u64> = (0..100).map(|_| fresh()).collect();
        assert_eq!(seeds.len(), 100);
    }

    #[test]
    fn a_seed_says_what_it_left_open() {
        let mut entry = SeedEntry {
            seed: 7,
            outcome: Outcome::Holds,
            open: Vec::new(),
            not_rejected: Vec::new(),
        };
        assert!(line(&entry).ends_with("all hold, every control rejected\n"));
        entry.open = vec!["W4.scaling undecided".to_owned()];
        entry.not_rejected = vec!["R3.union: equal frequencies".to_owned()];
        let found = line(&entry);
        assert!(
            found.contains("W4.scaling undecided; NOT REJECTED R3.union: equal"),
            "{found}"
        );
    }
}
