//! W4: `1/M` and `1/√M`.

use super::{MeanFieldInstance, Points, Power, STEP, STEPS, compared, generator, groups, initial};
use super::{ln_root_mean_square, training};
use crate::arithmetic::Ball;
use crate::bounds::finite_width::Drift;
use crate::evidence::{Comparison, Finding};
use crate::flow::mean_field::Descent;

/// Widths of the networks.
const WIDTHS: [usize; 6] = [8, 16, 32, 64, 128, 256];

/// How the output of a layer is scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scaling {
    /// `M⁻¹Σuσ`, particles that move.
    MeanField,
    /// `M^{−1/2}Σuσ`, the tangent kernel's: lazy.
    Tangent,
}

impl Scaling {
    /// What the square of a displacement is multiplied by to have a limit.
    fn factor(self, width: usize) -> f64 {
        match self {
            Self::MeanField => 1.0,
            Self::Tangent => width as f64,
        }
    }
}

/// W4: how far particles move in a fixed time, at equal speed of the tangent kernel.
pub(in crate::claims) fn scaling(instance: &MeanFieldInstance) -> Finding {
    scaling_of(instance, [Scaling::MeanField, Scaling::Tangent])
}

/// Both scalings taken for each other.
pub(super) fn exchanged(instance: &MeanFieldInstance) -> Finding {
    scaling_of(instance, [Scaling::Tangent, Scaling::MeanField])
}

fn scaling_of(instance: &MeanFieldInstance, [moving, lazy]: [Scaling; 2]) -> Finding {
    compared(instance, |amplitude| {
        let slope = |scaling, purpose, statement, slopes| {
            let moved =
                |width: usize, index: usize| displacement(instance, scaling, purpose, width, index);
            let points = Points::new(Power::Root, groups(&WIDTHS, moved, ln_root_mean_square));
            let off = points.drifting(&drift(instance, amplitude, scaling), |width| {
                scaling.factor(width)
            })?;
            points.slope(statement, slopes, Some(&off))
        };
        Ok::<Vec<Comparison>, Finding>(vec![
            slope(
                moving,
                6,
                "with 1/M the particles move, however many",
                [0.0, -0.5],
            )?,
            slope(lazy, 7, "with 1/√M they move by M^−½", [-0.5, 0.0])?,
        ])
    })
}

/// The finite-width correction of the square of a displacement, times [`Scaling::factor`].
fn drift(instance: &MeanFieldInstance, amplitude: Ball, scaling: Scaling) -> Drift {
    match scaling {
        Scaling::MeanField => Drift::displacement(&training(instance, amplitude, STEP, 1.0), false),
        Scaling::Tangent => {
            let largest = 1.0 / WIDTHS[0] as f64;
            Drift::displacement(&training(instance, amplitude, STEP, largest), true)
        }
    }
}

/// The root mean square of the particles' displacement.
///
/// With `ũ = √M·u` the network of the tangent scaling is one of the mean field, and its gradient descent with a rate
/// `D`, which gives the tangent kernel the same speed, is `ũ ← ũ − ηG_u`, `(w, b) ← (w, b) − (η/M)G_{w,b}`.
fn displacement(
    instance: &MeanFieldInstance,
    scaling: Scaling,
    purpose: u64,
    width: usize,
    index: usize,
) -> f64 {
    let state = instance.task.state_dimension();
    let mut rng = generator(instance.seed, purpose, width << 20 | index);
    let start = initial(&mut rng, state, instance.network.depth(), width);
    let m = width as f64;
    let (rest, unit) = match scaling {
        Scaling::MeanField => (1.0, 1.0),
        Scaling::Tangent => (1.0 / m, 1.0 / m.sqrt()),
    };
    let mut descent = Descent::new(&instance.task, start.clone());
    for _ in 0..STEPS {
        descent.step_of(STEP, rest * STEP);
    }
    let moved = descent.network().plus(-1.0, &start);
    let particles = moved.layers().iter().flat_map(|layer| layer.column_iter());
    let squares: f64 = particles
        .map(|particle| {
            let u = particle.rows(0, state).norm_squared();
            unit * unit * u + particle.rows(state, state + 1).norm_squared()
        })
        .sum();
    (squares / (moved.depth() * width) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::mean_field::generic;
    use crate::meanfield::{Cloud, twin};

    /// The tangent scaling run in its own coordinates, by dual numbers.
    #[test]
    fn the_tangent_scaling_is_a_mean_field_with_slow_features() {
        use crate::arithmetic::Dual;
        let instance = generic().remove(0);
        let (state, depth, width) = (2, instance.network.depth(), 8);
        let root = (width as f64).sqrt();
        let start = initial(
            &mut generator(instance.seed, 7, width << 20),
            state,
            depth,
            width,
        );
        // u of the tangent scaling; a network of the mean field has √M·u.
        let mut own: Cloud<f64> = start.cloud(|x| x);
        let as_mean_field = |own: &Cloud<f64>, along: Option<[usize; 3]>| -> Cloud<Dual<f64>> {
            let entry = |k: usize, j: usize, a: usize| {
                let factor = if a < state { root } else { 1.0 };
                let slope = if along == Some([k, j, a]) {
                    factor
                } else {
                    0.0
                };
                Dual::new(factor * own[k][j][a], slope)
            };
            let particle = |k, j| (0..5).map(|a| entry(k, j, a)).collect();
            (0..depth)
                .map(|k| (0..width).map(|j| particle(k, j)).collect())
                .collect()
        };
        for _ in 0..STEPS {
            let before = own.clone();
            for k in 0..depth {
                for j in 0..width {
                    for a in 0..5 {
                        let line = as_mean_field(&before, Some([k, j, a]));
                        let partial = twin::risk(&instance.task, &line).derivative;
                        own[k][j][a] -= STEP * depth as f64 * partial;
                    }
                }
            }
        }
        let first = start.cloud(|x| x);
        let moved = own
            .iter()
            .flatten()
            .flatten()
            .zip(first.iter().flatten().flatten());
        let squares: f64 = moved.map(|(x, y)| (x - y).powi(2)).sum();
        let expected = (squares / (depth * width) as f64).sqrt();
        let found = displacement(&instance, Scaling::Tangent, 7, width, 0);
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
    }
}
