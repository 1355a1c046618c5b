//! W1: fluctuations over initialisations.

use super::{BIAS, MeanFieldInstance, STEP, STEPS, compared, generator, initial, ln_variance};
use super::{ordinates, slope};
use crate::evidence::Finding;
use crate::flow::mean_field::Descent;
use crate::meanfield::{Particles, Tape};

/// Widths of the regressions in `M`, and the one of that in `D`.
const WIDTHS: [usize; 6] = [8, 16, 32, 64, 128, 256];
/// Depths of the regression in `D`.
const DEPTHS: [usize; 5] = [1, 2, 4, 8, 16];

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

fn fluctuation_with(
    instance: &MeanFieldInstance,
    change: impl Fn(Particles, usize) -> Particles + Sync,
) -> Finding {
    let task = &instance.task;
    let state = task.state_dimension();
    let depth = instance.network.depth();
    let drawn = |purpose, index, depth, width| {
        let network = initial(
            &mut generator(instance, purpose, index),
            state,
            depth,
            width,
        );
        change(network, width)
    };
    let logarithms =
        |sizes: &[usize]| -> Vec<f64> { sizes.iter().map(|&m| (m as f64).ln()).collect() };
    compared(instance, || {
        let by_width = |width: usize, index: usize| {
            velocity(instance, &drawn(1, width << 20 | index, depth, width))
        };
        let (widths, velocities) = ordinates(&WIDTHS, by_width, ln_variance);
        let by_depth = |depth: usize, index: usize| {
            velocity(instance, &drawn(2, depth << 20 | index, depth, WIDTHS[0]))
        };
        let (depths, deep) = ordinates(&DEPTHS, by_depth, ln_variance);
        let trained = |width: usize, index: usize| {
            let mut descent = Descent::new(task, drawn(3, width << 20 | index, depth, width));
            for _ in 0..STEPS {
                descent.step(STEP);
            }
            descent.outputs()[(0, 0)]
        };
        let (trained_widths, outputs) = ordinates(&WIDTHS, trained, ln_variance);
        let zero = |_| 0.0;
        let bias = |i: usize| (BIAS / trained_widths[i] as f64).ln_1p();
        vec![
            slope(
                "Var of the output's first velocity ∝ M⁻¹",
                &logarithms(&widths),
                &velocities,
                -1.0,
                zero,
            ),
            slope(
                "Var of the output's first velocity ∝ D⁻¹",
                &logarithms(&depths),
                &deep,
                -1.0,
                zero,
            ),
            slope(
                "Var of the trained output ∝ M⁻¹",
                &logarithms(&trained_widths),
                &outputs,
                -1.0,
                bias,
            ),
        ]
    })
}

/// `(d/dt)αPx_D` of the first output of the first sample at `u = 0`: `−αD⁻¹Σ_kM⁻¹Σ_jσ_j·G_j^u`, a mean of `DM`
/// independent terms.
fn velocity(instance: &MeanFieldInstance, network: &Particles) -> f64 {
    let task = &instance.task;
    let (depth, width) = (network.depth(), network.width());
    let mut tape = Tape::new(task, depth, width);
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

    /// A short step moves the output by its velocity.
    #[test]
    fn velocities_are_quotients() {
        let instance = generic().remove(0);
        let network = initial(&mut generator(&instance, 9, 0), 2, 3, 5);
        let mut descent = Descent::new(&instance.task, network.clone());
        let before = descent.outputs()[(0, 0)];
        descent.step(1e-6);
        let quotient = (descent.outputs()[(0, 0)] - before) / 1e-6;
        // 1e-6 of a second derivative below 100, and rounding 1e-15/1e-6.
        assert!((velocity(&instance, &network) - quotient).abs() < 1e-4);
    }
}
