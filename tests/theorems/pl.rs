//! P1 to P7.

use crate::harness::runner;
use polyak::arithmetic::Ball;
use polyak::bounds::{layer_gains, local_pl, tangent_pl, trajectory_pl, uniform_trajectory_pl};
use polyak::claims::ResidualInstance;
use polyak::data::strategies::general;

/// Version 0 is at least version 1, which is at least its uniform form and version 3.
#[test]
fn versions_of_p3_are_ordered() {
    let outcome = runner(file!()).run(&general(), |spec| {
        let instance = ResidualInstance::from_spec(&spec).expect("a well-formed specification");
        let network = &instance.network;
        let (samples, sigma) = (instance.samples(), network.readout_sigma_squared());
        let mut observer = instance.observer().expect("fitting data");
        let seen = observer.observe(&instance.weights);
        let gram = observer.gram_spectra(&seen).expect("finite states");
        let tangent = observer.tangent_kernel(&instance.weights, &seen);
        let smallest: Vec<Ball> = gram.iter().map(|layer| layer.smallest).collect();
        let gains = layer_gains(network.features().kappa1_ball(), &seen.layer_norms);
        let version_0 = tangent_pl(samples, tangent.extremes().expect("finite states").0);
        let version_1 = trajectory_pl(samples, sigma, &smallest, &gains);
        let uniform = uniform_trajectory_pl(samples, sigma, &smallest, &gains);
        assert!(
            version_0.upper() >= version_1.lower(),
            "{version_0:?} {version_1:?}"
        );
        assert!(
            version_1.upper() >= uniform.lower(),
            "{version_1:?} {uniform:?}"
        );
        let reference = instance.reference_spectra().expect("finite states");
        let smallest: Vec<Ball> = reference.iter().map(|layer| layer.smallest).collect();
        let around = instance.neighbourhood(instance.weights.distance(&instance.reference));
        if let Some(version_3) = local_pl(samples, sigma, &smallest, &around) {
            assert!(
                version_1.upper() >= version_3.lower(),
                "{version_1:?} {version_3:?}"
            );
        }
        Ok(())
    });
    outcome.unwrap();
}
