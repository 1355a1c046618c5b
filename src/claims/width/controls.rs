//! What the checks of width must reject.

use super::{coupling, fluctuation, scaling};
use crate::claims::Expectation::{Inapplicable, Violated};
use crate::claims::MeanFieldInstance;
use crate::claims::mean_field::{BOUNDED, WrongMeasure};
use crate::data::MeanFieldSpec;
use crate::meanfield::Activation;

/// The controls of W1, W2 and W4.
pub(in crate::claims) const CONTROLS: [WrongMeasure; 6] = [
    (
        "W1.fluctuation",
        "copies of eight particles",
        Violated,
        sound,
        Some(fluctuation::copies),
    ),
    ("W1.fluctuation", "ReLU", Inapplicable(BOUNDED), relu, None),
    (
        "W2.coupling",
        "networks drawn apart",
        Violated,
        in_space,
        Some(coupling::independent),
    ),
    ("W2.coupling", "ReLU", Inapplicable(BOUNDED), relu, None),
    (
        "W4.scaling",
        "both scalings exchanged",
        Violated,
        sound,
        Some(scaling::exchanged),
    ),
    ("W4.scaling", "ReLU", Inapplicable(BOUNDED), relu, None),
];

/// Two samples on the line, two layers.
fn spec() -> MeanFieldSpec {
    let layer = vec![vec![0.0, 1.0, 0.0]];
    MeanFieldSpec {
        activation: Activation::ScaledCosine,
        scale: 1.0,
        inputs: vec![vec![-0.5], vec![1.0]],
        targets: vec![vec![0.5], vec![0.0]],
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

/// In six dimensions, where independent layers are `M^{−1/7}` apart.
fn in_space() -> MeanFieldInstance {
    let layer = vec![vec![0.0; 13]];
    let samples = |first: f64, second: f64| vec![vec![first; 6], vec![second; 6]];
    let spec = MeanFieldSpec {
        inputs: samples(-0.2, 0.4),
        targets: samples(0.2, 0.0),
        network: vec![layer.clone(); 2],
        other: vec![layer; 2],
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

/// The instance that the controls start from, on which every claim holds.
pub(in crate::claims) fn instances() -> Vec<MeanFieldInstance> {
    vec![sound()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::find;
    use crate::evidence::Verdict;

    #[test]
    fn every_claim_holds_before_anything_is_wrong() {
        for claim in ["W1.fluctuation", "W2.coupling", "W4.scaling"] {
            for instance in [sound(), in_space()] {
                let evidence = find(claim).unwrap().evaluate(&instance.into());
                assert_eq!(evidence.verdict, Verdict::Holds, "{claim}: {evidence:?}");
            }
        }
    }
}
