//! P2.floor: how little states contract when no layer moves more than the others.

use crate::arithmetic::Ball;
use crate::bounds::{contraction, layer_gains};
use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, undecided};
use crate::data::Hostile::HugeWeights;
use crate::data::{DEFAULT_DRAWS, ResidualSpec};
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::resnet::ResidualNetwork;
use crate::theorem::Expectation::{Inapplicable, Violated};
use crate::theorem::{About, Control, Demand, Subject, Theorem};

const DEEP_ENOUGH: &str = "depth: D ≥ 4κ1²R²";

const ABOUT: About = About {
    family: "pl",
    statement: "for D ≥ 4κ1²R²: P₋ ≥ (1 − κ1R/D)^D, which equal layers attain",
    source: "Paper A (regularity of the flow), the exact floor of its contraction",
    hypotheses: &[DEEP_ENOUGH],
    tolerance: "rounding of the norms of the layers and of their sum of squares; ball arithmetic of the bound",
    page: "p2-floor.md",
    slack: Some(1e-9),
    ..About::new("P2.floor", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, check, sharp, draws::GENERAL)
        .control(Control::spec(
            "too few layers",
            Inapplicable(DEEP_ENOUGH),
            || layers(&[0.05, 0.949]),
        ))
        .control(Control::check(
            "the floor without its depth",
            Violated,
            || built(&layers(&[0.05, 0.949])),
            |instance| floor(instance, |_| Some(1.0)),
        ))
        .control(Control::check(
            "the floor of infinitely many layers",
            Violated,
            || sharp().remove(0),
            |instance| floor(instance, |deep| deep.then_some(1024.0)),
        ))
        .data(data::begun)
        .hostile(&[
            (
                &all_but(&[HugeWeights]),
                Demand::Mostly(Verdict::Holds, &[Verdict::Inapplicable]),
            ),
            (&[HugeWeights], Demand::Mostly(Verdict::Inapplicable, &[])),
        ])
}

fn check(instance: &ResidualInstance) -> Finding {
    floor(instance, |deep| deep.then_some(1.0))
}

/// Compares `P₋` with the floor of as many times as many layers as `more` says of whether there are enough; of nothing,
/// a hypothesis fails.
fn floor(instance: &ResidualInstance, more: impl Fn(bool) -> Option<f64>) -> Finding {
    let mut observer = match instance.observer() {
        Ok(observer) => observer,
        Err(error) => return undecided(error),
    };
    let seen = observer.observe(&instance.weights);
    let kappa1 = instance.network.kappa1();
    let stretch = kappa1 * seen.norm;
    let depth = instance.network.depth();
    let least = Ball::from(4.0) * stretch.square();
    let Some(more) = more(least.upper() <= depth as f64) else {
        return Finding::Inapplicable(vec![DEEP_ENOUGH.to_owned()]);
    };
    let squeeze = contraction(&layer_gains(kappa1, &seen.layer_norms));
    let layers = more * depth as f64;
    let bound = (Ball::from(1.0) - stretch / Ball::from(layers)).powi(layers as usize);
    let comparison = Comparison::at_least("P₋ ≥ (1−κ1R/D)^D", squeeze, bound);
    Finding::Compared(vec![comparison])
}

/// Equal layers: two that each take three tenths away, and sixteen that take a tenth.
fn sharp() -> Vec<ResidualInstance> {
    vec![built(&layers(&[0.3; 2])), built(&layers(&[0.1; 16]))]
}

fn built(spec: &ResidualSpec) -> ResidualInstance {
    ResidualInstance::build(spec).expect("two points and a wave")
}

/// A network on the line with one frequency, and layers of these gains `κ1‖v_k‖/D`.
fn layers(gains: &[f64]) -> ResidualSpec {
    let depth = gains.len() as f64;
    let squares: f64 = gains.iter().map(|gain| gain * gain).sum();
    ResidualSpec {
        kernel: "gaussian:1".parse().expect("a kernel"),
        inputs: vec![vec![0.0], vec![0.5]],
        targets: vec![vec![1.0], vec![0.0]],
        frequencies: vec![vec![1.0]],
        lift: vec![vec![1.0]],
        readout: vec![vec![1.0]],
        reference: vec![vec![0.0; 2]; gains.len()],
        displacement: gains.iter().map(|gain| vec![*gain, 0.0]).collect(),
        reference_stretch: 0.0,
        // R² is the mean of the squares of the norms.
        displacement_stretch: (depth * squares).sqrt(),
        step_margin: 0.5,
        steps: 1,
        loss_share: None,
        seed: 0,
        draws: DEFAULT_DRAWS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(gains: &[f64]) -> Comparison {
        match check(&built(&layers(gains))) {
            Finding::Compared(comparisons) => comparisons[0],
            other => panic!("{other:?}"),
        }
    }

    /// Both sides in closed form: a product, and the floor of the root of the mean square.
    #[test]
    fn unequal_layers_contract_more_than_the_floor() {
        let gains = [0.1_f64, 0.3, 0.2, 0.05];
        let product: f64 = gains.iter().map(|gain| 1.0 - gain).product();
        let mean = (gains.iter().map(|gain| gain * gain).sum::<f64>() / 4.0).sqrt();
        let seen = compared(&gains);
        assert!((seen.quantity().mid() - product).abs() < 1e-12);
        assert!((seen.bound().mid() - (1.0 - mean).powi(4)).abs() < 1e-12);
        assert_eq!(seen.verdict(), Verdict::Holds);
    }

    /// Sharper than `e^{−κ1R−κ1²R²/D}` everywhere, and by a tenth at the largest gain.
    #[test]
    fn the_floor_of_p2_flow_is_never_better() {
        for gain in [0.01, 0.1, 0.3] {
            let exact = (1.0_f64 - gain).powi(2);
            let exponential = (-2.0 * gain - 2.0 * gain * gain).exp();
            assert!(exact > exponential, "{gain}");
            assert!((compared(&[gain; 2]).bound().mid() - exact).abs() < 1e-12);
        }
        assert!((0.7_f64).powi(2) > 1.05 * (-0.78_f64).exp());
    }
}
