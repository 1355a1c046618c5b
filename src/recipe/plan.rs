//! The realised recipe, and what both kinds share.

use super::certificate::{
    Architecture, Constants, DataSeen, DataSource, FilteredPromise, Probability, Promise,
    RecipeKind, SCHEMA, ScaleSearch, Stated,
};
use super::filtered::{LinearTask, steps_after};
use super::recheck::allowance;
use super::{Choice, Ingredients, RecipeError, TOLERANCE, TrainingCertificate, fingerprint};
use crate::arithmetic::Ball;
use crate::arithmetic::instruction_set;
use crate::bounds::{Convergence, CurvatureBounds, layer_means, layered_coupling};
use crate::data::Dataset;
use crate::features::FourierFeatures;
use crate::flow::{GramSpectrum, Observer};
use crate::kernel::KernelSpec;
use crate::resnet::ResNet;
use crate::watch::{Stop, Stopped, Watch};
use std::fmt;

/// `α/α*` where P8 alone promises: its rate is half of its limit from some fifty on.
const HEADROOM_BEFORE: f64 = 64.0;

/// `α/α*` where P8b promises: at most a sixth more steps than are needed, on digits.
const HEADROOM_DRAWN: f64 = 4.0;

/// Multiplications of all eigenvalues of a matrix of order `N`, in units of `N³`: an estimate.
const EIGEN: f64 = 10.0;

/// How a recipe is made.
///
/// # Example
/// ```
/// use polyak::recipe::{DataSource, Plan, recheck};
/// let data = polyak::data::digits().subsample(12, 0)?;
/// let kernel = "gaussian:0.35*auto".parse::<polyak::kernel::KernelName>()?.resolve(&data.inputs)?;
/// let source = DataSource::digits(12);
/// let certificate = Plan::default().realised(&data, source, kernel, 40)?;
/// assert!(certificate.promise.rate > 0.0);
/// let frequencies = polyak::kernel::Kernel::try_sample_frequencies(&kernel, 74, 40, 0)?;
/// let found = recheck(&certificate, &data.inputs, &data.targets, Some(&frequencies));
/// assert!(found.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// `D`.
    pub depth: usize,
    /// The `c = 1 − βη/2` of `α*`.
    pub step_margin: f64,
    /// `α/α*`: a larger scale brings the guaranteed rate closer to the observed one. None is 64 before the draw, where
    /// P8 alone promises, and 4 after it, where P8b does.
    pub headroom: Option<f64>,
    /// `ε`: the share of the initial loss to be reached.
    pub target: f64,
    /// The seed of the frequencies.
    pub seed: u64,
}

impl Default for Plan {
    /// 8 layers, `c = ½`, a thousandth of the loss, seed 0, and the scale that the kind of the recipe asks for.
    fn default() -> Self {
        Self {
            depth: 8,
            step_margin: 0.5,
            headroom: None,
            target: 1e-3,
            seed: 0,
        }
    }
}

impl Plan {
    setters! {
        with_depth, depth: usize;
        with_step_margin, step_margin: f64;
        with_headroom, headroom: impl Into<Option<f64>>;
        with_target, target: f64;
        with_seed, seed: u64;
    }
}

/// What is known of a realised recipe while it is made.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SoFar {
    /// `κ̂1` and `κ̂2` of the frequencies drawn.
    pub kappas: Option<[Ball; 2]>,
    /// The extreme eigenvalues of `K̂`.
    pub gram: Option<GramSpectrum>,
}

impl fmt::Display for SoFar {
    /// What is done now, and what is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let within = |ball: Ball| format!("[{:e}, {:e}]", ball.lower(), ball.upper());
        f.write_str(match (self.kappas, self.gram) {
            (None, _) => "drawing the frequencies and bounding κ̂1 and κ̂2",
            (Some(_), None) => "enclosing the spectrum of K̂",
            (Some(_), Some(_)) => "searching the scale",
        })?;
        if let Some([first, second]) = self.kappas {
            write!(f, ": κ̂1 ≤ {:e}, κ̂2 ≤ {:e}", first.upper(), second.upper())?;
        }
        if let Some(gram) = self.gram {
            let [smallest, largest] = [gram.smallest, gram.largest].map(within);
            write!(f, ", λ_min(K̂) in {smallest}, λ_max(K̂) in {largest}")?;
        }
        Ok(())
    }
}

/// What the two kinds do not share.
pub(super) struct Ground {
    pub kind: RecipeKind,
    pub architecture: Architecture,
    pub probability: Option<Probability>,
    pub constants: Constants,
}

/// `κ̂` and `λ` on the safe side, by what the second proof needs ([`allowance`]), with where they come from.
pub(super) struct Known {
    /// The upper end of what is known of the smallest eigenvalue, for the message.
    pub smallest_at_most: f64,
    pub smallest: (f64, &'static str),
    pub largest: (f64, &'static str),
    pub kappa1: (f64, &'static str),
    pub kappa2: (f64, &'static str),
}

impl Plan {
    /// Draws the frequencies and certifies what they give: the realised recipe.
    ///
    /// # Arguments
    /// * `source`: where the data come from, to be kept in the certificate.
    ///
    /// # Errors
    /// Equal inputs, all targets zero, a plan that makes no sense, a Gram matrix that is not certainly
    /// positive, and data that a network refuses.
    ///
    /// # Cost
    /// The spectra of the Gram matrix (order `N`) and of the moments behind `κ̂2` (order
    /// `min(m, q(q+1)/2)`), and a search of some thousand evaluations of the bounds.
    pub fn realised(
        &self,
        data: &Dataset,
        source: DataSource,
        kernel: KernelSpec,
        frequencies: usize,
    ) -> Result<TrainingCertificate, RecipeError> {
        let never = Stop::default();
        self.realised_watched(data, source, kernel, frequencies, &|_| (), &never)
    }

    /// The same, shown step by step, and ended where it is not wanted any more.
    ///
    /// # Arguments
    /// * `seen`: hears what is known before every step.
    /// * `watch`: looked at before every step.
    ///
    /// # Errors
    /// As [`realised`](Self::realised), and [`RecipeError::Stopped`].
    pub fn realised_watched(
        &self,
        data: &Dataset,
        source: DataSource,
        kernel: KernelSpec,
        frequencies: usize,
        seen: &dyn Fn(SoFar),
        watch: &dyn Watch,
    ) -> Result<TrainingCertificate, RecipeError> {
        let next = |known: SoFar| {
            seen(known);
            match watch.is_stopped() {
                true => Err(Stopped),
                false => Ok(()),
            }
        };
        let mut known = SoFar::default();
        next(known)?;
        self.require(data)?;
        let (inputs, outputs) = (data.input_dimension(), data.target_dimension());
        let features = FourierFeatures::draw(&kernel, inputs + outputs, frequencies, self.seed)?;
        let drawn = fingerprint(&[features.frequencies()]);
        next(known)?;
        let kappas = [features.kappa1_ball(), features.kappa2_ball()];
        known.kappas = Some(kappas);
        next(known)?;
        let network = ResNet::lifted(inputs, outputs, 1.0, features, 1)?;
        let mut observer = Observer::try_new(&network, &data.inputs, &data.targets)?;
        // At zero weights one layer knows the Gram matrix of all.
        let observation = observer.observe(&network.zero_weights());
        next(known)?;
        let gram = observer.gram_spectra(&observation)?[0];
        known.gram = Some(gram);
        next(known)?;
        let task = LinearTask::new(&observer, &observation, &data.inputs, &data.targets);
        let frequencies_drawn = network.features().frequencies();
        let left = |bound: f64| allowance::of_drawn_gram(&data.inputs, frequencies_drawn, bound);
        let largest = gram.largest.upper();
        let known = Known {
            smallest_at_most: gram.smallest.upper(),
            smallest: (
                gram.smallest.lower() - left(1.0),
                "certified as drawn: λ_min(K̂) at the inputs (K6)",
            ),
            largest: (
                largest + left(largest),
                "certified as drawn: λ_max(K̂) at the inputs (K6)",
            ),
            kappa1: (
                allowance::stated_kappa1(frequencies_drawn, kappas[0]),
                "certified as drawn: λ_max(m⁻¹Σωωᵀ)^½",
            ),
            kappa2: (
                allowance::stated_kappa2(frequencies_drawn, kappas[1]),
                "certified as drawn: the crude or the traceless bound",
            ),
        };
        let ground = Ground {
            kind: RecipeKind::Realised,
            architecture: Architecture {
                kernel,
                frequencies: frequencies as u64,
                depth: self.depth,
                seed: self.seed,
                fingerprint: Some(drawn),
            },
            probability: None,
            constants: self.constants(data, &known)?,
        };
        self.finish(data, source, ground, Some(&task))
    }

    /// Returns the frequencies of a realised recipe where nothing is said: 500, or twice the samples if more.
    #[must_use]
    pub fn usual_frequencies(samples: usize) -> usize {
        const FEWEST: usize = 500;
        FEWEST.max(samples.saturating_mul(2))
    }

    /// Returns the shape of a matrix of about as many numbers as [`realised`](Self::realised) holds at once: the features of
    /// all samples twice, and what is made of the frequencies for their constants.
    ///
    /// # Arguments
    /// * `shape`: `N`, `q`, `m`.
    #[must_use]
    pub fn realised_room([samples, state, frequencies]: [usize; 3]) -> [usize; 2] {
        [frequencies, samples.saturating_add(state).saturating_mul(4)]
    }

    /// Returns about how many multiplications [`realised`](Self::realised) takes: an estimate from the sizes.
    ///
    /// # Arguments
    /// * `shape`: `N`, `q`, `m`.
    #[must_use]
    pub fn realised_cost(shape: [usize; 3]) -> f64 {
        let [samples, state, frequencies] = shape.map(|n| n as f64);
        let moments = frequencies.min(state * (state + 1.0) / 2.0);
        2.0 * samples * samples * frequencies
            + frequencies * moments * state
            + EIGEN * (samples.powi(3) + moments.powi(3))
    }

    /// What is asked of plan and data before anything is computed.
    pub(super) fn require(&self, data: &Dataset) -> Result<(), RecipeError> {
        let file = || data.name.clone();
        if let Some((one, other)) = data.conflicting_pair() {
            let file = file();
            return Err(RecipeError::Conflict { file, one, other });
        }
        if let Some((one, other)) = data.duplicate_pair() {
            let file = file();
            return Err(RecipeError::Duplicate { file, one, other });
        }
        let headroom = self.headroom.unwrap_or(1.0);
        if !(headroom >= 1.0 && headroom.is_finite()) {
            return Err(RecipeError::Headroom { headroom });
        }
        let target = self.target;
        if !(0.0 < target && target < 1.0) {
            return Err(RecipeError::Target { target });
        }
        if data.targets.iter().all(|&y| y == 0.0) {
            return Err(RecipeError::NothingToLearn);
        }
        if self.depth == 0 {
            return Err(crate::resnet::NetworkError::NoLayers.into());
        }
        Ok(())
    }

    /// States the constants on the safe side.
    pub(super) fn constants(
        &self,
        data: &Dataset,
        known: &Known,
    ) -> Result<Constants, RecipeError> {
        if !(known.smallest.0 > 0.0) {
            return Err(RecipeError::NotExpressive {
                lower: known.smallest.0,
                upper: known.smallest_at_most,
            });
        }
        let stated = |(value, source): (f64, &str)| Stated::new(value, source);
        let loss = initial_loss(&data.targets).upper();
        let loss = loss * (1.0 + allowance::of_loss(&data.targets));
        let mut constants = Constants {
            kappa0: Stated::new(1.0, "‖φ(z)‖ = 1"),
            kappa1: stated(known.kappa1),
            kappa2: stated(known.kappa2),
            gram_smallest: stated(known.smallest),
            gram_largest: stated(known.largest),
            initial_loss: Stated::new(loss, "mean‖y‖²/2: F(0) = 0 (P10)"),
            coupling: Stated::new(
                layered_coupling(self.depth).upper(),
                "θ_D = 1/(2D sin(π/(4D−2))), for paired features (P7)",
            ),
            layer_mean: Stated::new(
                layer_means(self.depth)[1].upper(),
                "s₂ = √((D−1)(2D−1)/6)/D (P7)",
            ),
            largest_radius: Stated::new(0.0, "D ≥ 4κ̂1²R² (P3.local)"),
        };
        let ingredients = ingredients(data.samples(), self.depth, &constants);
        constants.largest_radius.value = ingredients.largest_radius();
        Ok(constants)
    }

    /// Searches scale, radius and step, and writes everything down.
    ///
    /// # Arguments
    /// * `task`: what P8b knows of the network drawn.
    pub(super) fn finish(
        &self,
        data: &Dataset,
        source: DataSource,
        ground: Ground,
        task: Option<&LinearTask<'_>>,
    ) -> Result<TrainingCertificate, RecipeError> {
        let ingredients = ingredients(data.samples(), self.depth, &ground.constants);
        let smallest = ingredients.smallest_scale(self.step_margin)?;
        let headroom = self.headroom.unwrap_or(match task {
            Some(_) => HEADROOM_DRAWN,
            None => HEADROOM_BEFORE,
        });
        let scale = smallest.scale * headroom;
        let from_zero = ingredients.best(scale)?;
        let by_p8 = self.promise(&ingredients, &from_zero, None)?;
        let promised = match task {
            Some(task) => task.best(&ingredients, scale, self.target)?,
            None => None,
        };
        let by_p8b = promised
            .map(|found| self.promise(&ingredients, &found.choice, Some(found.filtered)))
            .transpose()?;
        let promise = by_p8b
            .filter(|promise| promise.iterations < by_p8.iterations)
            .unwrap_or(by_p8);
        Ok(TrainingCertificate {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            instruction_set: instruction_set().to_owned(),
            kind: ground.kind,
            data: DataSeen {
                source,
                samples: data.samples(),
                inputs: data.input_dimension(),
                targets: data.target_dimension(),
                fingerprint: fingerprint(&[&data.inputs, &data.targets]),
                notes: data.notes.clone(),
            },
            architecture: ground.architecture,
            probability: ground.probability,
            constants: ground.constants,
            scale: ScaleSearch {
                step_margin: self.step_margin,
                smallest: smallest.scale,
                radius: smallest.radius,
                tolerance: TOLERANCE,
                chosen: scale,
            },
            promise,
        })
    }

    /// States what P8 promises, from zero weights or from where P8b brings the training.
    fn promise(
        &self,
        ingredients: &Ingredients,
        choice: &Choice,
        filtered: Option<FilteredPromise>,
    ) -> Result<Promise, RecipeError> {
        let convergence = choice.convergence;
        let roundings = allowance::of_sum(self.depth);
        let [of_pl, of_smoothness] = match filtered {
            None => [
                "P3.local on the ball of radius R around zero, σ_B = α",
                "P7.hessian on the ball of radius R, L ≤ L(0), ‖B‖ = α",
            ],
            Some(_) => [
                "P3.local on the ball of radius ‖vⁿ‖ + R around zero, σ_B = α",
                "P7.hessian on the ball of radius ‖vⁿ‖ + R, L ≤ ‖e_n‖²/2N, ‖B‖ = α",
            ],
        };
        let mut promise = Promise {
            filtered,
            radius: convergence.radius,
            pl_constant: Stated::new(convergence.pl_constant.lower() * (1.0 - roundings), of_pl),
            smoothness: Stated::new(
                convergence.smoothness.upper() * (1.0 + roundings),
                of_smoothness,
            ),
            version: choice.version,
            step: convergence.step,
            step_margin: 0.0,
            loss_threshold: 0.0,
            rate: 0.0,
            target: self.target,
            iterations: 0,
        };
        let stated = promise.convergence();
        promise.step_margin = stated.step_margin().lower();
        promise.loss_threshold = stated.loss_threshold().lower();
        // Not one less the factor, which loses the digits of a slow rate.
        promise.rate = stated.decrease().lower();
        let loss = promise.level(ingredients);
        promise.iterations = match &promise.filtered {
            None => iterations(promise.rate, self.target),
            Some(filtered) => {
                let more = steps_after(ingredients, loss, promise.rate, self.target);
                filtered.iterations.saturating_add(more)
            }
        };
        if !(promise.loss_threshold >= loss.upper() && promise.rate > 0.0) {
            return Err(RecipeError::ScaleTooSmall {
                scale: choice.scale,
            });
        }
        Ok(promise)
    }
}

/// `mean‖y‖²/2`.
pub(super) fn initial_loss(targets: &nalgebra::DMatrix<f64>) -> Ball {
    let squares = Ball::norm_of(targets.as_slice()).square();
    squares / Ball::from(2.0 * targets.ncols() as f64)
}

/// The number of steps after which `(1 − rate)ⁿ ≤ target`.
pub(super) fn iterations(rate: f64, target: f64) -> u64 {
    let factor = Ball::from(1.0) - Ball::from(rate);
    let needed = Ball::from(target).ln() / factor.ln();
    // A rate so small that 1 − rate is 1 needs more steps than can be counted.
    if needed.is_bounded() {
        needed.upper().ceil() as u64
    } else {
        u64::MAX
    }
}

/// The bounds of stated constants.
pub(super) fn ingredients(samples: usize, depth: usize, constants: &Constants) -> Ingredients {
    let of = |stated: &Stated| Ball::from(stated.value);
    Ingredients {
        samples,
        depth,
        smallest: of(&constants.gram_smallest),
        largest: of(&constants.gram_largest),
        kappa1: of(&constants.kappa1),
        kappa2: of(&constants.kappa2),
        initial_loss: of(&constants.initial_loss),
        curvature: CurvatureBounds::default(),
    }
}

impl TrainingCertificate {
    /// The bounds of the stated constants: to search at another scale, say.
    #[must_use]
    pub fn ingredients(&self) -> Ingredients {
        ingredients(self.data.samples, self.architecture.depth, &self.constants)
    }
}

impl Promise {
    /// The loss that P8 starts from, at most: `L(0)` or `‖e_n‖²/2N`.
    pub(super) fn level(&self, ingredients: &Ingredients) -> Ball {
        let Some(filtered) = &self.filtered else {
            return ingredients.initial_loss;
        };
        Ball::from(filtered.error.value).square() / Ball::from(2.0 * ingredients.samples as f64)
    }

    /// The rate that is guaranteed on average until the target is reached: `ln(1/ε)/n`.
    #[must_use]
    pub fn guaranteed_rate(&self) -> f64 {
        -self.target.ln() / self.iterations as f64
    }

    /// P8's constants, as stated.
    #[must_use]
    pub fn convergence(&self) -> Convergence {
        Convergence {
            pl_constant: Ball::from(self.pl_constant.value),
            smoothness: Ball::from(self.smoothness.value),
            step: self.step,
            radius: self.radius,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::kernel::Gaussian;
    use crate::watch::tests::Looks;
    use nalgebra::{DMatrix, dmatrix};

    pub fn source() -> DataSource {
        DataSource {
            file: None,
            array: None,
            target: None,
            max_samples: 5,
            seed: 0,
        }
    }

    /// The corners of a square and its centre, with targets of two kinds.
    pub fn corners() -> Dataset {
        Dataset {
            name: "corners".to_owned(),
            inputs: dmatrix![0.0, 1.0, 0.0, 1.0, 0.5; 0.0, 0.0, 1.0, 1.0, 0.5],
            targets: DMatrix::from_fn(2, 5, |i, j| [1.0, -0.5, 0.25][(i + 2 * j) % 3]),
            rows: (1..=5).collect(),
            notes: Vec::new(),
        }
    }

    pub fn kernel() -> KernelSpec {
        Gaussian::try_new(0.6).unwrap().into()
    }

    pub fn realised() -> TrainingCertificate {
        let plan = Plan {
            seed: 3,
            target: 1e-6,
            ..Plan::default()
        };
        plan.realised(&corners(), source(), kernel(), 30).unwrap()
    }

    #[test]
    fn a_recipe_is_stopped_between_any_two_steps() {
        let made = |looks: &Looks| {
            let words = std::cell::RefCell::new(Vec::new());
            let seen = |known: SoFar| words.borrow_mut().push(known.to_string());
            let (data, plan) = (corners(), Plan::default());
            let made = plan.realised_watched(&data, source(), kernel(), 30, &seen, looks);
            (made, words.into_inner())
        };
        let all = Looks::of(u64::MAX);
        let (full, words) = made(&all);
        let plain = Plan::default().realised(&corners(), source(), kernel(), 30);
        assert_eq!(full, plain);
        let last = words.last().unwrap();
        assert!(last.starts_with("searching the scale: κ̂1 ≤ "), "{last}");
        assert!(last.contains("λ_min(K̂) in ["), "{last}");
        for patience in 0..all.seen() {
            let (stopped, seen) = made(&Looks::of(patience));
            assert_eq!(stopped, Err(RecipeError::Stopped(Stopped)));
            assert_eq!(seen, words[..=patience as usize]);
        }
    }

    #[test]
    fn constants_are_those_of_the_draw_on_the_safe_side() {
        let certificate = realised();
        let features = FourierFeatures::draw(&kernel(), 4, 30, 3).unwrap();
        let points = DMatrix::<f64>::identity(4, 2) * corners().inputs;
        let phi = features.evaluate(&points);
        let values = phi.tr_mul(&phi).symmetric_eigenvalues();
        let constants = &certificate.constants;
        let share = |stated: &Stated, value: f64| (stated.value - value) / value;
        let below = -share(&constants.gram_smallest, values.min());
        assert!((0.0..1e-10).contains(&below), "{below}");
        for (stated, value) in [
            (&constants.gram_largest, values.max()),
            (&constants.kappa1, features.kappa1()),
            (&constants.kappa2, features.kappa2_upper()),
            (
                &constants.initial_loss,
                corners().targets.norm_squared() / 10.0,
            ),
        ] {
            let above = share(stated, value);
            assert!((0.0..1e-10).contains(&above), "{above} {}", stated.source);
        }
        assert_eq!(constants.kappa0.value, 1.0);
        // Eight layers: θ = 1/(16 sin(π/30)), s_2² = 7·15/(6·64).
        let theta = 1.0 / (16.0 * (std::f64::consts::PI / 30.0).sin());
        let way = (105.0_f64 / 384.0).sqrt();
        for (stated, value) in [(&constants.coupling, theta), (&constants.layer_mean, way)] {
            assert!(
                (0.0..1e-13).contains(&share(stated, value)),
                "{}",
                stated.source
            );
        }
        let widest = 8.0_f64.sqrt() / (2.0 * constants.kappa1.value);
        assert!(constants.largest_radius.value < widest);
        assert!(constants.largest_radius.value > widest * (1.0 - 1e-12));
    }

    #[test]
    fn the_certificate_says_what_was_asked_for() {
        let certificate = realised();
        assert_eq!(
            (certificate.schema, certificate.kind),
            (SCHEMA, RecipeKind::Realised)
        );
        assert_eq!(certificate.probability, None);
        let data = &certificate.data;
        assert_eq!((data.samples, data.inputs, data.targets), (5, 2, 2));
        assert_eq!(data.source, source());
        let corners = corners();
        assert_eq!(
            data.fingerprint,
            fingerprint(&[&corners.inputs, &corners.targets])
        );
        let architecture = &certificate.architecture;
        assert_eq!(
            (
                architecture.frequencies,
                architecture.depth,
                architecture.seed
            ),
            (30, 8, 3)
        );
        let scale = &certificate.scale;
        assert_eq!(scale.chosen, 4.0 * scale.smallest);
        assert_eq!((scale.step_margin, scale.tolerance), (0.5, 1e-6));
        let ingredients = certificate.ingredients();
        assert_eq!(
            ingredients.smallest_scale(0.5).unwrap().scale,
            scale.smallest
        );
    }

    fn before_the_draw() -> TrainingCertificate {
        let plan = Plan::default().with_target(1e-6);
        plan.a_priori(&corners(), source(), kernel(), 1e-3).unwrap()
    }

    #[test]
    fn p8_follows_from_what_is_stated() {
        for certificate in [realised(), before_the_draw()] {
            let promise = &certificate.promise;
            let (m, beta) = (promise.pl_constant.value, promise.smoothness.value);
            let c = 1.0 - beta * promise.step / 2.0;
            assert!((promise.step_margin - c).abs() < 1e-14 && promise.step_margin <= c + 1e-16);
            assert!((promise.rate / (promise.step * m * c) - 1.0).abs() < 1e-12);
            let threshold = m * (promise.radius * c).powi(2) / 4.0;
            assert!((promise.loss_threshold / threshold - 1.0).abs() < 1e-12);
            let level = match &promise.filtered {
                None => certificate.constants.initial_loss.value,
                Some(filtered) => filtered.error.value.powi(2) / 10.0,
            };
            assert!(promise.loss_threshold >= level * (1.0 - 1e-15));
        }
    }

    #[test]
    fn steps_before_the_draw_are_those_of_p8() {
        let certificate = before_the_draw();
        let promise = &certificate.promise;
        assert_eq!(promise.filtered, None);
        // The last step is needed, and suffices.
        let left = |n: u64| (n as f64 * (-promise.rate).ln_1p()).exp();
        assert!(left(promise.iterations) <= 1e-6 * (1.0 + 1e-9));
        assert!(left(promise.iterations - 1) > 1e-6 * (1.0 - 1e-9));
        let scale = certificate.scale.chosen;
        assert_eq!(scale, 64.0 * certificate.scale.smallest);
        let choice = certificate.ingredients().best(scale).unwrap();
        let (m, beta) = (promise.pl_constant.value, promise.smoothness.value);
        let stated = choice.convergence.pl_constant.lower();
        assert!(m < stated && m > stated * (1.0 - 2e-12));
        let stated = choice.convergence.smoothness.upper();
        assert!(beta > stated && beta < stated * (1.0 + 2e-12));
        assert_eq!(promise.version, choice.version);
    }

    /// `m` and `β` are those of the ball that holds the one around the last iterate, below its loss.
    #[test]
    fn after_the_spectrum_p8_starts_where_it_ends() {
        let certificate = realised();
        let promise = &certificate.promise;
        let filtered = promise.filtered.as_ref().unwrap();
        let ingredients = certificate.ingredients();
        let (scale, outer) = (
            certificate.scale.chosen,
            filtered.displacement.value + promise.radius,
        );
        assert!(outer < certificate.constants.largest_radius.value);
        let level = filtered.error.value.powi(2) / 10.0;
        assert!(level <= 1e-6 * certificate.constants.initial_loss.value);
        let m = scale * scale * ingredients.unit_pl_constant(outer).mid();
        assert!((promise.pl_constant.value / m - 1.0).abs() < 1e-11);
        let (beta, version) = ingredients.smoothness_below(scale, outer, Ball::from(level));
        assert!((promise.smoothness.value / beta.mid() - 1.0).abs() < 1e-11);
        assert_eq!(promise.version, version);
        let average = -(1e-6_f64.ln()) / promise.iterations as f64;
        assert_eq!(promise.guaranteed_rate(), average);
        // Fewer than P8 promises at the same scale, by far.
        let by_p8 = ingredients.best(scale).unwrap();
        assert!(3 * promise.iterations < iterations(by_p8.rate(), 1e-6));
    }

    #[test]
    fn steps_are_counted() {
        assert_eq!(iterations(0.5, 0.25 + 1e-9), 2);
        assert_eq!(iterations(0.5, 0.25 - 1e-9), 3);
        assert_eq!(iterations(1e-17, 1e-3), u64::MAX);
        assert_eq!(iterations(1e-6, 1e-3), 6_907_752);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refused =
            |plan: Plan, data: &Dataset| plan.realised(data, source(), kernel(), 30).unwrap_err();
        let plan = Plan::default();
        let mut twins = corners();
        twins
            .inputs
            .set_column(3, &twins.inputs.column(1).into_owned());
        let error = refused(plan, &twins);
        let conflict = RecipeError::Conflict {
            file: "corners".into(),
            one: 2,
            other: 4,
        };
        assert_eq!(error, conflict);
        assert!(error.to_string().contains("rows 2 and 4 of corners"));
        twins
            .targets
            .set_column(3, &twins.targets.column(1).into_owned());
        let duplicate = RecipeError::Duplicate {
            file: "corners".into(),
            one: 2,
            other: 4,
        };
        assert_eq!(refused(plan, &twins), duplicate);
        for headroom in [0.5, f64::NAN, f64::INFINITY] {
            let error = refused(plan.with_headroom(headroom), &corners());
            assert!(matches!(error, RecipeError::Headroom { .. }));
        }
        for target in [0.0, 1.0, f64::NAN] {
            let error = refused(Plan { target, ..plan }, &corners());
            assert!(matches!(error, RecipeError::Target { .. }));
        }
        let error = refused(Plan { depth: 0, ..plan }, &corners());
        assert!(matches!(error, RecipeError::Network(_)));
        // Five samples need three frequencies.
        let error = plan
            .realised(&corners(), source(), kernel(), 2)
            .unwrap_err();
        assert!(
            matches!(error, RecipeError::NotExpressive { .. }),
            "{error:?}"
        );
        let error = plan
            .realised(&corners(), source(), kernel(), 0)
            .unwrap_err();
        assert!(matches!(error, RecipeError::Features(_)));
        let mut still = corners();
        still.targets.fill(0.0);
        assert_eq!(refused(plan, &still), RecipeError::NothingToLearn);
        let mut broken = corners();
        broken.targets[(1, 1)] = f64::NAN;
        assert!(matches!(refused(plan, &broken), RecipeError::Network(_)));
    }
}
