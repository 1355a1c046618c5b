//! Points and kernels, and networks that do nothing at them.

use super::super::{PointsSpec, ResidualSpec};
use super::shrink::Shrinking;
use crate::kernel::{Family, Gaussian};
use proptest::collection::vec;
use proptest::prelude::*;

/// Every kind of kernel whose values have a proved error in f64.
fn families() -> Vec<Family> {
    let mut all = Family::samples();
    all.retain(|family| family.facts().profile_roundings.is_some());
    all
}

/// Sets of points in a cube of up to twenty dimensions, mostly of up to nine points and now and
/// then of up to forty, and kernels whose bandwidth lies within six decades of the cube's size,
/// either way.
pub fn point_sets() -> impl Strategy<Value = PointsSpec> {
    Shrinking(any_points())
}

/// The same, for a network that does nothing.
pub fn still() -> impl Strategy<Value = ResidualSpec> {
    let at_rest = |spec: PointsSpec| ResidualSpec::at_rest(spec.kernel, spec.points);
    Shrinking(any_points().prop_map(at_rest))
}

fn any_points() -> impl Strategy<Value = PointsSpec> {
    let samples = prop_oneof![99 => 1usize..=9, 1 => 10usize..=40];
    let shapes = (1usize..=20, samples);
    let families = families();
    (shapes, 0..families.len(), -6.0..6.0_f64).prop_flat_map(
        move |((dimension, samples), family, decade)| {
            let kernel = families[family].with_bandwidth(10.0_f64.powf(decade));
            let kernel = kernel.expect("a positive bandwidth");
            vec(vec(-1.0..1.0, dimension), samples)
                .prop_map(move |points| PointsSpec::new(kernel, points))
        },
    )
}

/// Families with a sampled spectral measure.
const SAMPLED: [&str; 3] = ["gaussian", "matern52", "imq"];

/// Two to five points in a cube of up to three dimensions, a kernel whose bandwidth is between a third
/// of their separation and nine tenths of it, and a seed: Monte Carlo at widths that the bounds promise.
pub fn random_features() -> impl Strategy<Value = PointsSpec> {
    Shrinking(features_of(&SAMPLED).prop_map(|(spec, _)| spec))
}

/// As [`random_features`], of a Gaussian kernel.
pub fn gaussian_points() -> impl Strategy<Value = PointsSpec> {
    Shrinking(features_of(&SAMPLED[..1]).prop_map(|(spec, _)| spec))
}

/// As [`gaussian_points`], with targets for a network that does nothing.
pub fn gaussian_features() -> impl Strategy<Value = ResidualSpec> {
    let specs = features_of(&SAMPLED[..1]).prop_map(|(spec, targets)| ResidualSpec {
        targets,
        seed: spec.seed,
        ..ResidualSpec::at_rest(spec.kernel, spec.points)
    });
    Shrinking(specs)
}

/// Points with a kernel, and a target each.
fn features_of(labels: &'static [&str]) -> impl Strategy<Value = (PointsSpec, Vec<Vec<f64>>)> {
    let shapes = (1usize..=3, 2usize..=5);
    let read = |label: &&str| label.parse().expect("a family");
    let families: Vec<Family> = labels.iter().map(read).collect();
    (shapes, 0..families.len(), 0.35..0.9_f64, any::<u64>()).prop_flat_map(
        move |((dimension, samples), family, share, seed)| {
            let family = families[family];
            let coordinates = vec(vec(-1.0..1.0, dimension), samples);
            let targets = vec(vec(-1.0..1.0_f64, 1), samples);
            (coordinates, targets).prop_map(move |(points, targets)| {
                let bandwidth = share * separation(&points).max(1e-3);
                let kernel = family.with_bandwidth(bandwidth);
                let kernel = kernel.expect("a positive bandwidth");
                let spec = PointsSpec {
                    seed,
                    ..PointsSpec::new(kernel, points)
                };
                (spec, targets)
            })
        },
    )
}

/// As [`gaussian_features`], with four to twenty-four frequencies and two to five layers.
pub fn lazy() -> impl Strategy<Value = ResidualSpec> {
    let sizes = (4usize..=24, 2usize..=5);
    Shrinking(
        (gaussian_features(), sizes).prop_map(|(spec, (frequencies, depth))| {
            let dimension = spec.lift.len();
            let frequencies = vec![vec![1.0; dimension]; frequencies];
            ResidualSpec {
                frequencies,
                ..spec
            }
            .with_zero_layers(depth)
        }),
    )
}

/// Two or three points of the line or the plane lifted by one coordinate that is read off, a Gaussian kernel as of
/// [`gaussian_features`], one to three layers, errors between 3 and 10 % of the bandwidth, and a seed.
pub fn spectral_widths() -> impl Strategy<Value = ResidualSpec> {
    let shapes = (1usize..=2, 2usize..=3, 1usize..=3);
    let specs = (shapes, 0.35..0.9_f64, any::<u64>()).prop_flat_map(
        |((dimension, samples, depth), share, seed)| {
            let coordinates = vec(vec(-1.0..1.0, dimension), samples);
            let errors = vec(-1.0..1.0_f64, samples);
            (coordinates, errors).prop_map(move |(points, errors)| {
                let bandwidth = share * separation(&points).max(1e-3);
                let kernel = Gaussian::try_new(bandwidth).expect("a positive bandwidth");
                let size = |e: f64| 0.1 * bandwidth * e.signum() * e.abs().max(0.3);
                let lifted = dimension + 1;
                let unit = |i: usize, length: usize| -> Vec<f64> {
                    (0..length).map(|j| f64::from(u8::from(i == j))).collect()
                };
                ResidualSpec {
                    targets: errors.into_iter().map(|e| vec![size(e)]).collect(),
                    frequencies: vec![vec![1.0; lifted]],
                    lift: (0..lifted).map(|i| unit(i, dimension)).collect(),
                    readout: vec![unit(dimension, lifted)],
                    seed,
                    ..ResidualSpec::at_rest(kernel.into(), points)
                }
                .with_zero_layers(depth)
            })
        },
    );
    Shrinking(specs)
}

/// The smallest distance of two points.
fn separation(points: &[Vec<f64>]) -> f64 {
    let distance = |a: &[f64], b: &[f64]| {
        let squares = a.iter().zip(b).map(|(x, y)| (x - y).powi(2));
        squares.sum::<f64>().sqrt()
    };
    let pairs = (0..points.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
    pairs
        .map(|(i, j)| distance(&points[i], &points[j]))
        .fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    #[test]
    fn lifted_points_have_small_errors() {
        let mut runner = TestRunner::deterministic();
        for _ in 0..20 {
            let spec = spectral_widths().new_tree(&mut runner).unwrap().current();
            let (state, inputs) = (spec.lift.len(), spec.inputs[0].len());
            assert_eq!(state, inputs + 1);
            for (i, row) in spec.lift.iter().enumerate() {
                let unit = |j: usize| f64::from(u8::from(i == j));
                assert!((0..inputs).all(|j| row[j] == unit(j)));
            }
            let read: Vec<f64> = (0..state)
                .map(|j| f64::from(u8::from(j == inputs)))
                .collect();
            assert_eq!(spec.readout, [read]);
            assert_eq!(spec.reference.len(), spec.displacement.len());
            assert!(spec.reference.iter().flatten().all(|&w| w == 0.0));
            let bandwidth = spec.kernel.bandwidth();
            assert!(bandwidth < 0.9 * separation(&spec.inputs).max(1e-3));
            for target in &spec.targets {
                let share = target[0].abs() / bandwidth;
                assert!((0.03 - 1e-12..=0.1 + 1e-12).contains(&share), "{share}");
            }
        }
    }
}
