//! A theorem about one kind of object.

use super::claim::judge;
use super::hostile::Regime;
use super::{
    About, Claim, Control, DataPlan, Demand, Draws, Dropped, Hardened, HostileRegime, Instance,
    Planned, Subject,
};
use crate::data::Dataset;
use crate::evidence::Finding;
use crate::kernel::KernelSpec;
#[cfg(feature = "strategies")]
use proptest::strategy::{BoxedStrategy, Strategy};
use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

/// What is claimed of objects of one kind, its check, and what keeps the check honest.
pub struct Theorem<S: Subject> {
    /// What is claimed, in words.
    pub about: About,
    check: Check<S>,
    sharp: Arc<dyn Fn() -> Vec<S> + Send + Sync>,
    pinned: Vec<&'static str>,
    factors_seen_by: &'static [&'static str],
    draws: Draws<S>,
    data: Data,
    controls: Vec<Control<S>>,
    hostile: Vec<Regime<S>>,
}

type Check<S> = Arc<dyn Fn(&S) -> Finding + Send + Sync>;

/// The data stage: nothing is built before it is asked for.
type Data = Arc<dyn for<'a> Fn(&'a Dataset, KernelSpec, u64) -> Vec<Planned<'a>> + Send + Sync>;

impl<S: Subject> Theorem<S> {
    /// A theorem without data stage or controls of its own.
    ///
    /// # Arguments
    /// * `check`: compares what the theorem compares, on one object; it may capture parameters.
    /// * `sharp`: the objects on which every comparison is (nearly) attained, somewhere.
    /// * `draws`: the random ones.
    pub fn new(
        about: About,
        check: impl Fn(&S) -> Finding + Send + Sync + 'static,
        sharp: impl Fn() -> Vec<S> + Send + Sync + 'static,
        draws: Draws<S>,
    ) -> Self {
        Self {
            about,
            check: Arc::new(check),
            sharp: Arc::new(sharp),
            pinned: Vec::new(),
            factors_seen_by: &[],
            draws,
            data: Arc::new(|_, _, _| Vec::new()),
            controls: Vec::new(),
            hostile: Vec::new(),
        }
    }

    /// Adds sharp objects, each written as the JSON of its specification: what an attack finds is kept so. Without the
    /// feature `serde` they cannot be read, and are left out.
    ///
    /// # Panics
    /// When they are asked for, if one cannot be read or describes no object.
    #[must_use]
    pub fn pinned(mut self, specs: &[&'static str]) -> Self {
        self.pinned.extend(specs);
        self
    }

    /// Says that other claims have the same bounds, and see their factors at less cost: they are not tried here.
    #[must_use]
    pub const fn factors_seen_by(mut self, ids: &'static [&'static str]) -> Self {
        self.factors_seen_by = ids;
        self
    }

    /// Adds what the check must reject.
    #[must_use]
    pub fn control(mut self, control: Control<S>) -> Self {
        self.controls.push(control);
        self
    }

    /// Adds several.
    pub fn controls(mut self, controls: impl IntoIterator<Item = Control<S>>) -> Self {
        self.controls.extend(controls);
        self
    }

    /// Says what is to be said in hostile regimes, several of which may be alike.
    pub fn hostile(self, demands: &[(&[S::Regime], Demand)]) -> Self
    where
        S: Hardened,
    {
        self.hostile_as(demands, |_| ())
    }

    /// Says what is to be said in hostile regimes, of instances that are prepared for the theorem.
    pub fn hostile_as(
        mut self,
        demands: &[(&[S::Regime], Demand)],
        prepare: fn(&mut S::Spec),
    ) -> Self
    where
        S: Hardened,
    {
        #[cfg(not(feature = "strategies"))]
        let _ = prepare;
        for (regimes, demand) in demands {
            self.hostile.extend(regimes.iter().map(|&regime| Regime {
                name: format!("{regime:?}"),
                demand: *demand,
                #[cfg(feature = "strategies")]
                strategy: Arc::new(move || {
                    let prepared = move |mut spec| {
                        prepare(&mut spec);
                        spec
                    };
                    S::hostile(regime).prop_map(prepared).boxed()
                }),
                subject: std::marker::PhantomData,
            }));
        }
        self
    }

    /// Replaces the data stage.
    ///
    /// # Arguments
    /// * `plan`: the instances of a table under a kernel whose bandwidth is resolved on it, and a seed.
    pub fn data(
        mut self,
        plan: impl for<'a> Fn(&'a Dataset, KernelSpec, u64) -> Vec<Planned<'a>> + Send + Sync + 'static,
    ) -> Self {
        self.data = Arc::new(plan);
        self
    }

    /// Checks one object: inapplicable where a hypothesis fails that the object itself decides.
    pub fn checked(&self, subject: &S) -> Finding {
        let failing = subject.failing(self.about.hypotheses);
        if failing.is_empty() {
            return (self.check)(subject);
        }
        Finding::Inapplicable(failing.into_iter().map(str::to_owned).collect())
    }
}

impl<S: Subject> Claim for Theorem<S> {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> TypeId {
        TypeId::of::<S>()
    }

    fn check(&self, instance: &Instance) -> Finding {
        match instance.get() {
            Some(subject) => self.checked(subject),
            None => Finding::Inapplicable(vec![S::HYPOTHESIS.to_owned()]),
        }
    }

    fn sharp(&self) -> Vec<Instance> {
        let sharp = (self.sharp)().into_iter();
        #[cfg(feature = "serde")]
        let sharp = sharp.chain(self.pinned.iter().map(|json| {
            let spec = serde_json::from_str(json).unwrap_or_else(|error| {
                panic!(
                    "{}: a pinned specification cannot be read ({error})",
                    self.about.id
                )
            });
            S::build(&spec).unwrap_or_else(|error| {
                panic!(
                    "{}: a pinned specification describes nothing ({error})",
                    self.about.id
                )
            })
        }));
        sharp.map(Instance::from).collect()
    }

    fn cases(&self, cases: u32) -> u32 {
        self.draws.cases(cases)
    }

    fn draws(&self) -> &'static str {
        self.draws.words
    }

    #[cfg(feature = "strategies")]
    fn strategy(&self) -> BoxedStrategy<super::Spec> {
        self.draws.strategy().prop_map(super::Spec::of::<S>).boxed()
    }

    #[cfg(feature = "serde")]
    fn read(&self, json: &str) -> Result<super::Spec, serde_json::Error> {
        serde_json::from_str(json).map(super::Spec::of::<S>)
    }

    fn on_data<'a>(&'a self, data: &'a Dataset, kernel: KernelSpec, seed: u64) -> DataPlan<'a> {
        (self.data)(data, kernel, seed).into_iter().collect()
    }

    fn factors_seen_by(&self) -> &'static [&'static str] {
        self.factors_seen_by
    }

    fn dropped(&self) -> Vec<Dropped<'_>> {
        let strengthened = self.about.slack.is_some();
        let dropped = |control| {
            let judge = |finding: &Finding| judge(&self.about, finding);
            Dropped::new(
                control,
                judge,
                |subject: &S| self.checked(subject),
                strengthened,
            )
        };
        self.controls.iter().map(dropped).collect()
    }

    fn hostile(&self) -> Vec<HostileRegime> {
        let erased = |regime: &Regime<S>| HostileRegime {
            name: regime.name.clone(),
            demand: regime.demand,
            #[cfg(feature = "strategies")]
            strategy: (regime.strategy)().prop_map(super::Spec::of::<S>).boxed(),
        };
        self.hostile.iter().map(erased).collect()
    }
}

impl<S: Subject> Clone for Theorem<S> {
    fn clone(&self) -> Self {
        Self {
            about: self.about,
            check: Arc::clone(&self.check),
            sharp: Arc::clone(&self.sharp),
            pinned: self.pinned.clone(),
            factors_seen_by: self.factors_seen_by,
            draws: self.draws,
            data: Arc::clone(&self.data),
            controls: self.controls.clone(),
            hostile: self.hostile.clone(),
        }
    }
}

impl<S: Subject> fmt::Debug for Theorem<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Theorem")
            .field("about", &self.about)
            .field("draws", &self.draws)
            .field("controls", &self.controls)
            .finish_non_exhaustive()
    }
}
