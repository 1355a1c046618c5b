//! A specification read as a network of kernel expansions.

use super::residual::matrix;
use super::{InstanceError, ResidualInstance};
use crate::data::ResidualSpec;
use crate::resnet::{Expansion, ExpansionNetwork, NetworkError, ResidualNetwork};
use nalgebra::DMatrix;

/// Centres of the fields of a specification: a bandwidth away from the lifted inputs, along the
/// frequencies and against them. Two a frequency, as there are features.
pub(in crate::claims) fn centres(
    points: &DMatrix<f64>,
    frequencies: &DMatrix<f64>,
    bandwidth: f64,
) -> DMatrix<f64> {
    let count = frequencies.ncols();
    DMatrix::from_fn(points.nrows(), 2 * count, |a, j| {
        let (l, sign) = (j % count, if j < count { 1.0 } else { -1.0 });
        let length = frequencies.column(l).norm();
        let shift = if length > 0.0 {
            sign * bandwidth * frequencies[(a, l)] / length
        } else {
            0.0
        };
        points[(a, l % points.ncols())] + shift
    })
}

/// Fields with the coefficients of a direction, scaled to a norm.
fn direction(
    network: &ExpansionNetwork,
    what: &'static str,
    layers: &[Vec<f64>],
    centres: &DMatrix<f64>,
    norm: f64,
) -> Result<Expansion, InstanceError> {
    let (rows, columns) = centres.shape();
    let expected = rows * columns;
    if layers.len() != network.frame().depth() {
        let (length, expected) = (layers.len(), network.frame().depth());
        return Err(InstanceError::Layer {
            what,
            length,
            expected,
        });
    }
    let mut fields = Vec::with_capacity(layers.len());
    for layer in layers {
        if layer.len() != expected {
            let length = layer.len();
            return Err(InstanceError::Layer {
                what,
                length,
                expected,
            });
        }
        let coefficients = DMatrix::from_row_slice(rows, columns, layer);
        fields.push(network.field(centres.clone(), coefficients)?);
    }
    let direction = network.expansion(fields)?;
    let length = network.norm(&direction).mid();
    let factor = norm / length;
    let zero = network.zero();
    if !(length > 0.0 && factor > 0.0 && factor.is_finite()) {
        return Ok(zero);
    }
    Ok(network.combination(&zero, &[(factor, &direction)]))
}

impl ResidualInstance<ExpansionNetwork> {
    /// Builds the network of kernel expansions that a specification describes: its kernel instead of
    /// its frequencies, which place the centres; its layers are the coefficients, scaled to
    /// the same `κ1‖v⁰‖` and `κ1‖v − v⁰‖`.
    ///
    /// # Errors
    /// Rows or layers that do not fit; numbers that a network refuses.
    pub fn functional(spec: &ResidualSpec) -> Result<Self, InstanceError> {
        let inputs = matrix("inputs", &spec.inputs)?.transpose();
        let targets = matrix("targets", &spec.targets)?.transpose();
        let frequencies = matrix("frequencies", &spec.frequencies)?.transpose();
        let lift = matrix("lift", &spec.lift)?;
        let readout = matrix("readout", &spec.readout)?;
        let network = ExpansionNetwork::try_new(lift, readout, spec.kernel, spec.reference.len())?;
        network.frame().require_data(&inputs, &targets)?;
        if frequencies.nrows() != network.frame().state_dimension() {
            return Err(NetworkError::Shape {
                what: "the transposed frequencies",
                rows: frequencies.nrows(),
                columns: frequencies.ncols(),
                expected_rows: network.frame().state_dimension(),
                expected_columns: frequencies.ncols(),
            }
            .into());
        }
        let points = network.frame().lift() * &inputs;
        let centres = centres(&points, &frequencies, spec.kernel.bandwidth());
        let kappa1 = network.kappa1().mid();
        let part = |what, layers: &[Vec<f64>], stretch: f64| {
            direction(&network, what, layers, &centres, stretch / kappa1)
        };
        let reference = part("reference", &spec.reference, spec.reference_stretch)?;
        let displacement = part(
            "displacement",
            &spec.displacement,
            spec.displacement_stretch,
        )?;
        let mut instance = Self {
            kernel: spec.kernel,
            weights: network.combination(&reference, &[(1.0, &displacement)]),
            network,
            inputs,
            targets,
            reference,
            step_margin: spec.step_margin,
            steps: spec.steps,
            seed: spec.seed,
            draws: spec.draws,
        };
        if let Some(share) = spec.loss_share {
            instance.place_targets(share)?;
        }
        Ok(instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::KernelSpec;
    use nalgebra::dmatrix;

    fn spec() -> ResidualSpec {
        ResidualSpec {
            kernel: "gaussian:0.5".parse::<KernelSpec>().unwrap(),
            inputs: vec![vec![0.0], vec![1.0]],
            targets: vec![vec![1.0], vec![-1.0]],
            frequencies: vec![vec![3.0, 4.0], vec![0.0, 0.0]],
            lift: vec![vec![1.0], vec![2.0]],
            readout: vec![vec![0.0, 3.0]],
            reference: vec![(1..9).map(f64::from).collect(); 2],
            displacement: vec![vec![1.0; 8]; 2],
            reference_stretch: 0.25,
            displacement_stretch: 0.125,
            step_margin: 0.5,
            steps: 3,
            loss_share: None,
            seed: 5,
            draws: 7,
        }
    }

    #[test]
    fn numbers_arrive_where_they_belong() {
        let instance = ResidualInstance::functional(&spec()).unwrap();
        let network = &instance.network;
        let close = |found: f64, expected: f64| {
            assert!((found - expected).abs() <= 1e-12, "{found} {expected}");
        };
        // κ1 = 2.
        close(network.norm(&instance.reference).mid(), 0.125);
        let moved = network.distance(&instance.weights, &instance.reference);
        close(moved.mid(), 0.0625);
        let field = &instance.reference.layers()[1];
        // Points (0, 0) and (1, 2); half a unit along (3, 4)/5, and a frequency without direction.
        let expected = dmatrix![0.3, 1.0, -0.3, 1.0; 0.4, 2.0, -0.4, 2.0];
        assert!((field.centres() - expected).amax() <= 1e-15);
        let ratio = field.coefficients() / field.coefficients()[0];
        let expected = dmatrix![1.0, 2.0, 3.0, 4.0; 5.0, 6.0, 7.0, 8.0];
        assert!((ratio - expected).amax() <= 1e-13);
        assert_eq!((instance.seed, instance.draws, instance.steps), (5, 7, 3));
        assert_eq!(instance.step_margin, 0.5);
        assert_eq!(instance.targets, dmatrix![1.0, -1.0]);
    }

    #[test]
    fn targets_are_placed_like_those_of_features() {
        let mut spec = spec();
        spec.loss_share = Some(0.25);
        spec.reference = vec![spec.reference[0].clone(); 16];
        spec.displacement = vec![vec![1.0; 8]; 16];
        let instance = ResidualInstance::functional(&spec).unwrap();
        let local = instance.local(&instance.reference_spectra().unwrap());
        let loss = instance.observer().unwrap().loss(&instance.reference);
        let largest = local.largest_radius();
        let best = (1..=40)
            .filter_map(|i| {
                let radius = largest * f64::from(i) / 40.0;
                let constants = local.convergence(radius, 0.0.into(), 0.5)?;
                Some(constants.loss_threshold().mid())
            })
            .fold(0.0, f64::max);
        assert!(best > 0.0 && (loss / (0.25 * best) - 1.0).abs() <= 1e-6);
    }

    #[test]
    fn refusals_name_the_field() {
        let refused = |change: fn(&mut ResidualSpec)| {
            let mut spec = spec();
            change(&mut spec);
            ResidualInstance::functional(&spec).unwrap_err().to_string()
        };
        let message = refused(|spec| spec.reference[1].truncate(7));
        assert_eq!(message, "reference has a layer of 7 numbers, not 8");
        let message = refused(|spec| spec.displacement.truncate(1));
        assert_eq!(message, "displacement has a layer of 1 number, not 2");
        let message = refused(|spec| spec.frequencies = vec![vec![1.0]; 2]);
        assert_eq!(
            message,
            "the shape of the transposed frequencies is 1 × 2, and 2 × 2 is expected"
        );
        let message = refused(|spec| spec.inputs[0][0] = f64::NAN);
        assert!(message.starts_with("the inputs contains"), "{message}");
    }
}
