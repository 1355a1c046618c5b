//! What a theorem is checked on when there are data.

use super::{BuildError, Instance};

/// An instance and what it is in words, or why there is none.
pub type Labelled = Result<(String, Instance), BuildError>;

/// One instance that is not built yet.
pub struct Planned<'a> {
    build: Box<dyn FnOnce() -> Labelled + 'a>,
    work: f64,
    bytes: f64,
    note: Option<String>,
}

impl<'a> Planned<'a> {
    /// An instance whose cost does not grow with the data.
    pub fn new<I: Into<Instance>, E: Into<BuildError>>(
        build: impl FnOnce() -> Result<(String, I), E> + 'a,
    ) -> Self {
        let build = move || {
            let (label, instance) = build().map_err(Into::into)?;
            Ok((label, instance.into()))
        };
        Self {
            build: Box::new(build),
            work: 0.0,
            bytes: 0.0,
            note: None,
        }
    }

    /// Says about how many multiplications building and checking it takes, and how many bytes, where they grow with the
    /// data.
    #[must_use]
    pub fn costing(self, work: f64, bytes: f64) -> Self {
        Self {
            work,
            bytes,
            ..self
        }
    }

    /// Says what is left out of the data, in words.
    #[must_use]
    pub fn leaving_out(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }
}

/// The data stage of a claim, before anything of it is built.
///
/// # Example
/// ```
/// let data = polyak::data::digits().subsample(30, 0)?;
/// let claim = polyak::claims::find("P8.convergence")?;
/// let plan = claim.on_data(&data, "gaussian:1".parse()?, 0);
/// assert_eq!(plan.instances(), 1);
/// assert!(plan.work() > 1e9 && plan.notes().next().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct DataPlan<'a>(Vec<Planned<'a>>);

impl<'a> DataPlan<'a> {
    /// Returns the number of instances.
    #[must_use]
    pub fn instances(&self) -> usize {
        self.0.len()
    }

    /// Returns about how many multiplications the instances that grow with the data take, built and checked: an
    /// estimate from their shapes.
    #[must_use]
    pub fn work(&self) -> f64 {
        self.0.iter().map(|planned| planned.work).sum()
    }

    /// Returns about how many bytes the largest of them takes, likewise.
    pub fn bytes(&self) -> f64 {
        let bytes = self.0.iter().map(|planned| planned.bytes);
        bytes.fold(0.0, f64::max)
    }

    /// Returns what is left out of the data, in words.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|planned| planned.note.as_deref())
    }

    /// Builds the instances, with a label each.
    ///
    /// # Errors
    /// Data that are refused.
    pub fn build(self) -> Result<Vec<(String, Instance)>, BuildError> {
        let build = |planned: Planned| (planned.build)();
        self.0.into_iter().map(build).collect()
    }
}

impl<'a> FromIterator<Planned<'a>> for DataPlan<'a> {
    fn from_iter<T: IntoIterator<Item = Planned<'a>>>(planned: T) -> Self {
        Self(planned.into_iter().collect())
    }
}
