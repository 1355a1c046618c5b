//! Claims about width: W1, W2, W4.
//!
//! Networks are drawn with `u = 0`, `w` standard normal and `b` uniform on a period, and trained in f64 on the batched
//! pass: rounding is some `1e-13` of what is measured and is not counted.

mod controls;
mod coupling;
mod fluctuation;
mod scaling;

pub(super) use controls::{CONTROLS, instances};
pub(super) use coupling::coupling;
pub(super) use fluctuation::fluctuation;
pub(super) use scaling::scaling;

use super::mean_field::BOUNDED;
use super::{MeanFieldInstance, undecided};
use crate::arithmetic::Ball;
use crate::evidence::statistics::{FALSE_ALARM, MISS, Rate};
use crate::evidence::{Comparison, Finding};
use crate::meanfield::Particles;
use nalgebra::DMatrix;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use rayon::prelude::*;

/// The step of gradient descent, and how many of them are a fixed training time.
const STEP: f64 = 0.25;
/// See [`STEP`].
const STEPS: usize = 4;

/// Independent repetitions of one ordinate of a regression.
const GROUPS: usize = 48;

/// Networks of which one ordinate is made.
const EACH: usize = 12;

/// The relative finite-width bias that the null hypothesis of a trained network allows, times the width.
const BIAS: f64 = 4.0;

/// The seed of one of many draws for a purpose.
fn generator(instance: &MeanFieldInstance, purpose: u64, index: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(instance.seed);
    rng.set_stream(purpose << 48 | index as u64);
    rng
}

/// Draws an initialisation.
fn initial(rng: &mut impl Rng, state: usize, depth: usize, width: usize) -> Particles {
    let mut layer = || {
        let mut layer = DMatrix::zeros(2 * state + 1, width);
        for mut particle in layer.column_iter_mut() {
            for a in state..2 * state {
                particle[a] = rng.sample::<f64, _>(StandardNormal);
            }
            particle[2 * state] = rng.random_range(0.0..std::f64::consts::TAU);
        }
        layer
    };
    let layers = (0..depth).map(|_| layer()).collect();
    Particles::try_new(layers).expect("finite layers of one shape")
}

/// Draws `GROUPS` ordinates for every size, each from `EACH` numbers, in parallel; the result does not depend on the
/// number of threads.
fn ordinates(
    sizes: &[usize],
    draw: impl Fn(usize, usize) -> f64 + Sync,
    ordinate: impl Fn(&[f64]) -> f64 + Sync,
) -> (Vec<usize>, Vec<f64>) {
    let groups: Vec<(usize, usize)> = sizes
        .iter()
        .flat_map(|&size| (0..GROUPS).map(move |group| (size, group)))
        .collect();
    let values = groups.par_iter().map(|&(size, group)| {
        let numbers: Vec<f64> = (0..EACH).map(|i| draw(size, group * EACH + i)).collect();
        ordinate(&numbers)
    });
    let values = values.collect();
    (groups.into_iter().map(|(size, _)| size).collect(), values)
}

/// `ln` of the sample variance.
fn ln_variance(numbers: &[f64]) -> f64 {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let squares: f64 = numbers.iter().map(|x| (x - mean).powi(2)).sum();
    (squares / (n - 1.0)).ln()
}

/// `ln` of the root mean square.
fn ln_root_mean_square(numbers: &[f64]) -> f64 {
    let squares: f64 = numbers.iter().map(|x| x * x).sum();
    0.5 * (squares / numbers.len() as f64).ln()
}

/// Compares the slope of points with the one expected; `bias` is what the ordinates' expectations may be off the line
/// by, one a point.
fn slope(
    statement: &'static str,
    abscissae: &[f64],
    ordinates: &[f64],
    expected: f64,
    bias: impl Fn(usize) -> f64,
) -> Result<Comparison, Finding> {
    let fit = |miss| Rate::fit(abscissae, ordinates, miss).map_err(undecided);
    let (alarm, miss) = (fit(FALSE_ALARM)?, fit(MISS)?);
    let mean = abscissae.iter().sum::<f64>() / abscissae.len() as f64;
    let squares: f64 = abscissae.iter().map(|x| (x - mean).powi(2)).sum();
    // |Σ w_i b_i|, w the weights of the least-squares slope.
    let off = abscissae.iter().enumerate();
    let off: f64 = off
        .map(|(i, x)| ((x - mean) / squares * bias(i)).abs())
        .sum();
    let ball = alarm.ball().widened(off);
    let detectable = ball.rad() + miss.half_width;
    Ok(Comparison::expectation(
        statement,
        (ball, detectable),
        Ball::from(expected),
        1.0,
    ))
}

/// Judges slopes, of an instance whose activation is bounded.
fn compared(
    instance: &MeanFieldInstance,
    slopes: impl FnOnce() -> Vec<Result<Comparison, Finding>>,
) -> Finding {
    if instance.bounds().is_none() {
        return Finding::Inapplicable(vec![BOUNDED.to_owned()]);
    }
    match slopes().into_iter().collect() {
        Ok(comparisons) => Finding::Compared(comparisons),
        Err(finding) => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;

    #[test]
    fn statistics_of_four_numbers() {
        let numbers = [1.0, 2.0, 4.0, 5.0];
        assert!((ln_variance(&numbers) - (10.0_f64 / 3.0).ln()).abs() < 1e-14);
        assert!((ln_root_mean_square(&numbers) - 0.5 * 11.5_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn ordinates_are_grouped_by_size() {
        let (sizes, values) = ordinates(
            &[2, 5],
            |size, index| (size * 1000 + index) as f64,
            |x| x[1],
        );
        assert_eq!((sizes.len(), values.len()), (2 * GROUPS, 2 * GROUPS));
        assert_eq!((sizes[0], sizes[GROUPS]), (2, 5));
        assert_eq!((values[0], values[1]), (2001.0, 2001.0 + EACH as f64));
        assert_eq!(values[GROUPS], 5001.0);
    }

    #[test]
    fn slopes_are_judged_with_their_bias() {
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| 3.0 - x + 0.01 * (x * 7.0).sin()).collect();
        let verdict = |expected, bias: f64| {
            slope("slope", &x, &y, expected, |_| bias)
                .unwrap()
                .verdict()
        };
        assert_eq!(verdict(-1.0, 0.0), Verdict::Holds);
        assert_eq!(verdict(-0.9, 0.0), Verdict::Violated);
        // Σ|w_i|·b = (400/5330)b.
        assert_eq!(verdict(-0.9, 1.3), Verdict::Violated);
        assert_eq!(verdict(-0.9, 1.35), Verdict::Holds);
        let found = slope("slope", &x, &y, -1.0, |_| 1.0).unwrap();
        assert!((found.quantity().rad() - 400.0 / 5330.0).abs() < 0.01);
        assert!(found.sampling().unwrap().detectable > found.quantity().rad());
    }

    #[test]
    fn initialisations_do_nothing_and_are_a_function_of_the_stream() {
        let instance = crate::claims::mean_field::generic().remove(0);
        let draw = |purpose, index| initial(&mut generator(&instance, purpose, index), 2, 3, 4);
        let one = draw(1, 7);
        assert_eq!(one, draw(1, 7));
        assert!(one != draw(1, 8) && one != draw(2, 7));
        assert_eq!((one.depth(), one.width()), (3, 4));
        assert!(
            one.layers()
                .iter()
                .all(|layer| layer.rows(0, 2).iter().all(|&u| u == 0.0))
        );
        let b = one.layers()[0].row(4);
        assert!(b.iter().all(|&b| (0.0..std::f64::consts::TAU).contains(&b)));
    }
}
