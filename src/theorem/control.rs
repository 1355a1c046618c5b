//! What a check must reject.

use super::{BuildError, Subject};
use crate::evidence::{Comparison, Evidence, Finding, Verdict};
use std::fmt;
use std::sync::Arc;

/// What a check must say when a hypothesis is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// The constant is not certainly positive: the inequality says nothing.
    Vacuous,
    /// The check names this hypothesis as failing.
    Inapplicable(&'static str),
    /// What is drawn, or what is claimed of it, is wrong, and the test says so; of a statistical claim, of every
    /// statement that the control is about.
    Violated,
}

/// An instance that breaks a hypothesis, a wrong sampler or a wrong bound, and what the check must say of it.
pub struct Control<S: Subject> {
    /// What is wrong.
    pub name: &'static str,
    /// What the check must say.
    pub expected: Expectation,
    broken: Broken<S>,
    missed: Option<Power>,
}

/// A bound of the probability that a fresh seed would not see the control rejected, from what was found.
type Power = Arc<dyn Fn(&Finding) -> f64 + Send + Sync>;

type Build<S> = Arc<dyn Fn() -> Result<S, BuildError> + Send + Sync>;

type WrongCheck<S> = Arc<dyn Fn(&S) -> Finding + Send + Sync>;

/// What the check is given.
enum Broken<S: Subject> {
    /// An instance on which the claim's own check must notice.
    Instance(Build<S>),
    /// A wrong check, on an instance where every hypothesis holds.
    Check(Build<S>, WrongCheck<S>),
    /// Something that no instance has: what the check of the claim found.
    Found(Arc<dyn Fn() -> Finding + Send + Sync>),
}

impl<S: Subject> Control<S> {
    fn of(name: &'static str, expected: Expectation, broken: Broken<S>) -> Self {
        Self {
            name,
            expected,
            broken,
            missed: None,
        }
    }

    /// The claim's check, on an instance that breaks a hypothesis.
    pub fn instance(
        name: &'static str,
        expected: Expectation,
        build: impl Fn() -> S + Send + Sync + 'static,
    ) -> Self {
        Self::of(
            name,
            expected,
            Broken::Instance(Arc::new(move || Ok(build()))),
        )
    }

    /// The claim's check, on the instance of a specification that breaks a hypothesis.
    pub fn spec(
        name: &'static str,
        expected: Expectation,
        spec: impl Fn() -> S::Spec + Send + Sync + 'static,
    ) -> Self {
        let build = move || S::build(&spec());
        Self::of(name, expected, Broken::Instance(Arc::new(build)))
    }

    /// A wrong check, sampler or bound, on an instance where every hypothesis holds.
    pub fn check(
        name: &'static str,
        expected: Expectation,
        build: impl Fn() -> S + Send + Sync + 'static,
        check: impl Fn(&S) -> Finding + Send + Sync + 'static,
    ) -> Self {
        let build: Build<S> = Arc::new(move || Ok(build()));
        Self::of(name, expected, Broken::Check(build, Arc::new(check)))
    }

    /// What the claim's check finds of something that no instance has.
    pub fn found(
        name: &'static str,
        expected: Expectation,
        found: impl Fn() -> Finding + Send + Sync + 'static,
    ) -> Self {
        Self::of(name, expected, Broken::Found(Arc::new(found)))
    }

    /// Says how likely another seed is not to see it rejected, as a function of what was found: needed where what is
    /// drawn decides.
    pub fn missed(mut self, missed: impl Fn(&Finding) -> f64 + Send + Sync + 'static) -> Self {
        self.missed = Some(Arc::new(missed));
        self
    }

    /// What is found under a seed: with `check` on the instance, unless the check itself is wrong. Whether it is the
    /// claim's own check comes with it.
    pub(super) fn finding(&self, check: &dyn Fn(&S) -> Finding, seed: u64) -> (Finding, bool) {
        let built = |build: &Build<S>| {
            let mut instance = build().expect("controls are well-formed");
            instance.reseed(seed);
            instance
        };
        match &self.broken {
            Broken::Instance(build) => (check(&built(build)), true),
            Broken::Check(build, wrong) => (wrong(&built(build)), false),
            Broken::Found(found) => (found(), false),
        }
    }
}

impl<S: Subject> Clone for Control<S> {
    fn clone(&self) -> Self {
        let broken = match &self.broken {
            Broken::Instance(build) => Broken::Instance(Arc::clone(build)),
            Broken::Check(build, check) => Broken::Check(Arc::clone(build), Arc::clone(check)),
            Broken::Found(found) => Broken::Found(Arc::clone(found)),
        };
        Self {
            broken,
            missed: self.missed.clone(),
            ..*self
        }
    }
}

impl<S: Subject> fmt::Debug for Control<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.name, self.expected)
    }
}

/// What a control saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What was found, before it was judged.
    pub finding: Finding,
    /// What the check says of the instance.
    pub evidence: Evidence,
    /// Whether that is what it must say.
    pub rejected: bool,
    /// A bound of the probability that a fresh seed would not see it rejected; `None` where nothing that is drawn
    /// decides.
    pub missed: Option<f64>,
}

/// A [`Control`] of a claim, whatever its subject.
pub struct Dropped<'a> {
    /// What is wrong with the instance.
    pub name: &'static str,
    /// What the check must say.
    pub expected: Expectation,
    /// Whether a law of what is drawn says how often it is rejected.
    pub has_power: bool,
    run: Box<dyn Fn(u64) -> Seen + Send + Sync + 'a>,
}

impl<'a> Dropped<'a> {
    pub(super) fn new<S: Subject>(
        control: &'a Control<S>,
        judge: impl Fn(&Finding) -> Evidence + Send + Sync + 'a,
        check: impl Fn(&S) -> Finding + Send + Sync + 'a,
        strengthened: bool,
    ) -> Self {
        let expected = control.expected;
        let run = move |seed: u64| {
            let (finding, own) = control.finding(&check, seed);
            let evidence = if own {
                judge(&finding)
            } else {
                finding.judge()
            };
            Seen {
                rejected: is_rejected(expected, &finding, &evidence, strengthened),
                missed: control
                    .missed
                    .as_ref()
                    .map(|missed| missed(&finding).min(1.0)),
                evidence,
                finding,
            }
        };
        Self {
            name: control.name,
            expected,
            has_power: control.missed.is_some(),
            run: Box::new(run),
        }
    }

    /// Checks the instance.
    ///
    /// # Arguments
    /// * `seed`: of what statistical checks draw.
    #[must_use]
    pub fn run(&self, seed: u64) -> Seen {
        (self.run)(seed)
    }
}

impl fmt::Debug for Dropped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.name, self.expected)
    }
}

/// Whether what was found is what must be said. Where bounds are strengthened one by one a single violated statement
/// will do; else all of them must be.
fn is_rejected(
    expected: Expectation,
    finding: &Finding,
    evidence: &Evidence,
    strengthened: bool,
) -> bool {
    match expected {
        Expectation::Vacuous => evidence.verdict == Verdict::Vacuous,
        Expectation::Violated if strengthened => evidence.verdict == Verdict::Violated,
        Expectation::Violated => {
            let fails = |comparison: &Comparison| comparison.verdict() == Verdict::Violated;
            !finding.statements().is_empty() && finding.surviving(fails).is_empty()
        }
        Expectation::Inapplicable(hypothesis) => {
            let named = |reason: &String| reason.starts_with(hypothesis);
            evidence.verdict == Verdict::Inapplicable && evidence.reasons.iter().any(named)
        }
    }
}
