//! Rounding of a pass through a lifted network, whose label coordinates start at zero and stay small.
//!
//! The analysis of a general pass bounds states in norm, where the inputs are as large as they are: behind a readout
//! of `α` its errors are `α` times that. Label coordinates are sums of fields of norm `O(1/α)`, and their errors a share
//! of those.

use crate::arithmetic::{UNIT_ROUNDOFF, enlarged, gamma};
use crate::flow::{Observation, Observer};
use crate::resnet::{
    Expansion, ExpansionNetwork, FieldKernel, ResNet, ResidualNetwork, Rounding, Weights,
};

/// A network that knows what the values of its fields are off by.
pub(super) trait Lifted: ResidualNetwork {
    /// Bounds the error of `v_k(z_k^i)` as computed, for every layer.
    fn field_errors(&self, v: &Self::Parameter, rounding: &Rounding, norms: &[f64]) -> Vec<f64>;
}

impl Lifted for ResNet {
    /// A product of `2m` features.
    fn field_errors(&self, _: &Weights, rounding: &Rounding, norms: &[f64]) -> Vec<f64> {
        let product = gamma(self.features().width() + 2);
        let error = |(norm, feature): (&f64, &f64)| norm * (feature + product * (1.0 + feature));
        norms.iter().zip(&rounding.features).map(error).collect()
    }
}

impl<K: FieldKernel> Lifted for ExpansionNetwork<K> {
    /// Values of sections, their sum, and the field between computed and exact states.
    fn field_errors(&self, v: &Expansion, rounding: &Rounding, norms: &[f64]) -> Vec<f64> {
        let layers = v.layers().iter().zip(norms).enumerate();
        layers
            .map(|(k, (field, norm))| {
                let mass: f64 = field.coefficients().column_iter().map(|a| a.norm()).sum();
                let value = rounding.values[k];
                let sums = gamma(field.len() + 2) * (1.0 + value);
                norm * rounding.features[k] + mass * (value + sums)
            })
            .collect()
    }
}

/// What the errors and the gradient of a pass are off by.
pub(super) struct PassError {
    /// Bound of `‖ê − e‖`, stacked.
    pub errors: f64,
    /// Bound of `‖∇̂L − ∇L‖`.
    pub gradient: f64,
}

/// Bounds both for the last observation of a lifted network whose readout is `(0, α Id)`, `α` a power of two.
///
/// # Arguments
/// * `slope`: `√λ_max` of the Gram matrix of the lifted inputs; that of a layer's states is at most
///   `√N κ1‖v‖` more.
///
/// # Source
/// `proofs/p11-lazy.md`, *Tolerance*.
pub(super) fn pass_error<N: Lifted>(
    observer: &Observer<N>,
    v: &N::Parameter,
    observation: &Observation,
    (scale, slope): (f64, f64),
) -> PassError {
    let network = observer.network();
    let rounding = &observation.rounding;
    let pass = observer.pass();
    let samples = pass.errors.ncols();
    let norms: Vec<f64> = observation.layer_norms.iter().map(|n| n.upper()).collect();
    let depth = norms.len() as f64;
    let fields: f64 = network
        .field_errors(v, rounding, &norms)
        .iter()
        .sum::<f64>()
        / depth;
    // A product with D⁻¹ and a sum a layer, of numbers below D⁻¹Σ‖v_l‖ and what they are off by.
    let mean: f64 = norms.iter().sum::<f64>() / depth;
    let operations = 4 * norms.len();
    let label = enlarged(fields, operations) + gamma(operations) * mean;
    let largest = |columns: &nalgebra::DMatrix<f64>| {
        let norms = columns.column_iter().map(|column| column.norm());
        norms.fold(0.0, f64::max)
    };
    // Readout and scale are exact, the difference is rounded.
    let error = scale * label + 2.0 * UNIT_ROUNDOFF * largest(pass.errors);

    let last = pass.adjoints.last().expect("a terminal state");
    let count = samples as f64;
    let terminal = scale / count * error + gamma(3) * largest(last);
    let stretch = (network.kappa1() * observation.norm).exp().upper();
    let pulled = network.pull_back_rounding(rounding, v, observer.tape());
    let drift = (network.kappa1() * observation.norm).upper();
    let features = slope + count.sqrt() * drift;
    let layers = rounding.features.iter().enumerate().map(|(k, feature)| {
        let adjoint = pulled[k + 1] + stretch * terminal;
        let size = largest(&pass.adjoints[k + 1]);
        let feature = enlarged(*feature, samples + 2) + gamma(samples + 2);
        count.sqrt() * features * adjoint + count * (size + adjoint) * feature
    });
    let worst = layers.fold(0.0, f64::max);
    PassError {
        errors: enlarged(count.sqrt() * error, 64),
        gradient: enlarged(worst, 64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::{Ball, Double};
    use crate::features::FourierFeatures;
    use crate::resnet::oracle::chirp;
    use crate::resnet::reference;
    use nalgebra::{DMatrix, dmatrix};

    /// Errors in 31 digits, at weights of the size that training leaves.
    #[test]
    fn errors_are_as_close_as_stated() {
        let features = FourierFeatures::try_new(chirp(3, 3, 6)).unwrap();
        let unit = ResNet::lifted(2, 1, 1.0, features, 3).unwrap();
        let (inputs, targets) = (chirp(1, 2, 4) * 5.0, chirp(2, 1, 4));
        for exponent in [4, 12, 20] {
            let scale = 2.0_f64.powi(exponent);
            let network = unit.with_readout_scaled(scale).unwrap();
            let layers = (0..3).map(|k| chirp(k + 5, 3, 12) / scale);
            let weights = Weights::from_layers(layers.collect());
            let mut observer = Observer::try_new(&network, &inputs, &targets).unwrap();
            let observation = observer.observe(&weights);
            let found = pass_error(&observer, &weights, &observation, (scale, 2.0));
            let lifted = reference::lift(&weights, Double::from);
            let mut squares = 0.0;
            for (i, x) in inputs.column_iter().enumerate() {
                let states = reference::states(&network, &lifted, x.clone_owned().as_slice());
                let last = states.last().expect("a state")[2];
                let exact = Double::from(scale) * last - Double::from(targets[i]);
                let off = (Double::from(observer.pass().errors[i]) - exact).value();
                squares += off * off;
            }
            assert!(squares.sqrt() <= found.errors, "{exponent}");
            // Whatever the scale, where the general bound grows with it.
            assert!(found.errors < 2e-13, "{exponent} {}", found.errors);
            assert!(exponent < 12 || observation.rounding.errors > 10.0 * found.errors);
        }
    }

    /// The gradient of descent with a tenth of the precision: states and adjoint states in 31 digits.
    #[test]
    fn gradients_are_as_close_as_stated() {
        let features = FourierFeatures::try_new(chirp(3, 3, 6)).unwrap();
        let scale = 1024.0;
        let network = ResNet::lifted(2, 1, scale, features, 2).unwrap();
        let (inputs, targets) = (chirp(1, 2, 4) * 5.0, chirp(2, 1, 4));
        let layers = (0..2).map(|k| chirp(k + 5, 3, 12) / scale);
        let weights = Weights::from_layers(layers.collect());
        let mut observer = Observer::try_new(&network, &inputs, &targets).unwrap();
        let observation = observer.observe(&weights);
        let found = pass_error(&observer, &weights, &observation, (scale, 2.0));
        let gradient = observer.gradient().clone();
        // D times the derivative of the loss along an entry, by dual numbers over 31 digits.
        use crate::arithmetic::Dual;
        for (k, row, column) in [(0, 2, 3), (0, 0, 7), (1, 2, 11), (1, 1, 0)] {
            let mut along = reference::lift(&weights, Dual::<Double>::from);
            along[k][row][column].derivative = Double::from(1.0);
            let mut sum = Double::from(0.0);
            for (i, x) in inputs.column_iter().enumerate() {
                let states = reference::states(&network, &along, x.clone_owned().as_slice());
                let last = states.last().expect("a state")[2];
                let error = Double::from(scale) * last.value - Double::from(targets[i]);
                sum = sum + error * (Double::from(scale) * last.derivative);
            }
            let exact = sum.over(4.0) * Double::from(2.0);
            let off = Double::from(gradient.layers()[k][(row, column)]) - exact;
            // One entry of one of two layers: a share of the norm.
            assert!(
                off.value().abs() <= 2f64.sqrt() * found.gradient,
                "{k} {row} {column}"
            );
        }
        assert!(found.gradient < 1e-13 * scale);
        assert!(found.gradient < observation.rounding.gradient_error());
    }

    /// Two layers of one frequency, at zero.
    fn small(frequencies: DMatrix<f64>) -> (ResNet, Weights) {
        let features = FourierFeatures::try_new(frequencies).unwrap();
        let network = ResNet::lifted(1, 1, 1.0, features, 2).unwrap();
        let zero = network.zero_weights();
        (network, zero)
    }

    /// At the origin, with the label one.
    fn sample() -> (DMatrix<f64>, DMatrix<f64>) {
        (dmatrix![0.0], dmatrix![1.0])
    }

    #[test]
    fn wider_fields_and_larger_errors_are_worse() {
        let (network, zero) = small(dmatrix![0.0; 0.0]);
        let (inputs, targets) = sample();
        let mut observer = Observer::try_new(&network, &inputs, &targets).unwrap();
        let observation = observer.observe(&zero);
        let found = pass_error(&observer, &zero, &observation, (1.0, 1.0));
        // Zero fields: 2u of the error, and that of two products of the gradient.
        assert!((found.errors / (2.0 * UNIT_ROUNDOFF) - 1.0).abs() < 1e-9);
        let mut wide = observation.clone();
        wide.rounding.features = vec![0.25, 0.5];
        wide.layer_norms = vec![Ball::from(4.0), Ball::from(8.0)];
        let found = pass_error(&observer, &zero, &wide, (1.0, 1.0));
        // (4·¼ + 8·½)/2, and the product of two features and the sums.
        assert!((found.errors - 2.5).abs() < 1e-12);
        // Adjoint states of size one, off by 2.5: S·2.5 + (1 + 2.5)·½ in the worse layer.
        assert!((found.gradient - 4.25).abs() < 1e-12);
        let steep = pass_error(&observer, &zero, &wide, (1.0, 3.0));
        assert!((steep.gradient - 9.25).abs() < 1e-12);
        let doubled = pass_error(&observer, &zero, &wide, (2.0, 1.0));
        assert!((doubled.errors - 5.0).abs() < 1e-12);
        // 10 + 11·½.
        assert!((doubled.gradient - 15.5).abs() < 1e-12);
    }

    /// One sample, features that vary: `(‖φ‖ + √Nκ1‖v‖)·‖δp‖ + (‖p‖ + ‖δp‖)(‖δφ‖ + γ_{N+2}(1 + ‖δφ‖))` in the worse layer.
    #[test]
    fn drift_of_the_features_is_in_the_gradient() {
        let (network, zero) = small(dmatrix![1.0; 0.5]);
        let kappa1 = network.features().kappa1();
        let (inputs, targets) = sample();
        let mut observer = Observer::try_new(&network, &inputs, &targets).unwrap();
        let mut wide = observer.observe(&zero);
        wide.rounding.features = vec![0.25, 0.5];
        wide.norm = Ball::from(0.75);
        wide.layer_norms = vec![Ball::from(4.0), Ball::from(8.0)];
        let found = pass_error(&observer, &zero, &wide, (1.0, 2.0));
        let pulled = network.pull_back_rounding(&wide.rounding, &zero, observer.tape());
        let expected = [0, 1].map(|k: usize| {
            let adjoint = pulled[k + 1] + (0.75 * kappa1).exp() * found.errors;
            let features = 2.0 + 0.75 * kappa1;
            features * adjoint + (1.0 + adjoint) * wide.rounding.features[k]
        });
        let expected = expected[0].max(expected[1]);
        assert!((found.errors - 2.5).abs() < 1e-12);
        assert!((found.gradient / expected - 1.0).abs() < 1e-9);
    }

    /// Nothing but sums: 2·4 roundings of `D⁻¹Σ‖v_l‖ = 6`, four of a product of two features, and the difference.
    #[test]
    fn sums_round() {
        let (network, zero) = small(dmatrix![0.0; 0.0]);
        let (inputs, targets) = sample();
        let mut observer = Observer::try_new(&network, &inputs, &targets).unwrap();
        let mut exact = observer.observe(&zero);
        exact.rounding.features = vec![0.0; 2];
        exact.layer_norms = vec![Ball::from(4.0), Ball::from(8.0)];
        let found = pass_error(&observer, &zero, &exact, (1.0, 1.0));
        let expected = 6.0 * (gamma(8) + gamma(4)) + 2.0 * UNIT_ROUNDOFF;
        assert!((found.errors / expected - 1.0).abs() < 1e-9);
        // Adjoint states of size one: three roundings of the terminal one, and the product of the gradient.
        let pulled = network.pull_back_rounding(&exact.rounding, &zero, observer.tape());
        let terminal = found.errors + gamma(3);
        let expected = pulled[1].max(pulled[2]) + terminal + gamma(3);
        assert!((found.gradient / expected - 1.0).abs() < 1e-9);
    }

    /// `‖v_k‖‖δφ‖ + Σ‖a_j‖(δ + γ_{n+2}(1 + δ))`, of three centres.
    #[test]
    fn fields_of_expansions_are_off_by_their_sections() {
        let kernel: crate::kernel::KernelSpec = "gaussian:1".parse().unwrap();
        let network = ExpansionNetwork::lifted(1, 1, 1.0, kernel, 2).unwrap();
        let (inputs, targets) = (chirp(1, 1, 3), chirp(2, 1, 3));
        let mut observer = Observer::try_new(&network, &inputs, &targets).unwrap();
        observer.differentiate(&network.zero());
        let v = network.combination(&network.zero(), &[(-0.5, observer.gradient())]);
        let mut rounding = observer.observe(&v).rounding;
        rounding.features = vec![0.125, 0.25];
        let masses = v.layers().iter().map(|field| {
            assert_eq!(field.len(), 3);
            let norms = field.coefficients().column_iter().map(|a| a.norm());
            norms.sum::<f64>()
        });
        let masses: Vec<f64> = masses.collect();
        rounding.values = vec![0.5, 0.0];
        let found = network.field_errors(&v, &rounding, &[2.0, 3.0]);
        let first = 0.25 + masses[0] * (0.5 + 1.5 * gamma(5));
        assert!((found[0] / first - 1.0).abs() < 1e-15);
        rounding.features[1] = 0.0;
        let found = network.field_errors(&v, &rounding, &[2.0, 3.0]);
        assert!((found[1] / (masses[1] * gamma(5)) - 1.0).abs() < 1e-9);
        rounding.values[1] = 1.0;
        let found = network.field_errors(&v, &rounding, &[2.0, 3.0]);
        assert!(
            (found[1] - masses[1] - masses[1] * 2.0 * gamma(5)).abs()
                <= 2.0 * UNIT_ROUNDOFF * masses[1]
        );
    }
}
