//! P1 to P7.

use crate::harness::runner;
use crate::theorem;
use polyak::arithmetic::Ball;
use polyak::bounds::{layer_gains, local_pl, tangent_pl, trajectory_pl, uniform_trajectory_pl};
use polyak::claims::ResidualInstance;
use polyak::data::strategies::general;

theorem!("P1.gradient", p1_gradient_holds, p1_gradient_control);
theorem!("P1.functional", p1_functional_holds, p1_functional_control);
theorem!("P2.flow", p2_flow_holds, p2_flow_control);
theorem!("P2.functional", p2_functional_holds, p2_functional_control);
theorem!("P3.tangent", p3_tangent_holds, p3_tangent_control);
theorem!("P3.trajectory", p3_trajectory_holds, p3_trajectory_control);
theorem!("P3.separation", p3_separation_holds, p3_separation_control);
theorem!("P3.local", p3_local_holds, p3_local_control);
theorem!("P4.upper", p4_upper_holds, p4_upper_control);
theorem!(
    "P5.along-descent",
    p5_along_descent_holds,
    p5_along_descent_control
);
theorem!("P5.along-flow", p5_along_flow_holds, p5_along_flow_control);
theorem!("P5.functional", p5_functional_holds, p5_functional_control);
theorem!("P6.critical", p6_critical_holds, p6_critical_control);
theorem!("P7.hessian", p7_hessian_holds, p7_hessian_control);
theorem!("P7.curvature", p7_curvature_holds, p7_curvature_control);
theorem!("P7.descent", p7_descent_holds, p7_descent_control);
theorem!("P7.functional", p7_functional_holds, p7_functional_control);

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
