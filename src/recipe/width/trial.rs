//! How often drawn models lose the smallest eigenvalue.

use crate::evidence::statistics::{Decision, Frequency, Sequential};
use crate::features::{FeaturesError, FourierFeatures};
use crate::gram::feature_gram;
use crate::kernel::Kernel;
use crate::spectrum::{ShiftedInverse, eigenvalues};
use crate::watch::Watch;
use nalgebra::DMatrix;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::ops::Range;

/// Frequencies drawn at once: wide models are summed up in pieces.
const AT_ONCE: u64 = 4096;

/// Models drawn between two looks at a sequential test.
const AT_A_TIME: u32 = 64;

/// Draws models of random features and looks whether `λ_min(K̂)` is at most a threshold.
///
/// # Example
/// ```
/// use polyak::recipe::width::ExpressivityTrial;
/// let kernel: polyak::kernel::KernelSpec = "gaussian:0.5".parse()?;
/// let points = nalgebra::DMatrix::from_row_slice(1, 3, &[0.0, 1.0, 2.0]);
/// let trial = ExpressivityTrial { kernel: kernel.as_kernel(), points: &points, threshold: 0.4, seed: 0 };
/// // One frequency spans two dimensions: three points have λ_min(K̂) = 0.
/// assert_eq!(trial.lost(1, 20, &|| ())?.events, 20);
/// assert_eq!(trial.lost(500, 20, &|| ())?.events, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ExpressivityTrial<'a> {
    /// The kernel whose spectral measure is sampled.
    pub kernel: &'a dyn Kernel,
    /// q × N.
    pub points: &'a DMatrix<f64>,
    /// A model is lost if `λ_min(K̂)` is no larger, as a Cholesky factorisation of `K̂ − threshold·I` in f64
    /// decides.
    pub threshold: f64,
    /// The seed; model `i` is a function of it, of `i` and of the number of frequencies, and wider
    /// models start with the frequencies of narrower ones.
    pub seed: u64,
}

impl ExpressivityTrial<'_> {
    /// Counts lost models among `models` of this many frequencies; the same for any number of threads.
    ///
    /// # Arguments
    /// * `watch`: hears of every model; asked before each.
    ///
    /// # Returns
    /// The count among all models; of a run that was stopped, among those before the first that was not drawn.
    ///
    /// # Errors
    /// Frequencies that are no numbers, of a kernel with a tiny bandwidth.
    ///
    /// # Cost
    /// `2mN² + N³/3` multiplications a model, in parallel; `N²` numbers a thread.
    pub fn lost(
        &self,
        frequencies: u64,
        models: u32,
        watch: &dyn Watch,
    ) -> Result<Frequency, FeaturesError> {
        let lost = self.draw(frequencies, 0..models, watch)?;
        Ok(Frequency::of(lost.into_iter().map_while(|lost| lost)))
    }

    /// Whether each of some models is lost; nothing of those that were not drawn.
    fn draw(
        &self,
        frequencies: u64,
        models: Range<u32>,
        watch: &dyn Watch,
    ) -> Result<Vec<Option<bool>>, FeaturesError> {
        let one = |model: u32| {
            if watch.is_stopped() {
                return Ok(None);
            }
            let lost = self.is_lost(frequencies, model)?;
            watch.advance(1);
            Ok(Some(lost))
        };
        models.into_par_iter().map(one).collect()
    }

    /// Draws models until a sequential test has decided, at most `most`, and returns its last word. Models
    /// count in their order: the decision, and the number of trials, are the same for any number of threads.
    ///
    /// # Arguments
    /// As for [`lost`](Self::lost); a run that was stopped returns the test as far as it had come.
    ///
    /// # Errors and cost
    /// Those of [`lost`](Self::lost); up to sixty-four models are drawn in vain.
    ///
    /// # Example
    /// ```
    /// use polyak::recipe::width::ExpressivityTrial;
    /// use polyak::evidence::statistics::{Decision, Sequential};
    /// let kernel: polyak::kernel::KernelSpec = "gaussian:0.5".parse()?;
    /// let points = nalgebra::DMatrix::from_row_slice(1, 3, &[0.0, 1.0, 2.0]);
    /// let trial = ExpressivityTrial { kernel: kernel.as_kernel(), points: &points, threshold: 0.4, seed: 0 };
    /// // "Lost with probability at most 1 %" against "at least 2 %": ten lost models are enough.
    /// let test = Sequential::new(0.01, 0.02, 1e-3, 1e-3);
    /// let test = trial.decide(1, 10_000, test, &|| ())?;
    /// assert_eq!((test.decision(), test.seen().trials), (Decision::Rejected, 10));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decide(
        &self,
        frequencies: u64,
        most: u32,
        mut test: Sequential,
        watch: &dyn Watch,
    ) -> Result<Sequential, FeaturesError> {
        for first in (0..most).step_by(AT_A_TIME as usize) {
            let last = most.min(first + AT_A_TIME);
            for lost in self.draw(frequencies, first..last, watch)? {
                let Some(lost) = lost else {
                    return Ok(test);
                };
                if test.trial(lost) != Decision::Undecided {
                    return Ok(test);
                }
            }
        }
        Ok(test)
    }

    /// Estimates `λ_min(K̂)` of the first models of this many frequencies, in their order; of a run that was stopped, of fewer.
    ///
    /// # Errors
    /// Those of [`lost`](Self::lost).
    ///
    /// # Cost
    /// As of [`lost`](Self::lost), a few times more for the eigenvalues.
    ///
    /// # Example
    /// ```
    /// use polyak::recipe::width::ExpressivityTrial;
    /// let kernel: polyak::kernel::KernelSpec = "gaussian:0.5".parse()?;
    /// let points = nalgebra::DMatrix::from_row_slice(1, 3, &[0.0, 1.0, 2.0]);
    /// let trial = ExpressivityTrial { kernel: kernel.as_kernel(), points: &points, threshold: 0.4, seed: 0 };
    /// assert!(trial.smallest(500, 20, &|| ())?.iter().all(|smallest| *smallest > 0.4));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn smallest(
        &self,
        frequencies: u64,
        models: u32,
        watch: &dyn Watch,
    ) -> Result<Vec<f64>, FeaturesError> {
        let one = |model: u32| {
            if watch.is_stopped() {
                return Ok(None);
            }
            let gram = self.gram(frequencies, model)?;
            watch.advance(1);
            Ok(eigenvalues(&gram).ok().map(|values| values.min()))
        };
        let found: Result<Vec<Option<f64>>, FeaturesError> =
            (0..models).into_par_iter().map(one).collect();
        Ok(found?.into_iter().map_while(|smallest| smallest).collect())
    }

    fn is_lost(&self, frequencies: u64, model: u32) -> Result<bool, FeaturesError> {
        let gram = self.gram(frequencies, model)?;
        let mut factor = ShiftedInverse::new(gram.nrows());
        Ok(!factor.factor(&gram, self.threshold))
    }

    /// `K̂` of one model.
    fn gram(&self, frequencies: u64, model: u32) -> Result<DMatrix<f64>, FeaturesError> {
        let order = self.points.ncols();
        let mut seeds = ChaCha8Rng::seed_from_u64(self.seed);
        seeds.set_stream(u64::from(model));
        let mut gram = DMatrix::zeros(order, order);
        let mut left = frequencies;
        while left > 0 {
            let count = left.min(AT_ONCE);
            let features = FourierFeatures::draw(
                self.kernel,
                self.points.nrows(),
                count as usize,
                seeds.next_u64(),
            )?;
            gram += feature_gram(&features.evaluate(self.points)) * (count as f64);
            left -= count;
        }
        Ok(gram / frequencies as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::KernelSpec;

    fn kernel() -> KernelSpec {
        "gaussian:0.5".parse().unwrap()
    }

    fn points() -> DMatrix<f64> {
        nalgebra::dmatrix![0.0, 0.7, 1.5, -1.0; 0.2, 0.0, 0.4, 0.9]
    }

    fn trial<'a>(kernel: &'a KernelSpec, points: &'a DMatrix<f64>) -> ExpressivityTrial<'a> {
        ExpressivityTrial {
            kernel: kernel.as_kernel(),
            points,
            threshold: 0.3,
            seed: 3,
        }
    }

    #[test]
    fn models_are_lost_when_their_eigenvalue_is() {
        let (kernel, points) = (kernel(), points());
        let trial = trial(&kernel, &points);
        let lost = trial.lost(7, 50, &|| ()).unwrap();
        let expected = (0..50).filter(|&model| {
            let gram = trial.gram(7, model).unwrap();
            eigenvalues(&gram).unwrap().min() <= 0.3
        });
        assert_eq!(lost.events, expected.count() as u64);
        // The estimates decide the same.
        let smallest = trial.smallest(7, 50, &|| ()).unwrap();
        assert_eq!(smallest.len(), 50);
        let below = smallest.iter().filter(|smallest| **smallest <= 0.3);
        assert_eq!(lost.events, below.count() as u64);
        assert!(
            lost.events > 3 && lost.events < 47 && lost.trials == 50,
            "{lost:?}"
        );
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        assert_eq!(pool.install(|| trial.lost(7, 50, &|| ())).unwrap(), lost);
    }

    #[test]
    fn a_sequential_test_stops_at_the_same_model() {
        let (kernel, points) = (kernel(), points());
        let trial = trial(&kernel, &points);
        let test = Sequential::new(0.01, 0.1, 1e-3, 1e-3);
        let decide = |frequencies, most| trial.decide(frequencies, most, test, &|| ()).unwrap();
        for (frequencies, decision) in [(7, Decision::Rejected), (400, Decision::Accepted)] {
            let decided = decide(frequencies, 1000);
            assert_eq!(decided.decision(), decision, "{frequencies}");
            // As if they had been looked at one by one.
            let trials = decided.seen().trials as u32;
            let all = trial.lost(frequencies, trials, &|| ()).unwrap();
            assert_eq!(decided.seen(), all);
            let before = decide(frequencies, trials - 1);
            assert_eq!(before.decision(), Decision::Undecided);
            assert_eq!(before.seen().trials, u64::from(trials) - 1);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
            let alone = pool.unwrap().install(|| decide(frequencies, 1000));
            assert_eq!(alone, decided);
        }
        // More than one batch, and what is over.
        assert_eq!(decide(400, 3).seen().trials, 3);
        assert!(decide(400, 1000).seen().trials > u64::from(AT_A_TIME));
    }

    #[test]
    fn wide_models_are_summed_in_pieces() {
        let (kernel, points) = (kernel(), points());
        let trial = trial(&kernel, &points);
        let wide = trial.gram(2 * AT_ONCE + 7, 0).unwrap();
        assert!((wide.diagonal().add_scalar(-1.0)).amax() < 1e-12);
        let exact = crate::gram::kernel_gram(&kernel, &points);
        // Hoeffding for 8199 frequencies at 1e-9 and six pairs: 0.076.
        assert!((&wide - exact).amax() < 0.076);
        // The first piece is the narrower model, with its weight; the others are not it again.
        let first = trial.gram(AT_ONCE, 0).unwrap();
        let rest = (&wide * (2.0 * AT_ONCE as f64 + 7.0) - &first * AT_ONCE as f64)
            / (AT_ONCE as f64 + 7.0);
        assert!(rest.diagonal().add_scalar(-1.0).amax() < 1e-12);
        assert!((rest - first).amax() > 1e-4);
        assert_ne!(trial.gram(10, 0).unwrap(), trial.gram(10, 1).unwrap());
    }
}
