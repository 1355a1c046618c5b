//! Campaigns: one claim over many instances, in three stages.
//!
//! 1. *pinned*: the claim's sharp instances, the same whatever the seed, but for what
//!    statistical claims draw;
//! 2. *random*: instances drawn by the strategies of the claim's regime;
//! 3. *data*: instances built on a data set, given by the caller.
//!
//! Beside them run the claim's controls, which must be rejected. The result of
//! a campaign is a function of (code, seed, cases, data): every case has a
//! generator of its own, and the evidence is summed in the order of the cases,
//! whatever the number of threads.

#[cfg(feature = "serde")]
mod assertion;
#[cfg(feature = "serde")]
mod attack;
mod controls;
mod course;
mod effort;
mod outcome;
mod random;
#[cfg(feature = "serde")]
mod replay;
mod shard;
mod statement;

#[cfg(feature = "serde")]
pub use assertion::{assert_controlled, assert_holds};
#[cfg(feature = "serde")]
pub use attack::{Attack, AttackError, AttackReport, Worst};
pub use controls::{Controls, DroppedReport, controls};
pub use course::{BoundReport, CourseReport};
pub use effort::{Effort, UnknownEffort};
#[cfg(feature = "report")]
pub(crate) use outcome::verdict_of;
pub use outcome::{ClaimReport, Counterexample, Stage};
pub use random::SHRINK_STEPS;
#[cfg(feature = "serde")]
pub use replay::{ReplayError, pasted_test, replay, replay_claim, replay_in};
pub use shard::{Shard, UnknownShard};
pub use statement::StatementReport;

use crate::evidence::{Evidence, Finding, Tally, Verdict};
use crate::theorem::{Claim, Instance};
use crate::watch::{Stopped, Watch};
use rayon::prelude::*;

/// How a claim is tried.
///
/// # Example
/// ```
/// use polyak::campaign::Campaign;
/// use polyak::evidence::Verdict;
/// let claim = polyak::claims::find("K4.lipschitz")?;
/// let report = Campaign { seed: 7, cases: 16 }.run(claim, &[], &|| ());
/// assert_eq!(report.verdict(), Verdict::Holds);
/// assert_eq!(report.random.instances(), 16);
/// # Ok::<(), polyak::theorem::UnknownClaim>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// The seed of the random stage.
    pub seed: u64,
    /// Number of random instances.
    pub cases: u32,
}

impl Campaign {
    /// Runs a claim through its stages and controls. The first violation is
    /// kept as a counterexample, shrunk if it is a random one.
    ///
    /// # Arguments
    /// * `data`: labelled instances of the data stage, possibly none;
    /// * `tick`: called after every instance and every control, from any thread.
    ///
    /// # Cost
    /// About a millisecond a random case, shared among the threads of the
    /// current `rayon` pool; a shrink takes up to [`SHRINK_STEPS`] checks more, in order.
    pub fn run(
        &self,
        claim: &dyn Claim,
        data: &[(String, Instance)],
        tick: &(dyn Fn() + Sync),
    ) -> ClaimReport {
        self.run_part(Shard::WHOLE, claim, data, &|| tick())
            .expect("a function never stops a run")
    }

    /// Returns the units of work of [`run_part`](Self::run_part), all of which its `watch` hears of: one an
    /// instance of every stage, one a control.
    ///
    /// # Arguments
    /// * `data`: the number of instances of the data stage in this part.
    pub fn units(&self, shard: Shard, claim: &dyn Claim, data: usize) -> u64 {
        let pinned = match shard.is_first() {
            true => claim.sharp().len(),
            false => 0,
        };
        let random = self.random_cases(shard, claim).count();
        (pinned + random + data) as u64 + controls::units(claim)
    }

    /// The random cases of a part.
    fn random_cases(&self, shard: Shard, claim: &dyn Claim) -> impl Iterator<Item = usize> + use<> {
        (0..claim.cases(self.cases) as usize).filter(move |&case| shard.holds(case))
    }

    /// Runs a part of [`run`](Self::run): its share of the random cases, the controls, and, if it is the
    /// first part, the pinned stage. Every case is the same one whatever the number of parts.
    ///
    /// # Arguments
    /// * `data`: as for [`run`](Self::run); give them to the first part alone.
    /// * `watch`: hears of [`units`](Self::units); asked before every check.
    ///
    /// # Errors
    /// It was stopped before everything was checked.
    pub fn run_part(
        &self,
        shard: Shard,
        claim: &dyn Claim,
        data: &[(String, Instance)],
        watch: &dyn Watch,
    ) -> Result<ClaimReport, Stopped> {
        let stages = self.stages(shard, claim, data, watch)?;
        let controls = controls::watched(claim, self.seed, watch)?;
        Ok(ClaimReport { controls, ..stages })
    }

    /// Runs a claim as [`run_part`](Self::run_part) does, all of it, but takes from a run of the same claim on the same data what
    /// no seed decides: the data stage, and the controls that nothing drawn decides.
    ///
    /// The result is that of [`run_part`](Self::run_part), bit by bit.
    ///
    /// # Arguments
    /// * `earlier`: under whatever seed, with whatever cases.
    /// * `watch`: hears of [`units_again`](Self::units_again); asked before every check.
    ///
    /// # Errors
    /// It was stopped before everything was checked.
    pub fn run_again(
        &self,
        claim: &dyn Claim,
        earlier: &ClaimReport,
        watch: &dyn Watch,
    ) -> Result<ClaimReport, Stopped> {
        let mut stages = self.stages(Shard::WHOLE, claim, &[], watch)?;
        stages.data.clone_from(&earlier.data);
        let on_data = |found: &&CourseReport| found.stage == Stage::Data;
        let of_data = earlier.courses.iter().filter(on_data).cloned();
        stages.courses = course::preferred(of_data.collect(), stages.courses);
        if stages.counterexample.is_none() {
            let on_data = |found: &&Counterexample| found.stage == Stage::Data;
            stages.counterexample = earlier.counterexample.as_ref().filter(on_data).cloned();
        }
        let controls = controls::again(claim, self.seed, &earlier.controls, watch)?;
        Ok(ClaimReport { controls, ..stages })
    }

    /// Returns the units of work of [`run_again`](Self::run_again).
    pub fn units_again(&self, claim: &dyn Claim) -> u64 {
        self.units(Shard::WHOLE, claim, 0) - controls::units(claim) + controls::units_again(claim)
    }

    /// The stages of a part, without its controls.
    fn stages(
        &self,
        shard: Shard,
        claim: &dyn Claim,
        data: &[(String, Instance)],
        watch: &dyn Watch,
    ) -> Result<ClaimReport, Stopped> {
        let sharp = match shard.is_first() {
            true => claim.sharp(),
            false => Vec::new(),
        };
        let sharp = sharp
            .into_iter()
            .map(|instance| instance.with_seed(self.seed));
        let sharp: Vec<Instance> = sharp.collect();
        let findings = check(claim, &sharp.iter().collect::<Vec<_>>(), watch)?;
        let pinned: Vec<Evidence> = findings.iter().map(|found| claim.judge(found)).collect();
        let all = claim.cases(self.cases) as usize;
        let cases: Vec<usize> = self.random_cases(shard, claim).collect();
        let attempts = random::attempts(all);
        let (drawn, pool) = random::evaluate(claim, self.seed, &cases, attempts, watch)?;
        let mut random = Tally::default();
        for case in &drawn {
            random.add(&case.evidence);
            random.redrawn += case.drawn.attempt;
        }
        let instances: Vec<&Instance> = data.iter().map(|(_, instance)| instance).collect();
        let on_data = check(claim, &instances, watch)?;
        let courses = claim.about().courses;
        let names = data.iter().map(|(name, _)| name.clone());
        let courses = course::preferred(
            course::courses(courses, Stage::Data, names.zip(&on_data)),
            course::courses(courses, Stage::Pinned, outcome::numbered(&findings)),
        );
        let on_data: Vec<Evidence> = on_data.iter().map(|found| claim.judge(found)).collect();
        let violates = |case: &&random::Case| case.evidence.verdict == Verdict::Violated;
        let counterexample = if let Some((index, evidence)) = violated(&pinned) {
            Some(Counterexample::of_pinned(index, evidence))
        } else if let Some(found) = drawn.iter().find(violates) {
            Some(random::counterexample(
                claim,
                self.seed,
                found.drawn,
                watch,
            )?)
        } else {
            violated(&on_data)
                .map(|(index, evidence)| Counterexample::of_data(&data[index].0, evidence))
        };
        Ok(ClaimReport {
            id: claim.id(),
            family: claim.family(),
            statement: claim.about().statement,
            kind: claim.about().kind,
            seed: self.seed,
            pinned: tally(&pinned),
            random,
            data: tally(&on_data),
            pool,
            statements: statement::summarise(&findings),
            courses,
            controls: Controls::default(),
            sensitivities: Vec::new(),
            counterexample,
        })
    }
}

fn check(
    claim: &dyn Claim,
    instances: &[&Instance],
    watch: &dyn Watch,
) -> Result<Vec<Finding>, Stopped> {
    let check = |instance: &&Instance| {
        if watch.is_stopped() {
            return Err(Stopped);
        }
        let finding = claim.check(instance);
        watch.advance(1);
        Ok(finding)
    };
    instances.par_iter().map(check).collect()
}

fn violated(evidence: &[Evidence]) -> Option<(usize, &Evidence)> {
    let mut numbered = evidence.iter().enumerate();
    numbered.find(|(_, evidence)| evidence.verdict == Verdict::Violated)
}

fn tally(evidence: &[Evidence]) -> Tally {
    let mut tally = Tally::default();
    for one in evidence {
        tally.add(one);
    }
    tally
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::arithmetic::Ball;
    use crate::claims::{ResidualInstance, draws, find};
    use crate::evidence::Comparison;
    use crate::evidence::statistics::Frequency;
    use crate::theorem::{About, Theorem};
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

    /// The sharp instances of a claim about Paper A's network.
    fn residual(id: &str) -> Vec<ResidualInstance> {
        let sharp = find(id).unwrap().sharp();
        let residual = |instance: &Instance| instance.get().cloned().unwrap();
        sharp.iter().map(residual).collect()
    }

    /// A claim about any network of Paper A.
    pub(crate) fn of(
        about: About,
        check: fn(&ResidualInstance) -> Finding,
        sharp: fn() -> Vec<ResidualInstance>,
    ) -> Theorem<ResidualInstance> {
        let about = About {
            headline: None,
            ..about
        };
        Theorem::new(about, check, sharp, draws::GENERAL)
    }

    /// The same claim in other words; of Paper A's network.
    pub(crate) fn like(claim: &'static dyn Claim, about: About) -> Theorem<ResidualInstance> {
        let check = |instance: &ResidualInstance| claim.check(&instance.clone().into());
        let sharp = || {
            claim
                .sharp()
                .iter()
                .filter_map(|i| i.get().cloned())
                .collect()
        };
        Theorem::new(about, check, sharp, draws::GENERAL)
    }

    /// P4 with half the bound: false where the bound is nearly attained.
    fn halved_upper_bound(instance: &ResidualInstance) -> Finding {
        match find("P4.upper").unwrap().check(&instance.clone().into()) {
            Finding::Compared(comparisons) => {
                Finding::Compared(comparisons.iter().map(|c| c.strengthened(0.5)).collect())
            }
            other => other,
        }
    }

    /// A false claim: violated on its sharp instances and on some random ones.
    pub(crate) fn planted() -> Theorem<ResidualInstance> {
        let about = About {
            id: "P4.halved",
            ..*find("P4.upper").unwrap().about()
        };
        of(about, halved_upper_bound, || residual("P4.upper"))
    }

    /// Holds on sharp instances, which have at most 4 samples or so; false on
    /// random ones with at least `2` samples and `3` layers.
    fn fails_on_larger(instance: &ResidualInstance) -> Finding {
        let large = instance.samples() >= 2 && instance.network.depth() >= 3;
        let quantity = Ball::from(if large { 2.0 } else { 1.0 });
        let comparison = Comparison::at_most("small", quantity, Ball::from(1.0));
        Finding::Compared(vec![comparison])
    }

    /// A claim that fails from two samples and three layers on, and whose only
    /// sharp instance is smaller.
    pub(crate) fn fails_at_size() -> Theorem<ResidualInstance> {
        let about = About {
            id: "T1.size",
            ..*find("P4.upper").unwrap().about()
        };
        of(about, fails_on_larger, || residual("P7.hessian"))
    }

    /// An event of probability one half, held to 1 %: two draws an instance say nothing, a hundred instances do.
    fn too_often(instance: &ResidualInstance) -> Finding {
        let seen = Frequency {
            events: instance.inputs[0].to_bits() & 1,
            trials: 2,
        };
        let comparison = Comparison::rarer("P ≤ 1 %", seen, Ball::from(0.01));
        Finding::Compared(vec![comparison])
    }

    /// A false claim that no single instance violates.
    fn fails_together() -> Theorem<ResidualInstance> {
        let about = About {
            id: "T2.together",
            ..*find("P4.upper").unwrap().about()
        };
        of(about, too_often, || residual("P7.hessian"))
    }

    #[test]
    fn events_are_counted_over_all_random_instances() {
        let report = Campaign { seed: 3, cases: 64 }.run(&fails_together(), &[], &|| ());
        assert_eq!(report.total().violated, 0);
        let [pooled] = report.pool.counts() else {
            panic!("one statement, one bound");
        };
        assert_eq!(pooled.seen.trials, 128);
        assert_eq!(report.verdict(), Verdict::Violated);
        // Parts of the run count their own, and together the same.
        let parts = ["1/2", "2/2"].map(|part| {
            let shard = part.parse().unwrap();
            let campaign = Campaign { seed: 3, cases: 64 };
            let report = campaign.run_part(shard, &fails_together(), &[], &|| ());
            report.unwrap()
        });
        let events = |report: &ClaimReport| report.pool.counts()[0].seen.events;
        let sum: u64 = parts.iter().map(events).sum();
        assert_eq!(sum, pooled.seen.events);
    }

    fn in_pool<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(run)
    }

    #[test]
    fn the_result_does_not_depend_on_the_number_of_threads() {
        for id in ["K4.lipschitz", "P3.local", "P8.convergence"] {
            let claim = find(id).unwrap();
            let campaign = Campaign { seed: 3, cases: 24 };
            let data = [("itself".to_owned(), claim.sharp().remove(0))];
            let one = in_pool(1, || campaign.run(claim, &data, &|| ()));
            let two = in_pool(2, || campaign.run(claim, &data, &|| ()));
            assert_eq!(one, two, "{id}");
            assert_eq!(one, campaign.run(claim, &data, &|| ()), "{id}");
        }
    }

    #[test]
    fn another_seed_draws_other_instances() {
        let claim = find("P3.local").unwrap();
        let at = |seed| Campaign { seed, cases: 8 }.run(claim, &[], &|| ());
        let (one, other) = (at(1), at(2));
        assert_eq!(one.pinned, other.pinned);
        assert_eq!(one.statements, other.statements);
        assert_eq!(one.controls, other.controls);
        assert_ne!(one.random, other.random);
        assert_eq!((one.seed, other.seed), (1, 2));
    }

    #[test]
    fn every_instance_is_counted_in_its_stage_and_ticked() {
        let claim = find("K4.lipschitz").unwrap();
        let sharp = claim.sharp();
        let data = vec![("twice".to_owned(), sharp[0].clone()); 2];
        let ticks = AtomicUsize::new(0);
        let report = Campaign { seed: 0, cases: 5 }.run(claim, &data, &|| {
            ticks.fetch_add(1, Ordering::Relaxed);
        });
        let counts = Stage::ALL.map(|stage| report.tally(stage).instances());
        assert_eq!(counts, [sharp.len(), 5, 2]);
        assert_eq!(report.total().instances(), sharp.len() + 7);
        let controls = 1 + report.controls.dropped.len();
        assert_eq!(ticks.into_inner(), sharp.len() + 7 + controls);
        assert_eq!(report.counterexample, None);
    }

    /// Counts units, and stops the run after some.
    struct Impatient {
        seen: AtomicU64,
        patience: u64,
    }

    impl Impatient {
        fn of(patience: u64) -> Self {
            let seen = AtomicU64::new(0);
            Self { seen, patience }
        }

        fn seen(&self) -> u64 {
            self.seen.load(Ordering::Relaxed)
        }
    }

    impl Watch for Impatient {
        fn advance(&self, units: u64) {
            self.seen.fetch_add(units, Ordering::Relaxed);
        }

        fn is_stopped(&self) -> bool {
            self.seen() >= self.patience
        }
    }

    /// What no seed decides is taken from the run of another one, and nothing else is.
    #[test]
    fn a_run_under_another_seed_is_that_of_the_seed_alone() {
        let ids = [
            "P3.local",
            "R1.unbiased",
            "R3.union",
            "W2.coupling",
            "P8.allowance",
        ];
        for id in ids {
            let claim = find(id).unwrap();
            let data = vec![("itself".to_owned(), claim.sharp().remove(0)); 2];
            let at = |seed| Campaign { seed, cases: 4 };
            let earlier = at(1).run(claim, &data, &|| ());
            let alone = at(2).run(claim, &data, &|| ());
            let watch = Impatient::of(u64::MAX);
            let again = at(2).run_again(claim, &earlier, &watch).unwrap();
            assert_eq!(again, alone, "{id}");
            assert_eq!(watch.seen(), at(2).units_again(claim), "{id}");
            assert!(watch.seen() < at(2).units(Shard::WHOLE, claim, 2), "{id}");
        }
    }

    #[test]
    fn a_violation_on_data_is_that_of_every_seed() {
        let claim = fails_at_size();
        let large = find("P4.upper").unwrap().sharp().remove(0);
        let data = [("large".to_owned(), large)];
        let at = |seed| Campaign { seed, cases: 0 };
        let earlier = at(1).run(&claim, &data, &|| ());
        let again = at(2).run_again(&claim, &earlier, &|| ()).unwrap();
        assert_eq!(again, at(2).run(&claim, &data, &|| ()));
        assert_eq!(again.counterexample.unwrap().label, "large");
    }

    /// The units that are foretold are those that are heard of, whatever the claim, the part and the verdict.
    #[test]
    fn the_total_is_known_beforehand() {
        let campaign = Campaign { seed: 3, cases: 5 };
        let claims = ["K4.lipschitz", "P3.local", "K6.perturbation"].map(|id| find(id).unwrap());
        let false_ones: [&dyn Claim; 2] = [&planted(), &fails_at_size()];
        for claim in claims.into_iter().chain(false_ones) {
            let data = vec![("itself".to_owned(), claim.sharp().remove(0)); 2];
            for shard in ["1/1", "1/3", "2/3"].map(|part| part.parse::<Shard>().unwrap()) {
                let data = &data[..if shard.is_first() { 2 } else { 0 }];
                let watch = Impatient::of(u64::MAX);
                campaign.run_part(shard, claim, data, &watch).unwrap();
                let foretold = campaign.units(shard, claim, data.len());
                assert_eq!(watch.seen(), foretold, "{} {shard}", claim.id());
            }
        }
    }

    #[test]
    fn a_run_is_stopped_between_any_two_checks() {
        let campaign = Campaign { seed: 3, cases: 4 };
        let claim = find("P3.local").unwrap();
        let data = [("itself".to_owned(), claim.sharp().remove(0))];
        let total = campaign.units(Shard::WHOLE, claim, 1);
        for patience in 0..=total {
            let watch = Impatient::of(patience);
            let run = || campaign.run_part(Shard::WHOLE, claim, &data, &watch);
            let done = in_pool(1, run);
            assert_eq!(done.is_ok(), patience == total, "{patience} of {total}");
            assert_eq!(watch.seen(), patience);
        }
        // A shrink is a run of checks too.
        let claim = fails_at_size();
        let instances = campaign.units(Shard::WHOLE, &claim, 0) - controls::units(&claim);
        let campaign = Campaign { seed: 5, cases: 64 };
        let watch = Impatient::of(instances + 60);
        let done = campaign.run_part(Shard::WHOLE, &claim, &[], &watch);
        assert_eq!(done, Err(Stopped));
    }

    #[test]
    fn a_planted_false_claim_is_violated_where_it_is_sharp() {
        let claim = planted();
        let report = Campaign { seed: 0, cases: 4 }.run(&claim, &[], &|| ());
        assert_eq!(report.verdict(), Verdict::Violated);
        let found = report.counterexample.unwrap();
        assert_eq!((found.stage, found.spec), (Stage::Pinned, None));
        assert!(found.comparison.margin() < -found.comparison.tolerance());
    }

    #[test]
    fn a_violation_on_data_alone_names_the_instance() {
        let claim = fails_at_size();
        let large = find("P4.upper").unwrap().sharp().remove(0);
        let small = claim.sharp().remove(0);
        let data = [("small".to_owned(), small), ("large".to_owned(), large)];
        let report = Campaign { seed: 0, cases: 0 }.run(&claim, &data, &|| ());
        assert_eq!(report.verdict(), Verdict::Violated);
        let found = report.counterexample.unwrap();
        assert_eq!((found.stage, &*found.label), (Stage::Data, "large"));
        assert_eq!((report.data.checked, report.data.violated), (1, 1));
    }
}
