//! W2: narrow networks coupled to a wide one.

use super::{MeanFieldInstance, Points, Power, STEPS, compared, generator, groups, initial};
use super::{ln_root_mean_square, too_long, training};
use crate::arithmetic::Ball;
use crate::bounds::finite_width::Fluctuation;
use crate::evidence::{Comparison, Finding};
use crate::flow::mean_field::Descent;
use crate::meanfield::Particles;
use crate::transport::conditional_distance;

/// Widths of the narrow networks.
const WIDTHS: [usize; 4] = [32, 64, 128, 256];

/// How many times wider the reference is: `1/M − 1/M_ref` is proportional to `1/M`.
const WIDER: usize = 2;

/// The step of gradient descent: the weight of a particle in either network is most of the correction.
const STEP: f64 = 1.0 / 128.0;

/// W2: the distance of a network from the wide one whose first particles it started from.
pub(in crate::claims) fn coupling(instance: &MeanFieldInstance) -> Finding {
    compared(instance, |amplitude| slopes(instance, amplitude, true))
}

/// Networks that were drawn apart.
pub(super) fn independent(instance: &MeanFieldInstance) -> Finding {
    compared(instance, |amplitude| slopes(instance, amplitude, false))
}

/// How far a narrow network is from a wide one.
#[derive(Clone, Copy, Debug)]
struct Apart {
    /// The first output of the first sample.
    output: f64,
    /// The COT distance of the narrow network from the first particles of the wide one.
    transported: f64,
    /// The distance of equal labels; that of an optimal labelling, of networks drawn apart.
    labelled: f64,
}

fn slopes(
    instance: &MeanFieldInstance,
    amplitude: Ball,
    coupled: bool,
) -> Result<Vec<Comparison>, Finding> {
    let training = training(instance, amplitude, STEP, 1.0);
    let output = Fluctuation::coupled(&training, WIDER, |found| found.outputs[0]);
    let particles = (0..training.depth)
        .map(|label| Fluctuation::coupled_particle(&training, WIDER, label, WIDTHS[0]))
        .reduce(Fluctuation::joined)
        .expect("a network has at least one layer");
    if !(output.is_possible(WIDTHS[0]) && particles.is_possible(WIDTHS[0])) {
        return Err(too_long());
    }
    let apart = |width: usize, index: usize| apart(instance, coupled, width, index);
    let drawn = groups(&WIDTHS, apart, |group| {
        let root = |of: fn(&Apart) -> f64| {
            let numbers: Vec<f64> = group.iter().map(of).collect();
            ln_root_mean_square(&numbers)
        };
        [
            root(|a| a.output),
            root(|a| a.labelled),
            root(|a| a.transported),
        ]
    });
    let points = |which: usize| {
        let of = drawn.iter().map(|&(width, roots)| (width, roots[which]));
        Points::new(Power::Root, of)
    };
    let [outputs, labelled, transported] = [0, 1, 2].map(points);
    let mut off = labelled.corrected(&particles)?;
    // Where another plan than that of the labels is optimal, the distance is shorter by what was found.
    for (off, (_, [_, labelled, transported])) in off.iter_mut().zip(&drawn) {
        *off = *off - Ball::from(labelled - transported);
    }
    Ok(vec![
        outputs.slope(
            "the output is off by M^−½",
            -0.5,
            Some(&outputs.corrected(&output)?),
        )?,
        transported.slope("the coupled networks are M^−½ apart", -0.5, Some(&off))?,
    ])
}

/// Draws and trains two networks.
fn apart(instance: &MeanFieldInstance, coupled: bool, width: usize, index: usize) -> Apart {
    let state = instance.task.state_dimension();
    let depth = instance.network.depth();
    let mut rng = generator(instance.seed, 4, width << 20 | index);
    let wide = initial(&mut rng, state, depth, WIDER * width);
    let narrow = if coupled {
        first(&wide, width)
    } else {
        initial(&mut rng, state, depth, width)
    };
    let (wide_output, wide) = trained(instance, wide);
    let (narrow_output, narrow) = trained(instance, narrow);
    let part = first(&wide, width);
    // Networks that are refused are no point of a regression.
    let transported = conditional_distance(narrow.layers(), part.layers())
        .map_or(f64::NAN, |found| found.distance().mid());
    Apart {
        output: narrow_output - wide_output,
        transported,
        labelled: if coupled {
            narrow.plus(-1.0, &part).norm().mid()
        } else {
            transported
        },
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::width::instances;

    #[test]
    fn coupled_networks_share_their_first_particles() {
        let instance = instances().remove(0);
        let found = apart(&instance, true, 16, 3);
        let again = apart(&instance, true, 16, 3);
        assert_eq!(found.output, again.output);
        assert!(found.transported <= found.labelled * (1.0 + 1e-12));
        let drawn_apart = apart(&instance, false, 16, 3);
        assert_eq!(drawn_apart.labelled, drawn_apart.transported);
        // Coupled particles are apart by what training did, others by what chance did.
        assert!(found.labelled < 0.01 && drawn_apart.labelled > 0.1);
    }
}
