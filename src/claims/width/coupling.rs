//! W2: narrow networks coupled to a wide one.

use super::{BIAS, MeanFieldInstance, STEP, STEPS, compared, generator, initial};
use super::{ln_root_mean_square, ordinates, slope};
use crate::evidence::Finding;
use crate::flow::mean_field::Descent;
use crate::meanfield::Particles;
use crate::transport::conditional_distance;

/// Widths of the narrow networks.
const WIDTHS: [usize; 5] = [4, 8, 16, 32, 64];

/// How many times wider the reference is: `1/M − 1/M_ref` is proportional to `1/M`.
const WIDER: usize = 16;

/// W2: the distance of a network from the wide one whose first particles it started from.
pub(in crate::claims) fn coupling(instance: &MeanFieldInstance) -> Finding {
    coupling_with(instance, true)
}

/// Networks that were drawn apart.
pub(super) fn independent(instance: &MeanFieldInstance) -> Finding {
    coupling_with(instance, false)
}

fn coupling_with(instance: &MeanFieldInstance, coupled: bool) -> Finding {
    let state = instance.task.state_dimension();
    let depth = instance.network.depth();
    let pair = |purpose, width: usize, index: usize| {
        let mut rng = generator(instance, purpose, width << 20 | index);
        let wide = initial(&mut rng, state, depth, WIDER * width);
        let narrow = if coupled {
            first(&wide, width)
        } else {
            initial(&mut rng, state, depth, width)
        };
        (trained(instance, wide), trained(instance, narrow))
    };
    compared(instance, || {
        let outputs = |width: usize, index: usize| {
            let ((wide, _), (narrow, _)) = pair(4, width, index);
            narrow - wide
        };
        let distances = |width: usize, index: usize| {
            let ((_, wide), (_, narrow)) = pair(5, width, index);
            let distance = conditional_distance(narrow.layers(), first(&wide, width).layers());
            // Networks that are refused are no point of a regression.
            distance.map_or(f64::NAN, |found| found.distance().mid())
        };
        let (widths, outputs) = ordinates(&WIDTHS, outputs, ln_root_mean_square);
        let (_, distances) = ordinates(&WIDTHS, distances, ln_root_mean_square);
        let logarithms: Vec<f64> = widths.iter().map(|&m| (m as f64).ln()).collect();
        // Half of the logarithm of the mean square.
        let bias = |i: usize| 0.5 * (BIAS / widths[i] as f64).ln_1p();
        vec![
            slope(
                "the output is off by M^−½",
                &logarithms,
                &outputs,
                -0.5,
                bias,
            ),
            slope(
                "the coupled networks are M^−½ apart",
                &logarithms,
                &distances,
                -0.5,
                bias,
            ),
        ]
    })
}

/// The first particles of every layer.
fn first(network: &Particles, width: usize) -> Particles {
    network.rearranged(|_| (0..width).collect())
}

/// The first output of the first sample, and the network, after the fixed time.
fn trained(instance: &MeanFieldInstance, network: Particles) -> (f64, Particles) {
    let mut descent = Descent::new(&instance.task, network);
    for _ in 0..STEPS {
        descent.step(STEP);
    }
    (descent.outputs()[(0, 0)], descent.network().clone())
}
