//! What holds of a report of this version: its claims are the registry's, and their instances are as dealt.

use super::super::{ClaimEntry, Report};
use super::{Checked, InvalidReport, Wrong};
use crate::campaign::{Shard, Stage};
use crate::theorem::{Claim, Registry};

impl Report {
    /// Makes sure that the numbers of this report may become those of a new one: this version wrote it, its claims are the
    /// registry's, word for word, and their instances are as many as its effort and its part deal; `file` is named in
    /// errors.
    ///
    /// # Errors
    /// The first field that is not so.
    pub fn require_registered(&self, registry: &Registry, file: &str) -> Result<(), InvalidReport> {
        let checked = self.check_version().and_then(|()| {
            let checked = |entry: &ClaimEntry| {
                let checked = self.check_registered(registry, entry);
                checked.map_err(|wrong| wrong.of(&entry.id))
            };
            self.claims.iter().try_for_each(checked)
        });
        checked.map_err(|wrong| wrong.named(file))
    }

    fn check_version(&self) -> Checked {
        if self.is_of_this_version() {
            return Ok(());
        }
        let (from, this) = ("reports of this version", env!("CARGO_PKG_VERSION"));
        Err(Wrong::contradicts("version", &self.version, from, this))
    }

    fn check_registered(&self, registry: &Registry, entry: &ClaimEntry) -> Checked {
        let mut claims = registry.iter();
        let Some(claim) = claims.find(|claim| claim.id() == entry.id) else {
            return Err(Wrong::range("id", &entry.id, "a claim of this version"));
        };
        let from = "the claims of this version";
        for (field, found, expected) in [
            ("family", &*entry.family, claim.family()),
            ("statement", &*entry.statement, claim.about().statement),
        ] {
            if found != expected {
                return Err(Wrong::contradicts(field, found, from, expected));
            }
        }
        let kind = claim.about().kind;
        if entry.kind != kind {
            return Err(Wrong::contradicts("kind", entry.kind, from, kind));
        }
        let dropped = claim.dropped();
        let names: Vec<&str> = dropped.iter().map(|control| control.name).collect();
        let found: Vec<&str> = entry.dropped.iter().map(|control| &*control.name).collect();
        if found != names {
            let [found, names] = [found, names].map(|names| format!("{names:?}"));
            return Err(Wrong::contradicts("dropped", found, from, names));
        }
        if claim.about().slack.is_some()
            && entry.control.is_empty()
            && entry.stages.pinned.checked > 0
        {
            let because = "every statement of the claim is strengthened";
            return Err(Wrong::missing("control", because));
        }
        self.check_dealt(claim, entry)
    }

    fn check_dealt(&self, claim: &dyn Claim, entry: &ClaimEntry) -> Checked {
        let shard = self.run.shard.unwrap_or(Shard::WHOLE);
        let cases = claim.cases(self.run.effort.cases()) as usize;
        let random = (0..cases).filter(|&case| shard.holds(case)).count();
        let pinned = if shard.is_first() {
            claim.sharp().len()
        } else {
            0
        };
        for (stage, expected) in [(Stage::Pinned, pinned), (Stage::Random, random)] {
            let found = entry.stages.get(stage).instances();
            if found != expected {
                let field = format!("stages.{stage}, its number of instances,");
                let from = "effort and part";
                return Err(Wrong::contradicts(field, found, from, expected));
            }
        }
        if claim.about().headline.is_none() {
            for stage in Stage::ALL {
                let entry = entry.stages.get(stage);
                if entry.checked > 0 && entry.tightness.is_none() {
                    let field = format!("stages.{stage}.tightness");
                    return Err(Wrong::missing(field, "instances hold"));
                }
            }
        }
        if let Some(case) = entry.counterexample.as_ref().and_then(|found| found.case)
            && case >= cases
        {
            let least = format!("below {cases}, as its effort deals");
            return Err(Wrong::range("counterexample.case", case, least));
        }
        Ok(())
    }
}
