//! Shrinkable random instances, for `cargo test` and for `polyak verify`.
//!
//! Every number of an instance is a value of the strategy itself (no bare seed),
//! and a failing instance shrinks by dropping what it is made of: samples, layers,
//! frequencies, dimensions, then entries, until each one left matters.
//!
//! * [`general`]: any network and data, weights within the depth that version 3
//!   of P3 asks for (and now and then beyond).
//! * [`near_minimum`]: targets near the predictions of the reference, so that
//!   P8's condition holds.
//! * [`functional`], [`functional_near_minimum`]: the same for kernel expansions.
//! * [`point_sets`]: points and a kernel at any scale; [`still`]: a network that does nothing at them.
//! * [`random_features`], [`gaussian_points`]: a few points, a kernel no wider than their separation, and a seed;
//!   [`gaussian_features`], [`lazy`]: networks at such points, and targets; [`spectral_widths`]: the same, lifted, to be
//!   learnt from.

mod mean_field;
mod points;
mod shrink;

use super::{DEFAULT_DRAWS, ResidualSpec};
use crate::data::Hostile;
use crate::kernel::{Gaussian, KernelSpec, Matern};
pub use mean_field::{hostile_measure, mean_field, widths, zero_residual};
pub use points::{
    gaussian_features, gaussian_points, lazy, point_sets, random_features, spectral_widths, still,
};
use proptest::collection::vec;
use proptest::prelude::*;
use shrink::Shrinking;

/// Sizes of an instance.
#[derive(Clone, Copy, Debug)]
struct Shape {
    samples: usize,
    inputs: usize,
    state: usize,
    outputs: usize,
    frequencies: usize,
    depth: usize,
}

/// Sizes with `d' ≤ q` and, mostly, `N ≤ 2m`: small enough for the scalar
/// reference over dual balls, large enough to have every index move.
fn shapes() -> impl Strategy<Value = Shape> {
    (
        1usize..=7,
        1usize..=4,
        0usize..=3,
        1usize..=3,
        0usize..=7,
        1usize..=9,
    )
        .prop_map(|(samples, inputs, more, outputs, frequencies, depth)| {
            let state = inputs + more;
            Shape {
                samples,
                inputs,
                state,
                outputs: outputs.min(state),
                frequencies: samples.div_ceil(2) + frequencies,
                depth,
            }
        })
}

fn rows(rows: usize, columns: usize) -> impl Strategy<Value = Vec<Vec<f64>>> {
    vec(vec(-1.0..1.0, columns), rows)
}

/// Any kernel of the crate, admissible or not.
pub fn kernels() -> impl Strategy<Value = KernelSpec> {
    let bandwidth = (-1.0..1.0_f64).prop_map(|exponent| 10.0_f64.powf(exponent));
    (0usize..8, bandwidth).prop_map(|(family, bandwidth)| {
        let matern = |nu| {
            Matern::try_new(nu, bandwidth)
                .expect("a positive length")
                .into()
        };
        match family {
            0..4 => Gaussian::try_new(bandwidth)
                .expect("a positive bandwidth")
                .into(),
            4 => matern(1.5),
            5 => matern(2.5),
            6 => matern(3.5),
            _ => matern(0.5),
        }
    })
}

/// The scales of an instance: `(frequency, readout, target, stretch of the reference,
/// stretch of the displacement, step margin, steps)`, the stretches as shares of
/// the largest that version 3 allows.
type Scales = (f64, f64, f64, f64, f64, f64, usize);

fn scales() -> impl Strategy<Value = Scales> {
    let magnitude = |low: f64, high: f64| (low..high).prop_map(|e: f64| 10.0_f64.powf(e));
    (
        magnitude(-0.3, 0.8),
        magnitude(-1.5, 1.5),
        magnitude(-2.0, 1.0),
        0.0..0.55,
        0.0..0.5,
        0.1..0.9,
        1usize..=6,
    )
}

fn assemble(shape: Shape, scales: Scales) -> impl Strategy<Value = ResidualSpec> {
    let Shape {
        samples,
        inputs,
        state,
        outputs,
        frequencies,
        depth,
    } = shape;
    let (frequency, readout, target, reference, displacement, step_margin, steps) = scales;
    let layer = 2 * frequencies * state;
    let scaled = |rows: Vec<Vec<f64>>, by: f64| -> Vec<Vec<f64>> {
        rows.into_iter()
            .map(|row| row.into_iter().map(|x| x * by).collect())
            .collect()
    };
    // The largest κ̂1‖v‖ with D ≥ 4κ̂1²‖v‖².
    let deepest = (depth as f64).sqrt() / 2.0;
    (
        kernels(),
        rows(samples, inputs),
        rows(samples, outputs),
        rows(frequencies, state),
        rows(state, inputs),
        rows(outputs, state),
        rows(depth, layer),
        rows(depth, layer),
    )
        .prop_map(move |(kernel, x, y, omega, a, b, v, w)| ResidualSpec {
            kernel,
            inputs: x,
            targets: scaled(y, target),
            // Uniform entries of unit variance, times a scale.
            frequencies: scaled(omega, 3.0_f64.sqrt() * frequency),
            lift: near_identity(a),
            readout: scaled(near_identity(b), readout),
            reference: v,
            displacement: w,
            reference_stretch: reference * deepest,
            displacement_stretch: displacement * deepest,
            step_margin,
            steps,
            loss_share: None,
            seed: 0,
            draws: DEFAULT_DRAWS,
        })
}

/// Adds the identity, so that lifts and readouts are mostly, not always, well conditioned.
fn near_identity(mut rows: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for (i, row) in rows.iter_mut().enumerate() {
        if let Some(diagonal) = row.get_mut(i) {
            *diagonal += 1.0;
        }
    }
    rows
}

/// Any network, data and weights.
pub fn general() -> impl Strategy<Value = ResidualSpec> {
    Shrinking((shapes(), scales()).prop_flat_map(|(shape, scales)| assemble(shape, scales)))
}

/// Strongly admissible kernels whose bandwidth is about the distance of the points.
fn smooth_kernels() -> impl Strategy<Value = KernelSpec> {
    let bandwidth = (-0.3..0.5_f64).prop_map(|exponent| 10.0_f64.powf(exponent));
    (0usize..5, bandwidth).prop_map(|(family, bandwidth)| {
        let name = match family {
            0 | 1 => "gaussian",
            2 => "matern52",
            3 => "matern72",
            _ => "imq",
        };
        let kernel = format!("{name}:{bandwidth:?}").parse();
        kernel.expect("a positive bandwidth")
    })
}

fn with_smooth_kernel(
    specs: impl Strategy<Value = ResidualSpec>,
) -> impl Strategy<Value = ResidualSpec> {
    (specs, smooth_kernels()).prop_map(|(spec, kernel)| ResidualSpec { kernel, ..spec })
}

/// Any network of kernel expansions, of a strongly admissible kernel.
pub fn functional() -> impl Strategy<Value = ResidualSpec> {
    with_smooth_kernel(general())
}

/// The same, with an initial loss between 1 and 99 % of what P8 allows.
pub fn functional_near_minimum() -> impl Strategy<Value = ResidualSpec> {
    with_smooth_kernel(near_minimum())
}

/// Instances whose initial loss is a share between 1 and 99 % of what P8 allows.
pub fn near_minimum() -> impl Strategy<Value = ResidualSpec> {
    Shrinking(
        (general(), 0.01..0.99, 5usize..=40).prop_map(|(mut spec, share, steps)| {
            spec.loss_share = Some(share);
            spec.steps = steps;
            // Room for a ball around the reference.
            spec.reference_stretch *= 0.8;
            spec
        }),
    )
}

/// Instances of a hostile regime; otherwise as [`general`].
pub fn hostile(regime: Hostile) -> BoxedStrategy<ResidualSpec> {
    let shapes = shapes().prop_map(move |shape| match regime {
        Hostile::OneSample => Shape {
            samples: 1,
            ..shape
        },
        Hostile::OneLayer => Shape { depth: 1, ..shape },
        Hostile::OneDimension => Shape {
            inputs: 1,
            state: 1,
            outputs: 1,
            ..shape
        },
        Hostile::NearDuplicates => Shape {
            samples: shape.samples.max(2),
            ..shape
        },
        _ => shape,
    });
    let specs = (shapes, scales())
        .prop_flat_map(|(shape, scales)| assemble(shape, scales))
        .prop_map(move |mut spec| {
            match regime {
                Hostile::NearDuplicates => {
                    spec.inputs[1] = spec.inputs[0].clone();
                    spec.inputs[1][0] += 1e-8;
                }
                Hostile::HugeWeights => spec.displacement_stretch = 1e3,
                Hostile::FarFromOrigin => {
                    spec.inputs.iter_mut().flatten().for_each(|x| *x += 1e6);
                }
                Hostile::ZeroLoss => {
                    spec.displacement_stretch = 0.0;
                    spec.loss_share = Some(0.0);
                }
                _ => {}
            }
            spec
        });
    Shrinking(specs).boxed()
}
