//! P3 and P4: the loss bounds its gradient from below and from above.

use super::separation::{SEPARATED, smallest_distance, squared_distances};
use super::{ResidualInstance, undecided};
use crate::arithmetic::Ball;
use crate::bounds::{
    SeparatedInputs, layer_gains, local_pl, root_eigenvalue_floor, separation_pl, tangent_pl,
    trajectory_pl, uniform_trajectory_pl, upper_pl, upper_pl_cap,
};
use crate::evidence::{Comparison, Finding};
use crate::flow::GramSpectrum;
use crate::resnet::{ExpansionNetwork, ResidualNetwork};

/// P3, version 1, with the constant of the iterate's Gram matrices.
pub(super) const TRAJECTORY: &str = "‖∇L‖² ≥ m·L (trajectory)";

/// P4.
pub(super) const UPPER: &str = "‖∇L‖² ≤ M·L";

/// The hypothesis of version 3.
pub(super) const DEEP_ENOUGH: &str = "depth: D ≥ 4κ1²(‖v⁰‖+ρ)²";

/// The statement of version 3.
pub(super) const LOCAL: &str = "‖∇L‖² ≥ m·L (local)";

/// What version 3 says of single layers.
const ROOT: &str = "√λ_min(𝕂_k) ≥ √λ_min(𝕂_k⁰) − √N·κ1κ0e^{κ1‖v⁰‖}√(k/D)ρ";

/// What P3 and P4 are about, at one set of weights.
pub(super) struct Point<'a> {
    pub loss: Ball,
    pub gradient_norm_squared: Ball,
    pub norm: Ball,
    pub layer_norms: &'a [Ball],
    pub gram: &'a [GramSpectrum],
}

impl Point<'_> {
    /// Version 1 in both forms.
    pub fn trajectory<N: ResidualNetwork>(
        &self,
        instance: &ResidualInstance<N>,
    ) -> Vec<Comparison> {
        let kappa1 = instance.network.kappa1();
        let gains = layer_gains(kappa1, self.layer_norms);
        let smallest: Vec<Ball> = self.gram.iter().map(|layer| layer.smallest).collect();
        let sigma = instance.network.frame().readout_sigma_squared();
        let samples = instance.samples();
        let sharp = trajectory_pl(samples, sigma, &smallest, &gains);
        let uniform = uniform_trajectory_pl(samples, sigma, &smallest, &gains);
        vec![
            self.at_least(TRAJECTORY, sharp),
            self.at_least("‖∇L‖² ≥ m·L (uniform)", uniform),
            Comparison::at_least("uniform ≤ trajectory", sharp, uniform),
        ]
    }

    /// Version 3 around the instance's reference, `None` where its hypothesis fails.
    pub fn local<N: ResidualNetwork>(
        &self,
        instance: &ResidualInstance<N>,
        reference: &[GramSpectrum],
        displacement: Ball,
    ) -> Option<Comparison> {
        let smallest: Vec<Ball> = reference.iter().map(|layer| layer.smallest).collect();
        let sigma = instance.network.frame().readout_sigma_squared();
        let around = instance.neighbourhood(displacement);
        let constant = local_pl(instance.samples(), sigma, &smallest, &around)?;
        Some(self.at_least(LOCAL, constant))
    }

    /// What version 3 says of the Gram matrices of single layers, where it says anything.
    fn layers<N: ResidualNetwork>(
        &self,
        instance: &ResidualInstance<N>,
        reference: &[GramSpectrum],
        displacement: Ball,
    ) -> Vec<Comparison> {
        let around = instance.neighbourhood(displacement);
        let layers = self.gram.iter().zip(reference).enumerate();
        let compared = layers.filter_map(|(k, (here, there))| {
            let floor = root_eigenvalue_floor(instance.samples(), there.smallest, &around, k);
            let says = floor.lower() > 0.0;
            says.then(|| Comparison::at_least(ROOT, here.smallest.sqrt(), floor))
        });
        compared.collect()
    }

    /// P4.
    pub fn upper<N: ResidualNetwork>(&self, instance: &ResidualInstance<N>) -> Vec<Comparison> {
        let kappa1 = instance.network.kappa1();
        let gains = layer_gains(kappa1, self.layer_norms);
        let largest: Vec<Ball> = self.gram.iter().map(|layer| layer.largest).collect();
        let norm_squared = instance.network.frame().readout_norm_squared();
        let constant = upper_pl(instance.samples(), norm_squared, &largest, &gains);
        let cap = upper_pl_cap(norm_squared, kappa1, self.norm);
        vec![
            Comparison::at_most(UPPER, self.gradient_norm_squared, constant * self.loss),
            Comparison::at_most("M ≤ 2‖B‖²e^{2κ1R}", constant, cap),
        ]
    }

    pub fn at_least(&self, statement: &'static str, constant: Ball) -> Comparison {
        Comparison::at_least(statement, self.gradient_norm_squared, constant * self.loss)
    }
}

/// P3, version 0.
pub(super) fn tangent<N: ResidualNetwork>(instance: &ResidualInstance<N>) -> Finding {
    let run = || -> Result<Finding, Box<dyn std::error::Error>> {
        let mut observer = instance.observer()?;
        let seen = observer.observe(&instance.weights);
        let kernel = observer.tangent_kernel(&instance.weights, &seen);
        let constant = tangent_pl(instance.samples(), kernel.extremes()?.0);
        let bound = constant * seen.loss;
        let statement = "‖∇L‖² ≥ m·L (tangent)";
        let comparison = Comparison::at_least(statement, seen.gradient_norm_squared, bound);
        Ok(Finding::Compared(vec![comparison]))
    };
    run().unwrap_or_else(undecided)
}

/// Runs a check that needs one observation and its Gram spectra.
fn at_weights<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    check: impl Fn(&Point) -> Finding,
) -> Finding {
    let run = || -> Result<Finding, Box<dyn std::error::Error>> {
        let mut observer = instance.observer()?;
        let seen = observer.observe(&instance.weights);
        let gram = observer.gram_spectra(&seen)?;
        Ok(check(&Point {
            loss: seen.loss,
            gradient_norm_squared: seen.gradient_norm_squared,
            norm: seen.norm,
            layer_norms: &seen.layer_norms,
            gram: &gram,
        }))
    };
    run().unwrap_or_else(undecided)
}

/// P3, version 1.
pub(super) fn trajectory<N: ResidualNetwork>(instance: &ResidualInstance<N>) -> Finding {
    at_weights(instance, |point| {
        Finding::Compared(point.trajectory(instance))
    })
}

/// P3, version 2, at the weights: from the distances of the inputs and `‖v‖` alone.
pub(super) fn separation(instance: &ResidualInstance<ExpansionNetwork>) -> Finding {
    let points = instance.lifted_inputs();
    let inputs = SeparatedInputs {
        kernel: instance.network.kernel(),
        dimension: points.nrows(),
        samples: points.ncols(),
        delta: smallest_distance(&squared_distances(&points)),
    };
    if !(inputs.delta > 0.0) {
        let reason = format!("{SEPARATED}: two of them are not certainly apart");
        return Finding::Inapplicable(vec![reason]);
    }
    let network = &instance.network;
    let (sigma, depth) = (
        network.frame().readout_sigma_squared(),
        network.frame().depth(),
    );
    let radius = network.norm(&instance.weights);
    match separation_pl(&inputs, sigma, network.kappa1(), radius, depth) {
        Some(constant) => at_weights(instance, |point| {
            let comparison = point.at_least("‖∇L‖² ≥ m·L (separation)", constant);
            Finding::Compared(vec![comparison])
        }),
        None => Finding::Inapplicable(vec![DEEP_ENOUGH.to_owned()]),
    }
}

/// P3, version 3, at the weights, around the reference.
pub(super) fn local<N: ResidualNetwork>(instance: &ResidualInstance<N>) -> Finding {
    let reference = match instance.reference_spectra() {
        Ok(spectra) => spectra,
        Err(error) => return undecided(error),
    };
    let displacement = instance
        .network
        .distance(&instance.weights, &instance.reference);
    at_weights(instance, |point| {
        match point.local(instance, &reference, displacement) {
            Some(comparison) => {
                let mut comparisons = vec![comparison];
                comparisons.extend(point.layers(instance, &reference, displacement));
                Finding::Compared(comparisons)
            }
            None => Finding::Inapplicable(vec![DEEP_ENOUGH.to_owned()]),
        }
    })
}

/// P4.
pub(super) fn upper<N: ResidualNetwork>(instance: &ResidualInstance<N>) -> Finding {
    at_weights(instance, |point| Finding::Compared(point.upper(instance)))
}

#[cfg(test)]
mod tests {
    use crate::claims::sharp;
    use crate::features::FourierFeatures;
    use crate::resnet::{ResNet, Weights};
    use nalgebra::{DMatrix, dmatrix};

    /// Two points a quarter of a wave apart, where `K = Id`, and fields that move them towards each other:
    /// `√λ_min(K_0) − √λ_min(K_D)` is half of the drift of version 3, and no bound below that would do.
    #[test]
    fn half_of_the_drift_is_attained() {
        let features = FourierFeatures::try_new(dmatrix![1.0]).unwrap();
        let one = DMatrix::from_element(1, 1, 1.0);
        let network = ResNet::try_new(one.clone(), one, features, 8).unwrap();
        for size in [0.01, 0.05, 0.1] {
            let mut instance = sharp::one_frequency().remove(0);
            instance.network = network.clone();
            instance.inputs = dmatrix![0.0, std::f64::consts::FRAC_PI_2];
            instance.targets = dmatrix![0.3, -0.2];
            instance.reference = network.zero_weights();
            // v(z) = c(cos z − sin z): ahead at one of them, back at the other.
            let layer = dmatrix![1.0, -1.0] * (size / 2f64.sqrt());
            instance.weights = Weights::from_layers(vec![layer; 8]);
            let mut observer = instance.observer().unwrap();
            let seen = observer.observe(&instance.weights);
            let gram = observer.gram_spectra(&seen).unwrap();
            let around = instance.neighbourhood(seen.norm);
            for (k, layer) in gram.iter().enumerate().skip(1) {
                let moved = 1.0 - layer.smallest.sqrt().mid();
                let drift = 2f64.sqrt() * around.feature_drift(k).mid();
                // The states have moved k/8 of the way, the bound is of the root of that.
                let share = (k as f64 / 8.0).sqrt();
                assert!(
                    (moved / drift / share - 0.5).abs() < 0.02,
                    "{size} {k}: {moved} {drift}"
                );
            }
        }
    }
}
