//! Claims about width: W1–W4.
//!
//! Mean-field networks are drawn with `u = 0`, `w` uniform on a cube, of unit variance, and `b` uniform on a period;
//! all are trained in f64: rounding is some `1e-13` of what is measured and is not counted. What a finite width does
//! beyond the leading term is bounded by [`crate::bounds::finite_width`].

pub(super) mod controls;
mod coupling;
mod fluctuation;
mod frequencies;
mod majorant;
mod points;
mod power;
mod scaling;

pub(super) use controls::{instances, spectral_instances};
pub(super) use coupling::coupling;
pub(super) use fluctuation::fluctuation;
pub(super) use frequencies::approximation;
pub(super) use majorant::{
    Sizes, draws_of_trainings, pinned_trainings, trained_majorants, training_controls,
};
pub(super) use power::missed_again;
pub(super) use scaling::scaling;

use super::MeanFieldInstance;
use super::mean_field::BOUNDED;
use crate::arithmetic::Ball;
use crate::bounds::finite_width::MajorantTraining;
use crate::evidence::{Comparison, Finding};
use crate::flow::mean_field::Descent;
use crate::meanfield::Particles;
use nalgebra::DMatrix;
use points::{EACH, GROUPS, Points, Power, groups, groups_of, ln_root_mean_square, ln_variance};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The hypothesis under which derivatives of every order are bounded.
pub(super) const COSINE: &str = "activation: a cosine, all of whose derivatives have one bound";

/// The hypothesis under which the leading term leads.
pub(super) const SHORT: &str =
    "time: the correction that is derived for the smallest width is smaller than the leading term";

/// The step of gradient descent, and how many of them are a fixed training time.
const STEP: f64 = 1.0 / 64.0;
/// See [`STEP`].
const STEPS: usize = 4;

/// The largest entry of `w`: a uniform number of variance one.
const LARGEST: f64 = 1.732_050_807_568_877_2;

/// The seed of one of many draws for a purpose.
fn generator(seed: u64, purpose: u64, index: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(purpose << 48 | index as u64);
    rng
}

/// Trains for the fixed number of steps, of any size.
fn descended(instance: &MeanFieldInstance, network: Particles, step: f64) -> Descent<'_> {
    let mut descent = Descent::new(&instance.task, network);
    for _ in 0..STEPS {
        descent.step(step);
    }
    descent
}

/// Draws an initialisation.
fn initial(rng: &mut impl Rng, state: usize, depth: usize, width: usize) -> Particles {
    let mut layer = || {
        let mut layer = DMatrix::zeros(2 * state + 1, width);
        for mut particle in layer.column_iter_mut() {
            for a in state..2 * state {
                particle[a] = rng.random_range(-LARGEST..LARGEST);
            }
            particle[2 * state] = rng.random_range(0.0..std::f64::consts::TAU);
        }
        layer
    };
    let layers = (0..depth).map(|_| layer()).collect();
    Particles::try_new(layers).expect("finite layers of one shape")
}

/// Sizes of all that enters the training of an instance from [`initial`].
///
/// # Arguments
/// * `amplitude`: that of its activation; `step`: of gradient descent; `rate`: of `(w, b)`, relative to that of `u`.
fn training(
    instance: &MeanFieldInstance,
    amplitude: Ball,
    step: f64,
    rate: f64,
) -> MajorantTraining {
    let task = &instance.task;
    let state = task.state_dimension();
    let points = task.inputs().column_iter();
    let first = state - task.outputs();
    let errors = points.clone().zip(task.targets().column_iter());
    let errors = errors.map(|(x, y)| {
        let entries = x.iter().skip(first).zip(y.iter());
        let scaled = |x: f64| Ball::from(task.scale()) * Ball::from(x);
        let squares = entries.map(|(&x, &y)| (scaled(x) - Ball::from(y)).square());
        squares.sum::<Ball>().sqrt()
    });
    MajorantTraining {
        amplitude,
        frequency: Ball::from(LARGEST) * Ball::from(state as f64).sqrt(),
        points: points.map(|x| Ball::norm_of(x.as_slice())).collect(),
        errors: errors.collect(),
        depth: instance.network.depth(),
        scale: instance.scale(),
        step: Ball::from(step),
        steps: STEPS,
        rate: Ball::from(rate),
        shared: false,
    }
}

/// What the training lasts too long for.
fn too_long() -> Finding {
    Finding::Inapplicable(vec![SHORT.to_owned()])
}

/// Judges slopes, of an instance whose activation is bounded, derivatives included; they get its amplitude.
fn compared(
    instance: &MeanFieldInstance,
    slopes: impl FnOnce(Ball) -> Result<Vec<Comparison>, Finding>,
) -> Finding {
    if instance.bounds().is_none() {
        return Finding::Inapplicable(vec![BOUNDED.to_owned()]);
    }
    let Some(amplitude) = instance.task.activation().amplitude() else {
        return Finding::Inapplicable(vec![COSINE.to_owned()]);
    };
    slopes(amplitude).map_or_else(|finding| finding, Finding::Compared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initialisations_do_nothing_and_are_a_function_of_the_stream() {
        let seed = crate::claims::mean_field::generic().remove(0).seed;
        let draw = |purpose, index| initial(&mut generator(seed, purpose, index), 2, 3, 40);
        let one = draw(1, 7);
        assert_eq!(one, draw(1, 7));
        assert!(one != draw(1, 8) && one != draw(2, 7));
        assert_eq!((one.depth(), one.width()), (3, 40));
        assert!(
            one.layers()
                .iter()
                .all(|layer| layer.rows(0, 2).iter().all(|&u| u == 0.0))
        );
        let w = one.layers()[0].rows(2, 2);
        assert!(w.iter().all(|w| w.abs() <= LARGEST) && w.min() < -1.0 && w.max() > 1.0);
        assert!((LARGEST * LARGEST - 3.0).abs() < 1e-15);
        let b = one.layers()[0].row(4);
        assert!(b.iter().all(|&b| (0.0..std::f64::consts::TAU).contains(&b)));
    }

    #[test]
    fn sizes_are_those_of_the_instance() {
        let mut instance = crate::claims::mean_field::generic().remove(0);
        instance.task = crate::meanfield::Regression::try_new(
            crate::meanfield::Activation::Cosine,
            -2.0,
            nalgebra::dmatrix![3.0, 0.0; 4.0, 1.0],
            nalgebra::dmatrix![-6.0, -1.0],
        )
        .unwrap();
        let sizes = training(&instance, Ball::from(1.0), 0.25, 0.5);
        let mids = |balls: &[Ball]| -> Vec<f64> { balls.iter().map(|b| b.mid()).collect() };
        assert_eq!(mids(&sizes.points), [5.0, 1.0]);
        // −2·4 + 6 and −2·1 + 1.
        assert_eq!(mids(&sizes.errors), [2.0, 1.0]);
        assert!((sizes.frequency.mid() - 6.0_f64.sqrt()).abs() < 1e-15);
        assert_eq!((sizes.scale.mid(), sizes.rate.mid()), (2.0, 0.5));
        assert_eq!((sizes.depth, sizes.shared), (2, false));
        assert_eq!((sizes.step.mid(), sizes.steps), (0.25, STEPS));
    }
}
