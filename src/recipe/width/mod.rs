//! How many random features a kernel needs at points, promised and by trial.
//!
//! A model of `m` frequencies is good enough if it keeps the share `1 − ε` of `λ_min(K)`. [`WidthStudy::promised`] returns the
//! widths from which on a model is lost with a probability of at most `τ`, by every bound of
//! [`WidthBound`]; [`WidthStudy::observe`] draws models of one width and counts, and
//! [`WidthStudy::search`] looks for the smallest width at which no larger a share is lost.

mod trial;

pub use trial::ExpressivityTrial;

use crate::arithmetic::Ball;
use crate::bounds::random_features::{Expressivity, WidthBound};
use crate::evidence::statistics::{Decision, Frequency, Sequential};
use crate::features::FeaturesError;
use crate::kernel::KernelSpec;
use crate::spectrum::SpectrumError;
use crate::spectrum::certificate::{
    Budget, CertificateError, CertificateObserver, CertificateOptions, CertificateSubject, End,
    Endpoint, certify, decimal_above, decimal_below,
};
use crate::text::count;
use crate::watch::{Stop, Watch};
use nalgebra::DMatrix;
use std::fmt;

/// The intervals of empirical probabilities miss them with this probability.
const MISS: f64 = 0.01;

/// The error probabilities of each step of the search.
const SEARCH_ERROR: f64 = 1e-3;

/// The seed of the models that are drawn at the width found, less that of those that found it.
const OTHERS: u64 = 1 << 63;

/// Models drawn of a width, if nothing is said and they are not too wide.
const MODELS: u32 = 200;

/// Multiplications spent on the models of one width, if nothing is said: half a minute or so on two cores.
const BUDGET: f64 = 4e11;

/// Fewer models say nothing of a small probability, and are not drawn.
const FEWEST: f64 = 10.0;

/// A cosine and a normal variate, in multiplications.
const ELEMENTARY: f64 = 32.0;

/// What is asked of a width.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct WidthOptions {
    /// `ε`: the share of `λ_min(K)` that may be lost, between 0 and 1.
    pub epsilon: f64,
    /// `τ`: the probability that more is lost, between 0 and 1.
    pub failure: f64,
    /// Models drawn of a width; without a number 200, or as many as half a minute or so allows.
    pub models: Option<u32>,
    /// The seed of the models.
    pub seed: u64,
}

impl Default for WidthOptions {
    /// Half of `λ_min(K)`, but with probability 1e-3; seed 0.
    fn default() -> Self {
        Self {
            epsilon: 0.5,
            failure: 1e-3,
            models: None,
            seed: 0,
        }
    }
}

impl WidthOptions {
    setters! {
        with_epsilon, epsilon: f64;
        with_failure, failure: f64;
        with_models, models: impl Into<Option<u32>>;
        with_seed, seed: u64;
    }
}

/// What was drawn at one width.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ObservedWidth {
    /// The number of frequencies.
    pub frequencies: u64,
    /// Models that lost more than the share, among those that were drawn.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub lost: Frequency,
    /// Clopper and Pearson's interval of the probability, at 99 %.
    pub interval: (f64, f64),
}

impl fmt::Display for ObservedWidth {
    /// The width, the count, and the interval rounded outwards.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.interval;
        let (low, high) = (decimal_below(low, 3), decimal_above(high, 3));
        let (width, lost) = (self.frequencies, self.lost);
        write!(
            f,
            "width of {width}: {} of {} lose more, a probability in [{low}, {high}] (99 %)",
            lost.events,
            count(lost.trials, "model")
        )
    }
}

/// Models of one width that are about to be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawing {
    /// How many there are at most: the units that a watch hears of.
    pub models: u32,
    /// The number of frequencies of each.
    pub frequencies: u64,
    /// Multiplications of all of them, estimated from the sizes.
    pub work: f64,
    /// Whether it is a step of a search, which may need fewer.
    pub searching: bool,
}

/// A kernel at points, and what is asked of the random features that replace it.
///
/// # Example
/// ```
/// use polyak::bounds::random_features::WidthBound;
/// use polyak::recipe::width::{WidthOptions, WidthStudy};
/// use polyak::watch::Stop;
/// let points = nalgebra::dmatrix![0.0, 1.0, 2.0];
/// let kernel = "gaussian:0.5".parse()?;
/// let options = WidthOptions::default().with_failure(0.01).with_models(400);
/// let study = WidthStudy::try_new(&kernel, &points, options)?;
/// let promised = study.promised(WidthBound::Chernoff)?.expect("a positive eigenvalue");
/// // The token ends what another thread does; here nobody asks it to.
/// let stop = Stop::default();
/// let found = study.search(promised, |_| stop.clone())?.expect("cheap models");
/// assert!(found.frequencies < promised);
/// // One frequency spans two dimensions, three points need more.
/// assert!(found.frequencies > 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct WidthStudy<'a> {
    kernel: &'a KernelSpec,
    points: &'a DMatrix<f64>,
    options: WidthOptions,
    expressivity: Expressivity,
}

impl<'a> WidthStudy<'a> {
    /// Encloses what the bounds are made of.
    ///
    /// # Arguments
    /// * `points`: q × N.
    ///
    /// # Errors
    /// Those of [`Expressivity::try_new`].
    ///
    /// # Panics
    /// If `epsilon` or `failure` is not between 0 and 1.
    ///
    /// # Cost
    /// That of the eigenvalues of the Gram matrix.
    pub fn try_new(
        kernel: &'a KernelSpec,
        points: &'a DMatrix<f64>,
        options: WidthOptions,
    ) -> Result<Self, SpectrumError> {
        for (what, share) in [("ε", options.epsilon), ("τ", options.failure)] {
            assert!(
                0.0 < share && share < 1.0,
                "{what} is {share}, not in (0, 1)"
            );
        }
        Ok(Self {
            kernel,
            points,
            options,
            expressivity: Expressivity::try_new(kernel, points)?,
        })
    }

    /// Returns what is known of `λ_min(K)` without a certificate.
    #[must_use]
    pub fn first_enclosure(&self) -> Ball {
        self.expressivity.smallest()
    }

    /// Returns the width that a bound promises; nothing, if it has no positive rate or the width no f64.
    ///
    /// # Errors
    /// Those of [`Expressivity::tail`].
    pub fn promised(&self, bound: WidthBound) -> Result<Option<u64>, SpectrumError> {
        let tail = self.expressivity.tail(bound, self.options.epsilon)?;
        Ok(tail.width(self.options.failure))
    }

    /// Encloses `λ_min(K)`: by a certificate; in f64 alone where that does not tell its sign, since no width is finite
    /// there, and of a kernel that has no certificate by what the bounds are made of.
    ///
    /// # Errors
    /// Those of [`certify_smallest`](crate::spectrum::certificate::certify_smallest) otherwise.
    pub fn smallest(&self) -> Result<[Endpoint; 2], CertificateError> {
        self.smallest_watched(&|_| (), &Stop::default())
    }

    /// The same, shown step by step, and ended with what is known where it is not wanted any more.
    ///
    /// # Arguments
    /// As of [`certify`].
    ///
    /// # Errors
    /// Those of [`smallest`](Self::smallest).
    pub fn smallest_watched(
        &self,
        observer: &CertificateObserver<'_>,
        watch: &dyn Watch,
    ) -> Result<[Endpoint; 2], CertificateError> {
        let certify = |max_bits: usize| {
            let budget = Budget::default().with_max_bits(max_bits);
            let wanted = CertificateOptions::default().with_budget(budget);
            let kernel = self.kernel.into();
            let subject = CertificateSubject::Points(&kernel, self.points.as_view());
            certify(subject, End::Smallest, &wanted, observer, watch)
        };
        let found = certify(0).and_then(|found| {
            if found.is_positive() && !found.reached {
                certify(Budget::default().max_bits)
            } else {
                Ok(found)
            }
        });
        match found {
            Ok(found) => Ok([found.lo, found.hi]),
            Err(CertificateError::NotCertifiable { .. }) => {
                let smallest = self.expressivity.smallest();
                // Where no rounding is known: a positive semi-definite matrix with ones on its diagonal.
                let known = match smallest.is_bounded() {
                    true => [smallest.lower(), smallest.upper()],
                    false => [0.0, 1.0],
                };
                Ok(known.map(Endpoint::from))
            }
            Err(cause) => Err(cause),
        }
    }

    /// Returns the trial whose models are lost where they keep less than the share of `λ_min(K)`.
    #[must_use]
    pub fn trial(&self) -> ExpressivityTrial<'a> {
        ExpressivityTrial {
            kernel: self.kernel.as_kernel(),
            points: self.points,
            threshold: (1.0 - self.options.epsilon) * self.expressivity.smallest().lower(),
            seed: self.options.seed,
        }
    }

    /// Returns how many models of a width are drawn at most; none, where too few would be.
    #[must_use]
    pub fn affordable(&self, frequencies: u64) -> u32 {
        if let Some(models) = self.options.models {
            return models;
        }
        let affordable = BUDGET / self.work(frequencies);
        if affordable < FEWEST {
            return 0;
        }
        affordable.min(f64::from(MODELS)) as u32
    }

    /// Multiplications of one model of a width.
    fn work(&self, frequencies: u64) -> f64 {
        let [samples, dimension, frequencies] = [
            self.points.ncols() as f64,
            self.points.nrows() as f64,
            frequencies as f64,
        ];
        // The Gram matrix and its eigenvalues; phases, cosines and sines; the frequencies.
        samples * samples * (2.0 * frequencies + samples / 3.0)
            + samples * frequencies * (dimension + 2.0 * ELEMENTARY)
            + frequencies * dimension * ELEMENTARY
    }

    /// Draws as many models of a width as are [`affordable`](Self::affordable), and counts those that are lost; nothing,
    /// if these are none, or the run was stopped before the first.
    ///
    /// # Arguments
    /// * `begin`: called before models are drawn, returns who watches them.
    ///
    /// # Errors
    /// Those of [`ExpressivityTrial::lost`].
    pub fn observe<W: Watch>(
        &self,
        frequencies: u64,
        begin: impl FnOnce(&Drawing) -> W,
    ) -> Result<Option<ObservedWidth>, FeaturesError> {
        self.observe_by(&self.trial(), frequencies, begin)
    }

    fn observe_by<W: Watch>(
        &self,
        trial: &ExpressivityTrial<'_>,
        frequencies: u64,
        begin: impl FnOnce(&Drawing) -> W,
    ) -> Result<Option<ObservedWidth>, FeaturesError> {
        let drawing = self.drawing(frequencies, false);
        if drawing.models == 0 {
            return Ok(None);
        }
        let watch = begin(&drawing);
        let lost = trial.lost(frequencies, drawing.models, &watch)?;
        if lost.trials == 0 {
            return Ok(None);
        }
        Ok(Some(ObservedWidth {
            frequencies,
            interval: lost.interval(MISS),
            lost,
        }))
    }

    fn drawing(&self, frequencies: u64, searching: bool) -> Drawing {
        let models = self.affordable(frequencies);
        Drawing {
            models,
            frequencies,
            work: f64::from(models) * self.work(frequencies),
            searching,
        }
    }

    /// Finds the smallest width, to one part in twenty, at which no larger a share of the models is lost than may be;
    /// and what becomes of other models there: those that chose it would flatter it.
    ///
    /// # Arguments
    /// * `promised`: no wider models are looked at;
    /// * `begin`: called before the models of every width are drawn, returns who watches them.
    ///
    /// # Returns
    /// Nothing, if the width is larger than what is affordable, or the search was stopped.
    ///
    /// # Errors
    /// Those of [`ExpressivityTrial::lost`].
    pub fn search<W: Watch>(
        &self,
        promised: u64,
        mut begin: impl FnMut(&Drawing) -> W,
    ) -> Result<Option<ObservedWidth>, FeaturesError> {
        // Fewer than N/2 frequencies span less than N dimensions.
        let mut below = (self.points.ncols() as u64 - 1) / 2;
        let mut found = loop {
            let wider = 2 * below.max(1);
            if wider >= promised {
                break promised;
            }
            if self.affordable(wider) == 0 {
                return Ok(None);
            }
            match self.suffices(wider, &mut begin)? {
                None => return Ok(None),
                Some(true) => break wider,
                Some(false) => below = wider,
            }
        };
        while found - below > found.div_ceil(20) {
            let middle = below + (found - below) / 2;
            match self.suffices(middle, &mut begin)? {
                None => return Ok(None),
                Some(true) => found = middle,
                Some(false) => below = middle,
            }
        }
        let trial = self.trial();
        let others = ExpressivityTrial {
            seed: trial.seed.wrapping_add(OTHERS),
            ..trial
        };
        self.observe_by(&others, found, begin)
    }

    /// Tells whether models of a width are lost rarely enough: by a test that stops as soon as it knows, or by
    /// their share among all the models that may be drawn. Nothing, if it was stopped.
    fn suffices<W: Watch>(
        &self,
        frequencies: u64,
        begin: impl FnOnce(&Drawing) -> W,
    ) -> Result<Option<bool>, FeaturesError> {
        let failure = self.options.failure;
        let test = Sequential::new(
            failure,
            (2.0 * failure).min(0.5 + 0.5 * failure),
            SEARCH_ERROR,
            SEARCH_ERROR,
        );
        let drawing = self.drawing(frequencies, true);
        let watch = begin(&drawing);
        let test = self
            .trial()
            .decide(frequencies, drawing.models, test, &watch)?;
        let decision = match test.decision() {
            Decision::Accepted => true,
            Decision::Rejected => false,
            Decision::Undecided if watch.is_stopped() => return Ok(None),
            Decision::Undecided => test.seen().share() <= failure,
        };
        Ok(Some(decision))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Stop;
    use std::sync::atomic::{AtomicU64, Ordering};

    fn points() -> DMatrix<f64> {
        nalgebra::dmatrix![0.0, 0.7, 1.5, -1.0; 0.2, 0.0, 0.4, 0.9]
    }

    fn options() -> WidthOptions {
        WidthOptions::default()
            .with_failure(0.02)
            .with_models(600)
            .with_seed(5)
    }

    /// Counts models of every width.
    struct Count<'a>(&'a AtomicU64);

    impl Watch for Count<'_> {
        fn advance(&self, units: u64) {
            self.0.fetch_add(units, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_width_found_suffices_and_a_smaller_one_does_not() {
        let (kernel, points) = ("gaussian:0.5".parse().unwrap(), points());
        let study = WidthStudy::try_new(&kernel, &points, options()).unwrap();
        let promised = study.promised(WidthBound::Chernoff).unwrap().unwrap();
        let (drawn, mut widths) = (AtomicU64::new(0), Vec::new());
        let begin = |drawing: &Drawing| {
            assert_eq!(drawing.models, 600);
            widths.push((drawing.frequencies, drawing.searching));
            Count(&drawn)
        };
        let found = study.search(promised, begin).unwrap().unwrap();
        // From half the points on, doubled until a width suffices, and halved in between.
        assert_eq!(widths[0], (2, true));
        assert_eq!(widths.last(), Some(&(found.frequencies, false)));
        assert!(
            widths.len() > 4 && found.frequencies < promised,
            "{found:?}"
        );
        // The last models are all drawn, and counted.
        assert_eq!(found.lost.trials, 600);
        assert!(drawn.load(Ordering::Relaxed) > 600);
        assert!(found.interval.0 < 0.02, "{found:?}");
        let half = study
            .trial()
            .lost(found.frequencies / 2, 600, &|| ())
            .unwrap();
        assert!(half.share() > 0.02, "{half:?}");
        // What is observed at a width are the models of the seed itself.
        let observed = study.observe(found.frequencies, |_| Stop::default());
        let expected = study.trial().lost(found.frequencies, 600, &|| ()).unwrap();
        assert_eq!(observed.unwrap().unwrap().lost, expected);
    }

    #[test]
    fn a_token_ends_the_search() {
        let (kernel, points) = ("gaussian:0.5".parse().unwrap(), points());
        let study = WidthStudy::try_new(&kernel, &points, options()).unwrap();
        let stop = Stop::default();
        let mut begun = 0;
        let found = study.search(1 << 20, |_| {
            begun += 1;
            if begun == 3 {
                stop.request();
            }
            stop.clone()
        });
        assert_eq!((found, begun), (Ok(None), 3));
        assert_eq!(study.observe(50, |_| stop.clone()), Ok(None));
    }

    #[test]
    fn models_that_are_too_wide_are_not_drawn() {
        let (kernel, points) = ("gaussian:0.5".parse().unwrap(), points());
        let all = WidthOptions::default();
        let study = WidthStudy::try_new(&kernel, &points, all).unwrap();
        assert_eq!(study.affordable(1000), 200);
        assert_eq!(study.affordable(1 << 40), 0);
        let drawn = study.observe(1 << 40, |_| -> Stop { unreachable!("nothing is drawn") });
        assert_eq!(drawn, Ok(None));
        let none = WidthStudy::try_new(&kernel, &points, all.with_models(0)).unwrap();
        let drawn = none.search(1000, |_| -> Stop { unreachable!("nothing is drawn") });
        assert_eq!(drawn, Ok(None));
    }

    /// A power without a proved evaluation, and distances whose rounding nobody knows.
    #[test]
    fn the_smallest_eigenvalue_is_bounded_where_nothing_is_proved() {
        let points = nalgebra::dmatrix![1e182, 0.0];
        let kernel = "imq(0.3):2".parse().unwrap();
        let study = WidthStudy::try_new(&kernel, &points, options()).unwrap();
        assert_eq!(study.smallest(), Ok([0.0.into(), 1.0.into()]));
    }

    #[test]
    fn the_smallest_eigenvalue_is_that_of_the_certificate() {
        let (kernel, points) = ("gaussian:0.5".parse().unwrap(), points());
        let study = WidthStudy::try_new(&kernel, &points, options()).unwrap();
        let gram = crate::gram::kernel_gram(&kernel, &points);
        let known = crate::spectrum::smallest_eigenvalue(&gram).unwrap();
        let [lo, hi] = study.smallest().unwrap();
        assert!(lo <= (known.hi + 1e-12).into() && hi >= (known.lo - 1e-12).into() && lo <= hi);
        let threshold = study.trial().threshold;
        assert!((threshold / (0.5 * known.lo) - 1.0).abs() < 1e-9);
    }

    #[test]
    #[should_panic(expected = "τ is 1, not in (0, 1)")]
    fn a_certain_failure_is_refused() {
        let (kernel, points) = ("gaussian:0.5".parse().unwrap(), points());
        let _ = WidthStudy::try_new(&kernel, &points, options().with_failure(1.0));
    }
}
