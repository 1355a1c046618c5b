//! What the checks of width must reject.

use super::coupling::{self, Pairing};
use super::{COSINE, SHORT, fluctuation, frequencies, scaling};
use crate::claims::mean_field::BOUNDED;
use crate::claims::random_features::{GAUSSIAN, Sampler};
use crate::claims::{MeanFieldInstance, ResidualInstance};
use crate::data::{MeanFieldSpec, ResidualSpec};
use crate::kernel::{Gaussian, KernelSpec, Matern};
use crate::meanfield::Activation;
use crate::theorem::Control;
use crate::theorem::Expectation::{Inapplicable, Violated};

/// What the statements begin with that a control is about.
const BY_WIDTH: &[&str] = &[
    "Var of the output's first velocity ∝ M",
    "Var of the trained output",
];
const BY_DEPTH: &[&str] = &[
    "Var of the output's first velocity ∝ D",
    "Var of the output after a short time",
];
const LABELS: &[&str] = &["equal labels"];
const TOO_SMALL: &[&str] = &["the COT distance", "COT ≥"];
const TOO_LARGE: &[&str] = &["the COT distance", "COT ≤"];

/// The controls of W1.fluctuation.
pub(in crate::claims) fn w1_fluctuation() -> Vec<Control<MeanFieldInstance>> {
    vec![
        Control::check("copies of eight particles", Violated, sound, |i| {
            fluctuation::copies(i).only(BY_WIDTH)
        })
        .missed(super::missed_again),
        Control::check("layers that are copies of one", Violated, sound, |i| {
            fluctuation::one_layer(i).only(BY_DEPTH)
        })
        .missed(super::missed_again),
        Control::instance("ReLU", Inapplicable(BOUNDED), relu),
        Control::instance(
            "an activation without one bound",
            Inapplicable(COSINE),
            tanh,
        ),
        Control::instance("large errors", Inapplicable(SHORT), far_from_learnt),
    ]
}

/// The controls of W2.coupling.
pub(in crate::claims) fn w2_coupling() -> Vec<Control<MeanFieldInstance>> {
    vec![
        Control::check("networks drawn apart", Violated, in_space, |i| {
            coupling::coupling_of(i, Pairing::Independent).only(LABELS)
        })
        .missed(super::missed_again),
        Control::check(
            "outputs against a reference of one width",
            Violated,
            sound,
            coupling::one_reference,
        )
        .missed(super::missed_again),
        Control::check(
            "a COT distance that falls by M^−½ too fast",
            Violated,
            sound,
            |i| coupling::coupling_of(i, Pairing::Distorted(-0.5)).only(TOO_SMALL),
        )
        .missed(super::missed_again),
        Control::check("a COT distance that does not fall", Violated, sound, |i| {
            coupling::coupling_of(i, Pairing::Distorted(0.5)).only(TOO_LARGE)
        })
        .missed(super::missed_again),
        Control::instance("ReLU", Inapplicable(BOUNDED), relu),
    ]
}

/// The controls of W4.scaling.
pub(in crate::claims) fn w4_scaling() -> Vec<Control<MeanFieldInstance>> {
    vec![
        Control::check(
            "both scalings exchanged",
            Violated,
            sound,
            scaling::exchanged,
        )
        .missed(super::missed_again),
        Control::instance("ReLU", Inapplicable(BOUNDED), relu),
    ]
}

/// The controls of W3.rff-to-rkhs.
pub(in crate::claims) fn w3_rff_to_rkhs() -> Vec<Control<ResidualInstance>> {
    vec![
        Control::check("equal frequencies", Violated, lifted, |i| {
            frequencies::approximation_with(i, Sampler::Repeated(1 << 20))
        })
        .missed(super::missed_again),
        Control::check("half the bandwidth", Violated, lifted, |i| {
            frequencies::approximation_with(i, Sampler::Stretched(2.0))
        })
        .missed(super::missed_again),
        Control::check(
            "frequencies of a heavy tail",
            Inapplicable(GAUSSIAN),
            heavy_tailed,
            super::approximation,
        ),
        Control::check(
            "large errors",
            Inapplicable(SHORT),
            far_apart,
            super::approximation,
        ),
        Control::check(
            "one sample",
            Inapplicable(SHORT),
            alone,
            super::approximation,
        ),
    ]
}

/// Three points of the line and a coordinate that is read off, two layers, small errors.
fn spectral() -> ResidualSpec {
    let kernel = KernelSpec::from(Gaussian::try_new(0.5).expect("a positive bandwidth"));
    let points = vec![vec![-0.75], vec![0.0], vec![1.0]];
    let spec = ResidualSpec {
        targets: vec![vec![0.04], vec![-0.03], vec![0.02]],
        frequencies: vec![vec![1.0; 2]],
        lift: vec![vec![1.0], vec![0.0]],
        readout: vec![vec![0.0, 1.0]],
        ..ResidualSpec::at_rest(kernel, points)
    };
    spec.with_zero_layers(2)
}

fn built(spec: &ResidualSpec) -> ResidualInstance {
    ResidualInstance::from_spec(spec).expect("a control is well-formed")
}

fn lifted() -> ResidualInstance {
    built(&spectral())
}

fn heavy_tailed() -> ResidualInstance {
    let kernel = Matern::try_new(2.5, 0.5).expect("a positive length");
    built(&ResidualSpec {
        kernel: KernelSpec::from(kernel),
        ..spectral()
    })
}

fn far_apart() -> ResidualInstance {
    built(&ResidualSpec {
        targets: vec![vec![10.0], vec![-5.0], vec![2.0]],
        ..spectral()
    })
}

/// `k̂(z, z) = k(z, z)`: the leading term is zero.
fn alone() -> ResidualInstance {
    let spec = spectral();
    built(&ResidualSpec {
        inputs: spec.inputs[..1].to_vec(),
        targets: spec.targets[..1].to_vec(),
        ..spec
    })
}

/// The instance that the controls of W3 start from, on which it holds.
pub(in crate::claims) fn spectral_instances() -> Vec<ResidualInstance> {
    vec![lifted()]
}

/// Two samples on the line, two layers.
fn spec() -> MeanFieldSpec {
    let layer = vec![vec![0.0, 1.0, 0.0]];
    MeanFieldSpec {
        activation: Activation::ScaledCosine,
        scale: 1.0,
        inputs: vec![vec![-0.5], vec![1.0]],
        targets: vec![vec![-0.2], vec![1.2]],
        network: vec![layer.clone(); 2],
        other: vec![layer; 2],
        step_margin: 0.5,
        steps: 1,
        loss_share: None,
        seed: 0,
        draws: 1,
    }
}

fn sound() -> MeanFieldInstance {
    MeanFieldInstance::from_spec(&spec()).expect("a control is well-formed")
}

/// One layer in six dimensions, where independent layers are `M^{−1/7}` apart.
fn in_space() -> MeanFieldInstance {
    let layer = vec![vec![0.0; 13]];
    let samples = |first: f64, second: f64| vec![vec![first; 6], vec![second; 6]];
    let spec = MeanFieldSpec {
        inputs: samples(-0.2, 0.4),
        targets: samples(-0.22, 0.38),
        network: vec![layer.clone()],
        other: vec![layer],
        ..spec()
    };
    MeanFieldInstance::from_spec(&spec).expect("a control is well-formed")
}

fn relu() -> MeanFieldInstance {
    let relu = MeanFieldSpec {
        activation: Activation::Relu,
        ..spec()
    };
    MeanFieldInstance::from_spec(&relu).expect("a control is well-formed")
}

fn tanh() -> MeanFieldInstance {
    let tanh = MeanFieldSpec {
        activation: Activation::Tanh,
        ..spec()
    };
    MeanFieldInstance::from_spec(&tanh).expect("a control is well-formed")
}

fn far_from_learnt() -> MeanFieldInstance {
    let far = MeanFieldSpec {
        targets: vec![vec![50.0], vec![0.0]],
        ..spec()
    };
    MeanFieldInstance::from_spec(&far).expect("a control is well-formed")
}

/// The instance that the controls start from, on which every claim holds.
pub(in crate::claims) fn instances() -> Vec<MeanFieldInstance> {
    vec![sound()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::find;
    use crate::evidence::Finding;
    use crate::evidence::Verdict;

    fn statements(finding: &Finding, are: impl Fn(Verdict) -> bool) -> Vec<&'static str> {
        let Finding::Compared(comparisons) = finding else {
            panic!("{finding:?}");
        };
        let kept = comparisons.iter().filter(|c| are(c.verdict()));
        kept.map(|c| c.statement()).collect()
    }

    /// What the control of this name violates.
    fn violated(claim: &str, name: &str) -> Vec<&'static str> {
        let dropped = find(claim).unwrap().dropped();
        let mut controls = dropped.iter();
        let control = controls.find(|control| control.name == name);
        let found = control.expect("a control").run(0).finding;
        statements(&found, |verdict| verdict == Verdict::Violated)
    }

    /// Asserts what the controls of a claim violate, and that this is all that it states.
    fn assert_violations(
        check: fn(&MeanFieldInstance) -> Finding,
        claim: &str,
        controls: &[(&str, &[usize])],
    ) {
        let all = statements(&check(&sound()), |_| true);
        let mut covered = vec![false; all.len()];
        for (name, expected) in controls {
            let expected: Vec<&str> = expected.iter().map(|&which| all[which]).collect();
            assert_eq!(violated(claim, name), expected, "{name}");
            for (covered, statement) in covered.iter_mut().zip(&all) {
                *covered |= expected.contains(statement);
            }
        }
        assert!(covered.iter().all(|&covered| covered), "{all:?}");
    }

    #[test]
    fn controls_violate_what_they_are_meant_to() {
        assert_violations(
            fluctuation::fluctuation,
            "W1.fluctuation",
            &[
                ("copies of eight particles", &[0, 2]),
                ("layers that are copies of one", &[1, 3]),
            ],
        );
        assert_violations(
            coupling::coupling,
            "W2.coupling",
            &[
                ("outputs against a reference of one width", &[0]),
                ("networks drawn apart", &[1]),
                ("a COT distance that does not fall", &[2, 3]),
                ("a COT distance that falls by M^−½ too fast", &[2, 4]),
            ],
        );
        assert_violations(
            scaling::scaling,
            "W4.scaling",
            &[("both scalings exchanged", &[0, 1])],
        );
    }

    #[test]
    fn every_claim_holds_before_anything_is_wrong() {
        for claim in ["W1.fluctuation", "W2.coupling", "W4.scaling"] {
            for instance in [sound(), in_space()] {
                let evidence = find(claim).unwrap().evaluate(&instance.into());
                assert_eq!(evidence.verdict, Verdict::Holds, "{claim}: {evidence:?}");
            }
        }
        let evidence = find("W3.rff-to-rkhs").unwrap().evaluate(&lifted().into());
        assert_eq!(evidence.verdict, Verdict::Holds, "{evidence:?}");
    }
}
