//! P1 to P7.

use crate::harness::runner;
use crate::theorem;
use polyak::arithmetic::Ball;
use polyak::bounds::{layer_gains, local_pl, tangent_pl, trajectory_pl, uniform_trajectory_pl};
use polyak::claims::{Instance, find};
use polyak::data::InstanceSpec;
use polyak::data::strategies::general;
use polyak::evidence::Verdict;

theorem!("P1.gradient", p1_gradient_holds, p1_gradient_control);
theorem!("P2.flow", p2_flow_holds, p2_flow_control);
theorem!("P3.tangent", p3_tangent_holds, p3_tangent_control);
theorem!("P3.trajectory", p3_trajectory_holds, p3_trajectory_control);
theorem!("P3.local", p3_local_holds, p3_local_control);
theorem!("P4.upper", p4_upper_holds, p4_upper_control);
theorem!(
    "P5.along-descent",
    p5_along_descent_holds,
    p5_along_descent_control
);
theorem!("P7.hessian", p7_hessian_holds, p7_hessian_control);
theorem!("P7.descent", p7_descent_holds, p7_descent_control);

/// Version 0 is at least version 1, which is at least its uniform form and version 3.
#[test]
fn versions_of_p3_are_ordered() {
    let outcome = runner(file!()).run(&general(), |spec| {
        let instance = Instance::from_spec(&spec).expect("a well-formed specification");
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

/// A deep network at zero weights with an error so large that the curvature of the
/// network is all there is to the Hessian: θ = 2/π is attained up to `1/(2D)`.
#[test]
fn coupling_constant_is_nearly_attained() {
    let depth = 64;
    let instance = Instance::from_spec(&InstanceSpec {
        kernel: "gaussian:1".parse().expect("a kernel"),
        inputs: vec![vec![0.0]],
        targets: vec![vec![1e9]],
        frequencies: vec![vec![1.0]],
        lift: vec![vec![1.0]],
        readout: vec![vec![1.0]],
        reference: vec![vec![0.0, 0.0]; depth],
        displacement: vec![vec![0.0, 0.0]; depth],
        reference_stretch: 0.0,
        displacement_stretch: 0.0,
        step_margin: 0.5,
        steps: 1,
        loss_share: None,
    })
    .expect("a well-formed specification");
    let evidence = find("P7.hessian").expect("registered").evaluate(&instance);
    assert_eq!(evidence.verdict, Verdict::Holds);
    let tightness = evidence.tightness.expect("it holds");
    // σ_max of the strictly lower triangular matrix against 2/π: 1 − 1/(2D) at most,
    // and the power iteration finds it to within one per cent.
    let attained = 1.0 - 1.0 / (2.0 * depth as f64);
    assert!(
        tightness <= attained + 1e-3 && tightness >= attained - 1e-2,
        "{tightness}"
    );
}
