//! Parts of a run, put together.

use super::{ClaimEntry, Outcome, PooledEntry, Report, StageEntry};
use crate::campaign::{Stage, verdict_of};
use crate::evidence::{Pooled, Tally, Verdict};

/// Reports that are not the parts of one run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// No report at all.
    #[error("there is nothing to merge: name the reports of `polyak verify --shard`")]
    Nothing,
    /// A report of a whole run, or of another division.
    #[error(
        "{file} is part {found}, the first report is one of {count}: merge parts of one division"
    )]
    Division {
        /// The file.
        file: String,
        /// Its part.
        found: String,
        /// The number of parts.
        count: u32,
    },
    /// A part is missing or given twice.
    #[error("part {part} of {count} is given {times} times: give every part once")]
    Part {
        /// Which part, from one.
        part: u32,
        /// Of how many.
        count: u32,
        /// How often.
        times: usize,
    },
    /// Another seed, effort, selection, data or version.
    #[error(
        "{file} is the report of another run than {first}: seed, effort, claims, controls, data or version differ; \
         merge the parts of one run"
    )]
    Different {
        /// The file.
        file: String,
        /// The first file.
        first: String,
    },
}

/// What all parts of a run have alike: the claims, their statements and what was to be rejected.
fn outline(report: &Report) -> Vec<String> {
    let names = report.claims.iter().flat_map(|claim| {
        let controls = claim.control.iter().map(|control| &control.statement);
        let dropped = claim.dropped.iter().map(|dropped| &dropped.name);
        let own = [&claim.id, &claim.statement, &claim.family];
        own.into_iter().chain(controls).chain(dropped).cloned()
    });
    names.collect()
}

/// Puts the parts of a run together, in any order: the report of the whole run.
///
/// # Arguments
/// * `parts`: file names, for errors, and reports.
///
/// # Errors
/// Reports that are not all the parts of one run, each once.
pub fn merge(mut parts: Vec<(String, Report)>) -> Result<Report, MergeError> {
    let Some((first, report)) = parts.first() else {
        return Err(MergeError::Nothing);
    };
    let (first, whole, version) = (first.clone(), report.run.whole(), report.version.clone());
    let count = report.run.shard.map_or(1, |shard| shard.count());
    let claims = outline(report);
    for (file, part) in &parts {
        let found = part.run.shard;
        if found.map_or(1, |shard| shard.count()) != count {
            return Err(MergeError::Division {
                file: file.clone(),
                found: found.map_or("1/1".to_owned(), |shard| shard.to_string()),
                count,
            });
        }
        if part.run.whole() != whole || part.version != version || outline(part) != claims {
            return Err(MergeError::Different {
                file: file.clone(),
                first,
            });
        }
    }
    let index = |report: &Report| report.run.shard.map_or(1, |shard| shard.index());
    for part in 1..=count {
        let times = parts
            .iter()
            .filter(|(_, report)| index(report) == part)
            .count();
        if times != 1 {
            return Err(MergeError::Part { part, count, times });
        }
    }
    parts.sort_by_key(|(_, report)| index(report));
    let mut parts = parts.into_iter().map(|(_, report)| report);
    let mut merged = parts.next().ok_or(MergeError::Nothing)?;
    merged.run = whole;
    merged.baseline = None;
    for part in parts {
        merged = merged.also_on(&part.instruction_set);
        for (claim, other) in merged.claims.iter_mut().zip(&part.claims) {
            claim.absorb(other);
        }
    }
    merged.outcome = Outcome::Open;
    Ok(merged.judged())
}

impl ClaimEntry {
    /// Adds what another part of the same run found.
    fn absorb(&mut self, other: &Self) {
        self.stages.random.add(&other.stages.random);
        self.stages.data.add(&other.stages.data);
        self.total = self.stages.total();
        self.control_rejected &= other.control_rejected;
        for (known, new) in self.control.iter_mut().zip(&other.control) {
            known.rejected &= new.rejected;
        }
        for (known, new) in self.dropped.iter_mut().zip(&other.dropped) {
            known.rejected &= new.rejected;
        }
        for (reason, count) in &other.reasons {
            let known = self.reasons.entry(reason.clone()).or_default();
            *known = known.saturating_add(*count);
        }
        // The order of a run: pinned, then random by case, then data.
        let rank = |entry: &Self| {
            let found = entry.counterexample.as_ref();
            found.map_or((3, 0), |found| {
                (found.stage as usize, found.case.unwrap_or(0))
            })
        };
        if rank(other) < rank(self) {
            self.counterexample.clone_from(&other.counterexample);
        }
        for found in &other.pooled {
            let same = |known: &&mut PooledEntry| {
                known.statement == found.statement
                    && Pooled::octave(known.bound) == Pooled::octave(found.bound)
            };
            match self.pooled.iter_mut().find(same) {
                Some(known) => known.add(found),
                None => self.pooled.push(found.clone()),
            }
        }
        self.verdict = self.judged();
    }

    /// The verdict that follows from the counts.
    pub(super) fn judged(&self) -> Verdict {
        let tallies = Stage::ALL.map(|stage| tally(self.stages.get(stage)));
        let together = self.pooled.iter().any(PooledEntry::is_violated);
        verdict_of(tallies, together)
    }
}

/// The counts alone.
fn tally(stage: &StageEntry) -> Tally {
    Tally {
        checked: stage.checked,
        violated: stage.violated,
        undecided: stage.undecided,
        vacuous: stage.vacuous,
        inapplicable: stage.inapplicable,
        redrawn: stage.redrawn,
        ..Tally::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::tests::fails_at_size;
    use crate::campaign::{Campaign, Shard};
    use crate::claims::{find, registry};
    use crate::report::fixture::run;
    use crate::report::{from_json, to_json};
    use crate::theorem::Claim;

    const CAMPAIGN: Campaign = Campaign { seed: 5, cases: 20 };

    fn part(claims: &[&dyn Claim], shard: Shard) -> Report {
        let data = |claim: &dyn Claim| match shard.is_first() {
            true => vec![("itself".to_owned(), claim.sharp().remove(0))],
            false => Vec::new(),
        };
        let reports: Vec<_> = claims
            .iter()
            .map(|claim| {
                CAMPAIGN
                    .run_part(shard, *claim, &data(*claim), &|| ())
                    .unwrap()
            })
            .collect();
        let mut run = run();
        let known = claims.iter().filter(|claim| find(claim.id()).is_ok());
        run.selection = known.map(|claim| claim.id().to_owned()).collect();
        run.shard = (shard != Shard::WHOLE).then_some(shard);
        Report::new(run, &reports)
    }

    fn parts(claims: &[&dyn Claim], count: u32) -> Vec<(String, Report)> {
        (1..=count)
            .map(|index| {
                let shard: Shard = format!("{index}/{count}").parse().unwrap();
                // Through text, as between machines.
                let file = format!("{index}.json");
                let text = to_json(&part(claims, shard));
                let report = from_json(registry(), &file, &text).unwrap();
                (file, report)
            })
            .collect()
    }

    #[test]
    fn merged_parts_are_the_whole() {
        let failing = fails_at_size();
        let claims = [
            find("P3.local").unwrap(),
            find("R1.unbiased").unwrap(),
            &failing,
        ];
        let whole = part(&claims, Shard::WHOLE);
        assert_eq!(whole.outcome, Outcome::Failed);
        for count in [1, 3, 7] {
            let mut parts = parts(&claims, count);
            parts.reverse();
            assert_eq!(merge(parts).unwrap(), whole, "{count}");
        }
    }

    #[test]
    fn parts_of_different_instruction_sets_are_merged_and_said() {
        let mut parts = parts(&[find("K4.lipschitz").unwrap()], 2);
        parts[0].1.instruction_set = "x86_64-v4".to_owned();
        parts[1].1.instruction_set = "x86_64-v3".to_owned();
        let merged = merge(parts).unwrap();
        assert_eq!(merged.instruction_set, "x86_64-v3, x86_64-v4");
    }

    #[test]
    fn parts_of_different_runs_are_refused() {
        let claims = [find("K4.lipschitz").unwrap()];
        assert_eq!(merge(Vec::new()), Err(MergeError::Nothing));
        let three = parts(&claims, 3);
        let missing = merge(three[..2].to_vec()).unwrap_err();
        assert_eq!(
            missing,
            MergeError::Part {
                part: 3,
                count: 3,
                times: 0
            }
        );
        let mut twice = three.clone();
        twice.push(three[1].clone());
        assert_eq!(
            merge(twice).unwrap_err(),
            MergeError::Part {
                part: 2,
                count: 3,
                times: 2
            }
        );
        let mut other = three.clone();
        other[2] = parts(&claims, 2)[1].clone();
        let error = merge(other).unwrap_err();
        assert!(
            matches!(error, MergeError::Division { ref found, count: 3, .. } if found == "2/2")
        );
        for change in [
            |report: &mut Report| report.run.seed += 1,
            |report: &mut Report| report.version.push('x'),
            |report: &mut Report| report.claims.clear(),
            |report: &mut Report| report.claims[0].control.clear(),
            |report: &mut Report| report.claims[0].statement.push('!'),
        ] {
            let mut other = three.clone();
            change(&mut other[1].1);
            let error = merge(other).unwrap_err();
            assert!(matches!(error, MergeError::Different { ref file, .. } if file == "2.json"));
            assert!(error.to_string().contains("1.json"));
        }
    }
}
