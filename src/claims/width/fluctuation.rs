//! W1: fluctuations over initialisations.

use super::{MeanFieldInstance, Points, Power, STEP, STEPS, compared, generator, groups, initial};
use super::{descended, ln_variance, too_long, training};
use crate::arithmetic::Ball;
use crate::bounds::finite_width::{Fluctuation, MajorantTraining, Onset};
use crate::evidence::{Comparison, Finding};
use crate::meanfield::{ParticleTape, Particles};

/// Widths of the regression of the first velocity in `M`, and the first of them that of the one in `D`.
const WIDTHS: [usize; 6] = [8, 16, 32, 64, 128, 256];
/// Depths of the regression in `D`.
const DEPTHS: [usize; 5] = [1, 2, 4, 8, 16];
/// Widths of trained networks.
const TRAINED: [usize; 6] = [16, 32, 64, 128, 256, 512];
/// The step of trained networks of different depths.
const ONSET: f64 = 1.0 / 2048.0;

/// W1: the variance of the output over initialisations.
pub(in crate::claims) fn fluctuation(instance: &MeanFieldInstance) -> Finding {
    fluctuation_with(instance, |network, _| network)
}

/// Networks of every width that are copies of eight particles: no wider than eight.
pub(super) fn copies(instance: &MeanFieldInstance) -> Finding {
    fluctuation_with(instance, |network, width| {
        let few = network.rearranged(|_| (0..WIDTHS[0]).collect());
        few.replicated(width / WIDTHS[0])
    })
}

/// Networks whose layers are one: no deeper than it.
pub(super) fn one_layer(instance: &MeanFieldInstance) -> Finding {
    fluctuation_with(instance, |network, _| {
        let layers = vec![network.layers()[0].clone(); network.depth()];
        Particles::try_new(layers).expect("finite layers of one shape")
    })
}

fn fluctuation_with(
    instance: &MeanFieldInstance,
    change: impl Fn(Particles, usize) -> Particles + Sync,
) -> Finding {
    compared(instance, |amplitude| slopes(instance, amplitude, change))
}

fn slopes(
    instance: &MeanFieldInstance,
    amplitude: Ball,
    change: impl Fn(Particles, usize) -> Particles + Sync,
) -> Result<Vec<Comparison>, Finding> {
    let task = &instance.task;
    let depth = instance.network.depth();
    let training = training(instance, amplitude, STEP, 1.0);
    let correction = Fluctuation::variance(&training, |found| found.outputs[0]);
    if !correction.is_possible(TRAINED[0]) {
        return Err(too_long());
    }
    let drawn = |purpose, index, depth, width| {
        let mut rng = generator(instance.seed, purpose, index);
        let network = initial(&mut rng, task.state_dimension(), depth, width);
        change(network, width)
    };
    let variances = |sizes: &[usize], draw: &(dyn Fn(usize, usize) -> f64 + Sync)| {
        Points::new(Power::Square, groups(sizes, draw, ln_variance))
    };
    let by_width = variances(&WIDTHS, &|width, index| {
        velocity(instance, &drawn(1, width << 20 | index, depth, width))
    });
    let by_depth = variances(&DEPTHS, &|depth, index| {
        velocity(instance, &drawn(2, depth << 20 | index, depth, WIDTHS[0]))
    });
    let trained = variances(&TRAINED, &|width, index| {
        let network = drawn(3, width << 20 | index, depth, width);
        descended(instance, network, STEP).outputs()[(0, 0)]
    });
    let deep = variances(&DEPTHS, &|depth, index| {
        let network = drawn(5, depth << 20 | index, depth, WIDTHS[0]);
        descended(instance, network, ONSET).outputs()[(0, 0)]
    });
    let off = trained.corrected(&correction)?;
    let (_, leading) = by_depth.leading();
    let onsets = DEPTHS.map(|depth| (depth, onset(&training, depth, leading)));
    let onset = deep.each(|depth| onsets.iter().find(|(of, _)| *of == depth)?.1)?;
    Ok(vec![
        by_width.slope(
            "Var of the output's first velocity ∝ M⁻¹",
            [-1.0, 0.0],
            None,
        )?,
        by_depth.slope(
            "Var of the output's first velocity ∝ D⁻¹",
            [-1.0, 0.0],
            None,
        )?,
        trained.slope("Var of the trained output ∝ M⁻¹", [-1.0, 0.0], Some(&off))?,
        deep.slope(
            "Var of the output after a short time ∝ D⁻¹",
            [-1.0, 0.0],
            Some(&onset),
        )?,
    ])
}

/// What the logarithm of `D·Var` after a short time is off by at a depth.
///
/// # Arguments
/// * `leading`: a lower bound of `D·Var` of the first velocity at the width of these networks.
fn onset(training: &MajorantTraining, depth: usize, leading: Ball) -> Option<Ball> {
    let short = MajorantTraining {
        depth,
        step: Ball::from(ONSET),
        ..training.clone()
    };
    let steps = Ball::from(STEPS as f64 * ONSET);
    let width = Ball::from(WIDTHS[0] as f64);
    let root = steps * (width * leading).sqrt();
    Onset::of(&short, |found| found.outputs[0]).logarithm(root)
}

/// `(d/dt)αPx_D` of the first output of the first sample at `u = 0`: `−αD⁻¹Σ_kM⁻¹Σ_jσ_j·G_j^u`, a mean of `DM`
/// independent terms.
fn velocity(instance: &MeanFieldInstance, network: &Particles) -> f64 {
    let task = &instance.task;
    let (depth, width) = (network.depth(), network.width());
    let mut tape = ParticleTape::new(task, depth, width);
    tape.run(task, network);
    let row = task.state_dimension() - task.outputs();
    let layers = (0..depth).map(|k| {
        let (features, gradient) = (tape.features(k), &tape.gradient().layers()[k]);
        (0..width)
            .map(|j| features[(j, 0)] * gradient[(row, j)])
            .sum::<f64>()
    });
    -task.scale() * layers.sum::<f64>() / (depth * width) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::mean_field::generic;
    use crate::flow::mean_field::Descent;

    /// A short step moves the output by its velocity.
    #[test]
    fn velocities_are_quotients() {
        let instance = generic().remove(0);
        let network = initial(&mut generator(instance.seed, 9, 0), 2, 3, 5);
        let mut descent = Descent::new(&instance.task, network.clone());
        let before = descent.outputs()[(0, 0)];
        descent.step(1e-6);
        let quotient = (descent.outputs()[(0, 0)] - before) / 1e-6;
        // 1e-6 of a second derivative below 100, and rounding 1e-15/1e-6.
        assert!((velocity(&instance, &network) - quotient).abs() < 1e-4);
    }
}
