//! Points and kernels, without a network worth the name.

use super::super::InstanceSpec;
use super::shrink::Shrinking;
use crate::kernel::{Family, KernelSpec, Power, Smoothness};
use proptest::collection::vec;
use proptest::prelude::*;

/// Every kind of kernel whose values have a proved error in f64.
const FAMILIES: [Family; 7] = [
    Family::Gaussian,
    Family::Matern(Smoothness::Half),
    Family::Matern(Smoothness::ThreeHalves),
    Family::Matern(Smoothness::FiveHalves),
    Family::Matern(Smoothness::SevenHalves),
    Family::InverseMultiquadric(Power::HALF),
    Family::InverseMultiquadric(Power::Ratio {
        numerator: 5,
        denominator: 2,
    }),
];

/// Sets of points in a cube of up to twenty dimensions, mostly of up to nine points and now and
/// then of up to forty, and kernels whose bandwidth lies within six decades of the cube's size,
/// either way. The lift is the identity.
pub fn point_sets() -> impl Strategy<Value = InstanceSpec> {
    let samples = prop_oneof![99 => 1usize..=9, 1 => 10usize..=40];
    let shapes = (1usize..=20, samples);
    Shrinking((shapes, 0..FAMILIES.len(), -6.0..6.0_f64).prop_flat_map(
        |((dimension, samples), family, decade)| {
            let kernel = FAMILIES[family].with_bandwidth(10.0_f64.powf(decade));
            let kernel = kernel.expect("a positive bandwidth");
            vec(vec(-1.0..1.0, dimension), samples).prop_map(move |points| idle(kernel, points))
        },
    ))
}

/// One frequency, one layer, no weights.
fn idle(kernel: KernelSpec, points: Vec<Vec<f64>>) -> InstanceSpec {
    let dimension = points[0].len();
    let unit = |i: usize| {
        let row = (0..dimension).map(|j| if i == j { 1.0 } else { 0.0 });
        row.collect::<Vec<f64>>()
    };
    InstanceSpec {
        kernel,
        targets: vec![vec![1.0]; points.len()],
        inputs: points,
        frequencies: vec![vec![1.0; dimension]],
        lift: (0..dimension).map(unit).collect(),
        readout: vec![unit(0)],
        reference: vec![vec![0.0; 2 * dimension]],
        displacement: vec![vec![0.0; 2 * dimension]],
        reference_stretch: 0.0,
        displacement_stretch: 0.0,
        step_margin: 0.5,
        steps: 1,
        loss_share: None,
    }
}
