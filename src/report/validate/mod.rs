//! What is asked of a report wherever it is read: as a baseline, as a part to merge, to resume from.
//!
//! A report is written by [`Report`] alone, so everything that the code guarantees of it can be asked back:
//! numbers in their ranges, sums that are sums, verdicts and outcomes that follow from the counts by the very functions
//! that compute them, and something to say wherever something was counted. What contradicts itself was edited or damaged,
//! and a gate must not believe it. Fields that this version does not know are left out.
//!
//! * [`Report::validate`], by [`from_json`](super::from_json): the report against itself;
//! * [`Report::require_registered`]: against the claims of this version, before its numbers become those of a new report.
//!
//! A number that nothing else in the report bears on (the margin of a random instance that is not the worst, the events of
//! a pooled count) cannot be checked without running the claim again. No verdict in the report and no comparison with a
//! baseline depends on one.

mod claim;
#[cfg(test)]
mod mutations;
mod registered;
mod stage;

use super::Report;
use crate::text::printable;
use crate::theorem::Registry;
use std::fmt::Display;

/// A report that contradicts itself, or what it claims to be the report of.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", printable(&self.words()))]
pub struct InvalidReport {
    /// The file.
    pub file: String,
    /// The claim's id, if it is about one.
    pub claim: Option<String>,
    /// The field, as a path of names.
    pub field: String,
    /// What is wrong with it.
    pub flaw: Box<Flaw>,
}

impl InvalidReport {
    fn words(&self) -> String {
        let Self {
            file,
            claim,
            field,
            flaw,
        } = self;
        let claim = claim.as_ref();
        let claim = claim.map_or_else(String::new, |id| format!("{id}: "));
        format!(
            "{file}: {claim}{field} {flaw}; write the file again with `polyak baseline write` or \
             `polyak verify --json`"
        )
    }
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Flaw {
    /// It is outside of what it can be.
    #[error("is {found}, not {allowed}")]
    Range {
        /// What it is.
        found: String,
        /// What it can be.
        allowed: String,
    },
    /// It is not there.
    #[error("is missing, although {because}")]
    Missing {
        /// Why it must be.
        because: String,
    },
    /// It is there.
    #[error("is {found}, although {because}")]
    Unfounded {
        /// What it is.
        found: String,
        /// Why it cannot be.
        because: String,
    },
    /// It does not follow from other fields, or from this version.
    #[error("is {found}, and {from} give {expected}")]
    Contradicts {
        /// What it is.
        found: String,
        /// What it follows from.
        from: &'static str,
        /// What they give.
        expected: String,
    },
    /// It is there more than once.
    #[error("is there twice: {found}")]
    Twice {
        /// What is.
        found: String,
    },
}

/// A field, and what is wrong with it.
#[derive(Debug, PartialEq)]
struct Wrong {
    claim: Option<String>,
    field: String,
    flaw: Flaw,
}

/// What a check says.
type Checked = Result<(), Wrong>;

impl Wrong {
    fn new(field: impl Into<String>, flaw: Flaw) -> Self {
        Self {
            claim: None,
            field: field.into(),
            flaw,
        }
    }

    fn range(field: impl Into<String>, found: impl Display, allowed: impl Into<String>) -> Self {
        let (found, allowed) = (found.to_string(), allowed.into());
        Self::new(field, Flaw::Range { found, allowed })
    }

    fn missing(field: impl Into<String>, because: impl Into<String>) -> Self {
        let because = because.into();
        Self::new(field, Flaw::Missing { because })
    }

    fn unfounded(
        field: impl Into<String>,
        found: impl Display,
        because: impl Into<String>,
    ) -> Self {
        let (found, because) = (found.to_string(), because.into());
        Self::new(field, Flaw::Unfounded { found, because })
    }

    fn contradicts(
        field: impl Into<String>,
        found: impl Display,
        from: &'static str,
        expected: impl Display,
    ) -> Self {
        let (found, expected) = (found.to_string(), expected.to_string());
        Self::new(
            field,
            Flaw::Contradicts {
                found,
                from,
                expected,
            },
        )
    }

    fn twice(field: impl Into<String>, found: impl Display) -> Self {
        let found = found.to_string();
        Self::new(field, Flaw::Twice { found })
    }

    /// The same of a field of the part of that name.
    fn within(self, part: impl Display) -> Self {
        Self {
            field: format!("{part}.{}", self.field),
            ..self
        }
    }

    fn of(self, claim: &str) -> Self {
        Self {
            claim: Some(claim.to_owned()),
            ..self
        }
    }

    fn named(self, file: &str) -> InvalidReport {
        InvalidReport {
            file: file.to_owned(),
            claim: self.claim,
            field: self.field,
            flaw: Box::new(self.flaw),
        }
    }
}

/// Names the second of two that are the same.
fn repeated<T: PartialEq>(all: impl Iterator<Item = T>) -> Option<T> {
    let mut seen = Vec::new();
    for one in all {
        if seen.contains(&one) {
            return Some(one);
        }
        seen.push(one);
    }
    None
}

impl Report {
    /// Tells whether this version of polyak wrote the report, so that its registry is the report's.
    fn is_of_this_version(&self) -> bool {
        self.version == env!("CARGO_PKG_VERSION")
    }

    /// Makes sure that the report does not contradict itself; `file` is named in errors.
    ///
    /// # Errors
    /// The first field that no run can have written.
    pub fn validate(&self, registry: &Registry, file: &str) -> Result<(), InvalidReport> {
        let checked = self
            .check_data()
            .and_then(|()| self.check_claims())
            .and_then(|()| self.check_selection(registry))
            .and_then(|()| self.check_outcome());
        checked.map_err(|wrong| wrong.named(file))
    }

    fn check_data(&self) -> Checked {
        let data = &self.run.data;
        for (field, found) in [
            ("data.samples", data.samples),
            ("data.inputs", data.inputs),
            ("data.targets", data.targets),
        ] {
            if found == 0 {
                return Err(Wrong::range(field, found, "at least 1"));
            }
        }
        if data.samples > data.max_samples {
            let most = format!("at most max_samples, {}", data.max_samples);
            return Err(Wrong::range("data.samples", data.samples, most));
        }
        Ok(())
    }

    fn check_claims(&self) -> Checked {
        for claim in &self.claims {
            let checked = claim.check(self.run.shard).and_then(|()| {
                if claim.seed == self.run.seed {
                    return Ok(());
                }
                let from = "the seed of the run is one for all claims, and the run";
                Err(Wrong::contradicts("seed", claim.seed, from, self.run.seed))
            });
            checked.map_err(|wrong| wrong.of(&claim.id))?;
        }
        match repeated(self.claims.iter().map(|claim| &claim.id)) {
            Some(id) => Err(Wrong::twice("claims.id", id)),
            None => Ok(()),
        }
    }

    /// The claims of a whole run are those that its selection selects, as far as this version knows them.
    fn check_selection(&self, registry: &Registry) -> Checked {
        if !self.is_of_this_version() {
            return Ok(());
        }
        let wanted = registry.select(&self.run.selection);
        let wanted = wanted.map_err(|unknown| {
            let known = "a family, a number or an id of this version";
            Wrong::range("selection", unknown.name, known)
        })?;
        let is_there = |id: &str| self.claims.iter().any(|claim| claim.id == id);
        if !self.unfinished
            && let Some(absent) = wanted.iter().find(|claim| !is_there(claim.id()))
        {
            let because = "the selection has it and the run is not `unfinished`";
            return Err(Wrong::missing("claims", because).of(absent.id()));
        }
        let known = self.claims.iter().filter_map(|claim| {
            let mut known = registry.iter();
            known.find(|known| known.id() == claim.id)
        });
        let mut rest = wanted.iter();
        for claim in known {
            // In the order of the theory, which `select` keeps.
            if !rest.any(|wanted| wanted.id() == claim.id()) {
                let because = "the selection does not have it, or not at this place";
                return Err(Wrong::unfounded("claims", "there", because).of(claim.id()));
            }
        }
        Ok(())
    }

    fn check_outcome(&self) -> Checked {
        if let Some(baseline) = &self.baseline {
            let changes = baseline.regressions.iter().chain(&baseline.notes);
            for allowance in changes.filter_map(|change| change.allowance) {
                if !(allowance >= 0.0) {
                    return Err(Wrong::range(
                        "baseline.regressions.allowance",
                        allowance,
                        "at least 0",
                    ));
                }
            }
        }
        let expected = self.judge();
        if self.outcome == expected {
            return Ok(());
        }
        let [found, expected] = [self.outcome, expected].map(|outcome| format!("{outcome:?}"));
        let [found, expected] = [found, expected].map(|name| name.to_lowercase());
        Err(Wrong::contradicts(
            "outcome",
            found,
            "the verdicts, the controls and the baseline",
            expected,
        ))
    }
}
