//! The recipe of Paper B: data → width, output scale, radius, step and guaranteed rate (C10, C11).
//!
//! The data are lifted, `x ↦ (x, 0)`, and the output is `α` times the label coordinates: at `u = 0` the risk does not
//! depend on `α`, while the PL constant grows as `α²`. So C10's condition holds from some `α*` on, provided that the
//! Gram matrices of the features are regular.

#[cfg(feature = "serde")]
mod written;

use crate::arithmetic::Ball;
use crate::bounds::Convergence;
use crate::bounds::mean_field::ZeroResidual;
use crate::bounds::random_features::{Expressivity, WidthBound};
use crate::kernel::Gaussian;
use crate::meanfield::{
    Activation, Cloud, MeanFieldError, Moments, Particles, Regression, smallest_eigenvalues, twin,
};
use crate::spectrum::SpectrumError;
use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// Why there is no recipe.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MeanFieldRecipeError {
    /// The activation has no finite `S0`, `S1`, `S2`.
    #[error(
        "{activation} is outside the theorems: choose cosine, scaled-cosine, tanh, erf or sigmoid"
    )]
    Unbounded {
        /// The activation.
        activation: Activation,
    },
    /// `λ̄0` is not certainly positive.
    #[error(
        "no layer's Gram matrix is certainly regular: draw more particles than samples, remove inputs that are \
         nearly equal, or give the particles a bias"
    )]
    NotExpressive,
    /// Two samples have equal inputs: no Gram matrix is regular.
    #[error(
        "rows {one} and {other} have equal inputs, as standardised: the Gram matrix of every layer is singular; remove one \
         of them, or an outlier beside which they are equal"
    )]
    EqualInputs {
        /// A sample, from 1.
        one: usize,
        /// The other.
        other: usize,
    },
    /// The law of `w` is normal: the kernel of the features is Gaussian.
    #[error(
        "the features of a mean-field network are drawn for a Gaussian kernel, not for {kernel}: take gaussian:S"
    )]
    NotGaussian {
        /// The kernel asked for.
        kernel: String,
    },
    /// The margin is not in (0, 1), or a size is zero.
    #[error("{what} is {value}: it must be {needed}")]
    Option {
        /// Which option.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What is needed.
        needed: &'static str,
    },
    /// No scale that f64 holds is large enough.
    #[error(
        "no output scale meets the condition on the initial risk: the Gram matrices are too close to singular; \
         draw more particles, take a shorter bandwidth, or fewer samples"
    )]
    NoScale,
    /// The network or the data are refused.
    #[error(transparent)]
    MeanField(#[from] MeanFieldError),
    /// An eigenvalue could not be enclosed.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
}

/// Lifts data and features: inputs `(x, 0)` with as many further coordinates as outputs, particles
/// `(0, (w, 0), b)`.
///
/// # Errors
/// Shapes that do not fit.
pub fn lifted(
    task: &Regression,
    network: &Particles,
) -> Result<(Regression, Particles), MeanFieldError> {
    let (d, outputs) = (task.state_dimension(), task.outputs());
    let q = d + outputs;
    let inputs = task.inputs().clone().insert_rows(d, outputs, 0.0);
    let task = Regression::try_new(
        task.activation(),
        task.scale(),
        inputs,
        task.targets().clone(),
    )?;
    let particles = |layer: &DMatrix<f64>| {
        let mut lifted = DMatrix::zeros(2 * q + 1, layer.ncols());
        lifted.rows_mut(q, d).copy_from(&layer.rows(d, d));
        lifted.row_mut(2 * q).copy_from(&layer.row(2 * d));
        lifted
    };
    let layers = network.layers().iter().map(particles).collect();
    Ok((task, Particles::try_new(layers)?))
}

/// What C10 needs to know of a network with `u = 0`.
///
/// # Errors
/// [`MeanFieldRecipeError::Unbounded`], and features that are not bounded.
pub fn zero_residual(
    task: &Regression,
    network: &Particles,
) -> Result<ZeroResidual, MeanFieldRecipeError> {
    let activation = task.activation();
    let bounds = activation
        .bounds()
        .ok_or(MeanFieldRecipeError::Unbounded { activation })?;
    let cloud: Cloud<Ball> = network.cloud(Ball::from);
    let pass = twin::forward(task, &cloud);
    let gram = smallest_eigenvalues(&pass.values)?;
    let particles = network.depth() * network.width();
    let moments = Moments::of(&cloud);
    Ok(ZeroResidual::of(task, bounds, &gram, &moments, particles))
}

/// Returns a scale `α` at which C10's condition holds, one part in 10³ above the smallest that the search finds.
///
/// # Arguments
/// * `task`, `network`: lifted, `u = 0`; `margin`: `c = 1 − βη/2`.
///
/// # Errors
/// [`MeanFieldRecipeError`].
pub fn smallest_scale(
    task: &Regression,
    network: &Particles,
    margin: f64,
) -> Result<f64, MeanFieldRecipeError> {
    if !(0.0 < margin && margin < 1.0) {
        let (what, value) = ("the step margin", margin);
        return Err(MeanFieldRecipeError::Option {
            what,
            value,
            needed: "in (0, 1)",
        });
    }
    let unit = task.with_scale(1.0)?;
    let start = zero_residual(&unit, network)?;
    if !(start.gram.lower() > 0.0) {
        return Err(MeanFieldRecipeError::NotExpressive);
    }
    let risk = twin::risk(&unit, &network.cloud(Ball::from));
    let allowed = start.allowed_risk(margin);
    if !(allowed > 0.0) {
        return Err(MeanFieldRecipeError::NoScale);
    }
    // m is proportional to α², and the risk at u = 0 does not depend on α.
    let mut above = (risk.upper() / allowed).sqrt().max(f64::MIN_POSITIVE);
    let meets = |scale: f64| {
        let start = ZeroResidual {
            scale: Ball::from(scale),
            ..start
        };
        start.admissible(risk, margin).is_some()
    };
    // Both searches know their own radii only: a few parts in 10³ between them.
    const TRIES: usize = 1000;
    for _ in 0..TRIES {
        if meets(above) {
            return Ok(above);
        }
        above *= 1.001;
    }
    Err(MeanFieldRecipeError::NoScale)
}

/// What a recipe is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MeanFieldOptions {
    /// The activation.
    pub activation: Activation,
    /// `M`, particles of a layer.
    pub width: usize,
    /// `D`.
    pub depth: usize,
    /// Standard deviation of the entries of `w`; `b` is uniform on `[0, 2π)`.
    pub weight_scale: f64,
    /// `c = 1 − βη/2`.
    pub margin: f64,
    /// The probability with which an a-priori width may fail.
    pub failure: f64,
    /// Of the particles.
    pub seed: u64,
}

impl Default for MeanFieldOptions {
    fn default() -> Self {
        Self {
            activation: Activation::ScaledCosine,
            width: 256,
            depth: 4,
            weight_scale: 1.0,
            margin: 0.5,
            failure: 1e-3,
            seed: 0,
        }
    }
}

impl MeanFieldOptions {
    setters! {
        with_activation, activation: Activation;
        with_width, width: usize;
        with_depth, depth: usize;
        with_weight_scale, weight_scale: f64;
        with_margin, margin: f64;
        with_failure, failure: f64;
        with_seed, seed: u64;
    }
}

/// The certificate before training: what C10 guarantees of one drawn network.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(from = "written::Written", into = "written::Written")
)]
pub struct MeanFieldRecipe {
    /// What was asked for.
    pub options: MeanFieldOptions,
    /// `N`.
    pub samples: usize,
    /// A width for which `λ_min(K_k) ≥ λ_min(K)/2` in all layers but with the probability of failure, by R4, where
    /// the expected Gram matrix `K` is known: that of `√2cos`, a Gaussian kernel.
    pub a_priori_width: Option<u64>,
    /// `λ̄0` of the network as drawn.
    pub gram: Ball,
    /// `α`.
    pub scale: f64,
    /// `L(μ⁰)`, the same for every `α`.
    pub initial_risk: Ball,
    /// The largest initial risk that the condition allows at this scale.
    pub allowed_risk: Ball,
    /// `m`, `β`, `η` and `R`.
    pub constants: Convergence,
}

impl MeanFieldRecipe {
    /// Returns `ηm(1 − βη/2)`: the risk falls by at least this share at every step.
    #[must_use]
    pub fn guaranteed_rate(&self) -> Ball {
        Ball::from(1.0) - self.constants.factor()
    }

    /// Returns the number of steps after which the risk is at most a share of its initial value.
    #[must_use]
    pub fn steps_to(&self, share: f64) -> f64 {
        let factor = -self.constants.factor().ln();
        (-Ball::from(share).ln() / factor).upper().ceil().max(0.0)
    }
}

/// Draws the features of a lifted network: `u = 0`, `w` normal on the coordinates of the data, `b` uniform.
///
/// # Errors
/// Sizes that are zero.
pub fn draw(
    options: &MeanFieldOptions,
    inputs: &DMatrix<f64>,
    outputs: usize,
) -> Result<Particles, MeanFieldError> {
    let (d, q) = (inputs.nrows(), inputs.nrows() + outputs);
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let mut layer = || {
        let mut layer = DMatrix::zeros(2 * q + 1, options.width);
        for mut particle in layer.column_iter_mut() {
            for a in 0..d {
                particle[q + a] = options.weight_scale * rng.sample::<f64, _>(StandardNormal);
            }
            particle[2 * q] = rng.random_range(0.0..std::f64::consts::TAU);
        }
        layer
    };
    Particles::try_new((0..options.depth).map(|_| layer()).collect())
}

/// Computes the recipe for data; returns it with the task and the network that it is about.
///
/// # Arguments
/// * `inputs`: d × N; `targets`: d' × N.
///
/// # Errors
/// [`MeanFieldRecipeError`].
///
/// # Cost
/// One pass in ball arithmetic, one eigendecomposition of order `N` a layer, and `N³/2` values of a kernel for the
/// a-priori width.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::recipe::mean_field::{MeanFieldOptions, mean_field};
/// let (inputs, targets) = (dmatrix![-1.0, 0.2, 1.5], dmatrix![0.5, -1.0, 0.3]);
/// let (recipe, task, network) = mean_field(&inputs, &targets, &MeanFieldOptions::default())?;
/// assert!(recipe.allowed_risk.lower() >= recipe.initial_risk.upper());
/// assert_eq!((task.state_dimension(), network.width()), (2, 256));
/// # Ok::<(), polyak::recipe::mean_field::MeanFieldRecipeError>(())
/// ```
pub fn mean_field(
    inputs: &DMatrix<f64>,
    targets: &DMatrix<f64>,
    options: &MeanFieldOptions,
) -> Result<(MeanFieldRecipe, Regression, Particles), MeanFieldRecipeError> {
    for (what, value) in [("the width", options.width), ("the depth", options.depth)] {
        if value == 0 {
            return Err(MeanFieldRecipeError::Option {
                what,
                value: 0.0,
                needed: "positive",
            });
        }
    }
    let positive = |what, value: f64, sound: bool, needed| {
        if sound {
            Ok(())
        } else {
            Err(MeanFieldRecipeError::Option {
                what,
                value,
                needed,
            })
        }
    };
    let (scale, failure) = (options.weight_scale, options.failure);
    positive(
        "the scale of the weights",
        scale,
        scale > 0.0 && scale.is_finite(),
        "positive",
    )?;
    positive(
        "the probability of failure",
        failure,
        0.0 < failure && failure < 1.0,
        "in (0, 1)",
    )?;
    let network = draw(options, inputs, targets.nrows())?;
    let lifted = inputs
        .clone()
        .insert_rows(inputs.nrows(), targets.nrows(), 0.0);
    let task = Regression::try_new(options.activation, 1.0, lifted, targets.clone())?;
    let scale = smallest_scale(&task, &network, options.margin);
    let scale = scale.map_err(|cause| match (cause, equal_inputs(inputs)) {
        (MeanFieldRecipeError::NotExpressive, Some((one, other))) => {
            MeanFieldRecipeError::EqualInputs { one, other }
        }
        (cause, _) => cause,
    })?;
    let task = task.with_scale(scale)?;
    let start = zero_residual(&task, &network)?;
    let initial_risk = twin::risk(&task, &network.cloud(Ball::from));
    let constants = start
        .admissible(initial_risk, options.margin)
        .ok_or(MeanFieldRecipeError::NoScale)?;
    let recipe = MeanFieldRecipe {
        options: *options,
        samples: task.samples(),
        a_priori_width: a_priori_width(inputs, options)?,
        gram: start.gram,
        scale,
        initial_risk,
        allowed_risk: constants.loss_threshold(),
        constants,
    };
    Ok((recipe, task, network))
}

/// The first two equal samples, counted from 1.
fn equal_inputs(inputs: &DMatrix<f64>) -> Option<(usize, usize)> {
    let before = |j: usize| (0..j).find(|&i| inputs.column(i) == inputs.column(j));
    (0..inputs.ncols()).find_map(|j| Some((before(j)? + 1, j + 1)))
}

/// R4 for every layer, `τ/D` each: summands `2cos(…)cos(…)ᵀ` are bounded by `S0²N = 2N`, twice those of R4, so that
/// twice its width is needed.
fn a_priori_width(
    inputs: &DMatrix<f64>,
    options: &MeanFieldOptions,
) -> Result<Option<u64>, MeanFieldRecipeError> {
    if options.activation != Activation::ScaledCosine {
        return Ok(None);
    }
    let Ok(kernel) = Gaussian::try_new(1.0 / options.weight_scale) else {
        return Ok(None);
    };
    let expressivity = Expressivity::try_new(&kernel.into(), inputs)?;
    let tail = expressivity.tail(WidthBound::Chernoff, 0.5)?;
    let width = tail.width(options.failure / options.depth as f64);
    Ok(width.and_then(|width| width.checked_mul(2)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    fn data() -> (DMatrix<f64>, DMatrix<f64>) {
        (
            dmatrix![-1.0, 0.2, 1.5; 0.5, 0.0, -0.5],
            dmatrix![0.5, -1.0, 0.3],
        )
    }

    fn options() -> MeanFieldOptions {
        MeanFieldOptions {
            width: 60,
            depth: 2,
            ..MeanFieldOptions::default()
        }
    }

    #[test]
    fn lifts_keep_features_and_add_labels() {
        let (inputs, targets) = data();
        let task = Regression::try_new(Activation::Tanh, 2.0, inputs.clone(), targets).unwrap();
        let layer = dmatrix![1.0; 2.0; 3.0; 4.0; 5.0];
        let (lifted, network) = lifted(&task, &Particles::try_new(vec![layer]).unwrap()).unwrap();
        assert_eq!(
            (lifted.state_dimension(), lifted.outputs(), lifted.scale()),
            (3, 1, 2.0)
        );
        assert_eq!(lifted.inputs().rows(0, 2), inputs.rows(0, 2));
        assert!(lifted.inputs().row(2).iter().all(|&x| x == 0.0));
        assert_eq!(
            network.layers()[0],
            dmatrix![0.0; 0.0; 0.0; 3.0; 4.0; 0.0; 5.0]
        );
    }

    #[test]
    fn recipes_meet_the_condition_and_hardly_more() {
        let (inputs, targets) = data();
        let (recipe, task, network) = mean_field(&inputs, &targets, &options()).unwrap();
        assert!(recipe.allowed_risk.lower() >= recipe.initial_risk.upper());
        let smaller = task.with_scale(recipe.scale * 0.95).unwrap();
        let start = zero_residual(&smaller, &network).unwrap();
        assert!(start.admissible(recipe.initial_risk, 0.5).is_none());
        assert!(recipe.initial_risk.contains((0.25 + 1.0 + 0.09) / 6.0));
        let rate = recipe.guaranteed_rate();
        let expected = recipe.constants.step * recipe.constants.pl_constant.mid() * 0.5;
        assert!((rate.mid() / expected - 1.0).abs() < 1e-6);
        let steps = recipe.steps_to(1e-3);
        assert!((steps * rate.mid() / 1e3f64.ln() - 1.0).abs() < 0.05);
        // ln 1 is 0 up to rounding.
        assert!(recipe.steps_to(1.0) <= 1.0);
    }

    #[test]
    fn a_priori_widths_are_twice_those_of_random_features() {
        let (inputs, targets) = data();
        let (recipe, ..) = mean_field(&inputs, &targets, &options()).unwrap();
        let kernel = Gaussian::try_new(1.0).unwrap();
        let expressivity = Expressivity::try_new(&kernel.into(), &inputs).unwrap();
        let tail = expressivity.tail(WidthBound::Chernoff, 0.5).unwrap();
        assert_eq!(recipe.a_priori_width, Some(2 * tail.width(5e-4).unwrap()));
        let tanh = MeanFieldOptions {
            activation: Activation::Tanh,
            ..options()
        };
        assert_eq!(
            mean_field(&inputs, &targets, &tanh)
                .unwrap()
                .0
                .a_priori_width,
            None
        );
    }

    #[test]
    fn what_has_no_recipe_says_why() {
        let (inputs, targets) = data();
        let refused = |options| mean_field(&inputs, &targets, &options).unwrap_err();
        let activation = Activation::Relu;
        let relu = refused(MeanFieldOptions {
            activation,
            ..options()
        });
        assert_eq!(relu, MeanFieldRecipeError::Unbounded { activation });
        for wrong in [
            MeanFieldOptions {
                width: 0,
                ..options()
            },
            MeanFieldOptions {
                depth: 0,
                ..options()
            },
            MeanFieldOptions {
                margin: 1.0,
                ..options()
            },
            MeanFieldOptions {
                margin: 0.0,
                ..options()
            },
            MeanFieldOptions {
                weight_scale: 0.0,
                ..options()
            },
            MeanFieldOptions {
                failure: 1.0,
                ..options()
            },
            MeanFieldOptions {
                failure: 0.0,
                ..options()
            },
        ] {
            assert!(
                matches!(refused(wrong), MeanFieldRecipeError::Option { .. }),
                "{wrong:?}"
            );
        }
        let few = MeanFieldOptions {
            width: 2,
            depth: 1,
            ..options()
        };
        assert_eq!(refused(few), MeanFieldRecipeError::NotExpressive);
        let twice = dmatrix![1.0, 1.0; 2.0, 2.0];
        let same = mean_field(&twice, &dmatrix![0.0, 1.0], &options()).unwrap_err();
        assert_eq!(same, MeanFieldRecipeError::EqualInputs { one: 1, other: 2 });
        assert!(
            same.to_string()
                .starts_with("rows 1 and 2 have equal inputs")
        );
        assert_eq!(
            equal_inputs(&dmatrix![3.0, 1.0, -0.0, 1.0, 0.0]),
            Some((2, 4))
        );
        assert_eq!(equal_inputs(&dmatrix![3.0, 1.0]), None);
    }

    #[test]
    fn draws_are_a_function_of_the_seed() {
        let (inputs, _) = data();
        let one = draw(&options(), &inputs, 1).unwrap();
        assert_eq!(one, draw(&options(), &inputs, 1).unwrap());
        assert_ne!(
            one,
            draw(
                &MeanFieldOptions {
                    seed: 1,
                    ..options()
                },
                &inputs,
                1
            )
            .unwrap()
        );
        let layer = &one.layers()[1];
        assert!(
            layer.rows(0, 3).iter().all(|&u| u == 0.0) && layer.row(5).iter().all(|&w| w == 0.0)
        );
        assert!(
            layer
                .row(6)
                .iter()
                .all(|&b| (0.0..std::f64::consts::TAU).contains(&b))
        );
    }
}
