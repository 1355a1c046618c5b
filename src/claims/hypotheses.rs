//! P13: hypotheses matter. Instances that break one hypothesis each, samplers and bounds that are
//! wrong, and what the checker must say of them.

use super::mean_field::{self, WrongMeasure};
use super::random_features::{self, WrongDraw};
use super::width::WrongFrequencies;
use super::{
    FunctionalInstance, MeanFieldInstance, ResidualInstance, certificate, convergence, depth,
    integrated, kernel, lazy, pl, separation, sharp, transport, width,
};
use crate::data::{DEFAULT_DRAWS, ResidualSpec};
use crate::evidence::Finding;
use crate::kernel::{Gaussian, KernelSpec, Matern, Polynomial};
use crate::theorem::Expectation::{Inapplicable, Vacuous, Violated};
use crate::theorem::{Control, Subject};
use nalgebra::DMatrix;

/// A control, and the claim that it is about.
type Concerning<S> = (&'static str, Control<S>);

/// The controls of one claim.
pub(super) fn of<S: Subject>(id: &str, all: Vec<Concerning<S>>) -> Vec<Control<S>> {
    let own = all.into_iter().filter(|(claim, _)| *claim == id);
    own.map(|(_, control)| control).collect()
}

/// The controls of claims about Paper A's network: those of P13, then wrong samplers and wrong bounds.
pub(super) fn residual() -> Vec<Concerning<ResidualInstance>> {
    let mut all = deterministic();
    let wrong = |control: &WrongDraw| {
        let wrong = Control::check(control.name, Violated, control.instance, control.check);
        let wrong = match control.missed {
            Some(missed) => wrong.missed(missed),
            None => wrong,
        };
        (control.claim, wrong)
    };
    all.extend(random_features::CONTROLS.iter().map(wrong));
    let straddling = "steps that straddle the pieces";
    all.push((
        "D2.order",
        Control::check(straddling, Violated, three_pieces, depth::misaligned),
    ));
    for (name, check) in [
        (
            "the slopes of the kernel, of random features",
            lazy::features_as_kernel as fn(&ResidualInstance) -> Finding,
        ),
        (
            "the slopes of random features, of the kernel",
            lazy::kernel_as_features,
        ),
    ] {
        let three = || sharp::three_points().remove(0);
        all.push(("P11.lazy", Control::check(name, Violated, three, check)));
    }
    let wrong = |&(name, expected, build, check): &WrongFrequencies| {
        let wrong = Control::check(name, expected, build, check);
        ("W3.rff-to-rkhs", with_slopes(wrong))
    };
    all.extend(width::SPECTRAL_CONTROLS.iter().map(wrong));
    all
}

/// Slopes are drawn where the check gets as far as them.
fn with_slopes<S: Subject>(control: Control<S>) -> Control<S> {
    match control.expected {
        Violated => control.missed(width::missed_again),
        Vacuous | Inapplicable(_) => control,
    }
}

/// The controls of claims about Paper B's network.
pub(super) fn mean_field() -> Vec<Concerning<MeanFieldInstance>> {
    let wrong = |&(claim, name, expected, build, check): &WrongMeasure| {
        let control = match check {
            Some(check) => Control::check(name, expected, build, check),
            None => Control::instance(name, expected, build),
        };
        (claim, control)
    };
    let others = mean_field::CONTROLS.iter().chain(&transport::CONTROLS);
    let mut all: Vec<_> = others.map(wrong).collect();
    let widths = width::CONTROLS.iter().map(wrong);
    all.extend(widths.map(|(claim, control)| (claim, with_slopes(control))));
    all
}

/// The controls of claims about networks of kernel expansions.
pub(super) fn functional() -> Vec<Concerning<FunctionalInstance>> {
    let control = |name, claim, hypothesis, spec: fn() -> ResidualSpec| {
        (claim, Control::spec(name, Inapplicable(hypothesis), spec))
    };
    let mut all = vec![
        control(
            "duplicated inputs",
            "P8.functional",
            convergence::EXPRESSIVE,
            duplicated,
        ),
        control(
            "duplicated inputs",
            "P3.separation",
            separation::SEPARATED,
            duplicated,
        ),
        control("too few layers", "P3.separation", pl::DEEP_ENOUGH, shallow),
        control(
            "a line reversed",
            "P8.functional",
            convergence::SMALL_LOSS,
            reversed_line,
        ),
        control(
            "step beyond 2/β",
            "P8.functional",
            convergence::STEP,
            long_step,
        ),
        control(
            "a line reversed",
            "P9.functional",
            convergence::SMALL_LOSS,
            reversed_line,
        ),
    ];
    let (not, not_strongly) = (
        "kernel that is not admissible",
        "kernel that is not strongly admissible",
    );
    for claim in ["P2.functional", "P3.separation"] {
        all.push(control(not, claim, kernel::ADMISSIBLE, laplace));
    }
    for claim in [
        "K3.functional",
        "P1.functional",
        "P5.functional",
        "P7.functional",
        "P8.functional",
        "P9.functional",
    ] {
        let hypothesis = kernel::STRONGLY_ADMISSIBLE;
        all.push(control(not, claim, hypothesis, laplace));
        all.push(control(not_strongly, claim, hypothesis, rough));
    }
    all
}

fn deterministic() -> Vec<Concerning<ResidualInstance>> {
    let control = |name, claim, expected, spec: fn() -> ResidualSpec| {
        (claim, Control::spec(name, expected, spec))
    };
    vec![
        control("duplicated inputs", "P6.critical", Vacuous, duplicated),
        control(
            "duplicated inputs",
            "P9.flow",
            Inapplicable(convergence::EXPRESSIVE),
            duplicated,
        ),
        control(
            "a line reversed",
            "P9.flow",
            Inapplicable(convergence::SMALL_LOSS),
            reversed_line,
        ),
        control("duplicated inputs", "P3.trajectory", Vacuous, duplicated),
        control("duplicated inputs", "P3.tangent", Vacuous, duplicated),
        control(
            "duplicated inputs",
            "P8.convergence",
            Inapplicable(convergence::EXPRESSIVE),
            duplicated,
        ),
        control(
            "duplicated inputs",
            "P10.recipe",
            Inapplicable(convergence::EXPRESSIVE),
            duplicated,
        ),
        control(
            "more samples than features",
            "P10.recipe",
            Inapplicable(convergence::EXPRESSIVE),
            too_few_features,
        ),
        control(
            "more samples than features",
            "P3.trajectory",
            Vacuous,
            too_few_features,
        ),
        control(
            "duplicated inputs",
            "P8b.spectral",
            Inapplicable(convergence::EXPRESSIVE),
            duplicated,
        ),
        control(
            "a step beyond 2/β",
            "P8b.spectral",
            Inapplicable(convergence::STEP),
            long_step,
        ),
        control(
            "a step beyond 2/β",
            "P8b.integrated",
            Inapplicable(convergence::STEP),
            long_step,
        ),
        control(
            "a step beyond 2/β",
            "P8b.resumed",
            Inapplicable(convergence::STEP),
            long_step,
        ),
        control(
            "duplicated inputs",
            "P8b.resumed",
            Inapplicable(convergence::EXPRESSIVE),
            duplicated,
        ),
        control(
            "a line reversed",
            "P8b.resumed",
            Inapplicable(integrated::SMALL_LATER),
            reversed_line,
        ),
        control(
            "too few layers",
            "P8b.resumed",
            Inapplicable(pl::DEEP_ENOUGH),
            shallow,
        ),
        control(
            "duplicated inputs",
            "P11.lazy",
            Inapplicable(lazy::EXPRESSIVE),
            duplicated,
        ),
        control(
            "more samples than features",
            "P11.lazy",
            Inapplicable(lazy::EXPRESSIVE),
            too_few_features,
        ),
        control(
            "a kernel that does not extend to complex states",
            "P11.lazy",
            Inapplicable(lazy::ANALYTIC),
            rough,
        ),
        control(
            "one layer",
            "P11.lazy",
            Inapplicable(lazy::CURVED),
            single_layer,
        ),
        control(
            "more samples than features",
            "P8.convergence",
            Inapplicable(convergence::EXPRESSIVE),
            too_few_features,
        ),
        control(
            "readout of deficient rank",
            "P3.trajectory",
            Vacuous,
            deficient_readout,
        ),
        control(
            "readout of deficient rank",
            "P8.convergence",
            Inapplicable(convergence::EXPRESSIVE),
            deficient_readout,
        ),
        control(
            "kernel that is not admissible",
            "K4.lipschitz",
            Inapplicable(kernel::ADMISSIBLE),
            laplace,
        ),
        control(
            "duplicated inputs",
            "K7.separation",
            Inapplicable(separation::SEPARATED),
            duplicated,
        ),
        control(
            "duplicated inputs",
            "K2.strict",
            Inapplicable(certificate::DISTINCT),
            duplicated,
        ),
        (
            "K2.strict",
            Control::found("linear kernel", Inapplicable(certificate::STRICT), linear),
        ),
        control(
            "duplicated inputs",
            "E3.reference",
            Inapplicable(certificate::DISTINCT),
            duplicated,
        ),
        control(
            "a line reversed",
            "P8.convergence",
            Inapplicable(convergence::SMALL_LOSS),
            reversed_line,
        ),
        control(
            "step beyond 2/β",
            "P8.convergence",
            Inapplicable(convergence::STEP),
            long_step,
        ),
        control(
            "too few layers",
            "P3.local",
            Inapplicable(pl::DEEP_ENOUGH),
            shallow,
        ),
        control(
            "too few layers",
            "P8.convergence",
            Inapplicable(pl::DEEP_ENOUGH),
            shallow,
        ),
    ]
}

/// Four distinct points, three frequencies, small weights: every hypothesis holds.
fn sound() -> ResidualSpec {
    let layer = |start: usize| -> Vec<f64> {
        (0..12)
            .map(|i| ((start + 5 * i) as f64).powi(2).sin())
            .collect()
    };
    ResidualSpec {
        kernel: KernelSpec::from(Gaussian::try_new(0.5).expect("a positive bandwidth")),
        inputs: vec![vec![-1.0], vec![-0.4], vec![0.5], vec![1.0]],
        targets: vec![vec![0.3], vec![-0.2], vec![0.1], vec![0.4]],
        frequencies: vec![vec![1.0, 0.2], vec![-2.5, 0.5], vec![4.0, -0.3]],
        lift: vec![vec![1.0], vec![0.0]],
        readout: vec![vec![0.0, 1.0]],
        reference: vec![layer(1), layer(2), layer(3)],
        displacement: vec![layer(4), layer(5), layer(6)],
        reference_stretch: 0.1,
        displacement_stretch: 0.05,
        step_margin: 0.5,
        steps: 5,
        loss_share: Some(0.5),
        seed: 0,
        draws: DEFAULT_DRAWS,
    }
}

fn duplicated() -> ResidualSpec {
    let mut spec = sound();
    spec.inputs[1] = spec.inputs[0].clone();
    spec.loss_share = None;
    spec
}

/// The network of [`sound`], whose three pieces no power of two divides.
fn three_pieces() -> ResidualInstance {
    ResidualInstance::from_spec(&sound()).expect("a sound network")
}

/// A kernel whose fields have no bounded second derivative.
fn rough() -> ResidualSpec {
    let mut spec = sound();
    spec.kernel = KernelSpec::from(Matern::try_new(1.5, 0.5).expect("a positive length"));
    spec
}

/// More points than dimensions.
fn linear() -> Finding {
    let points = DMatrix::from_row_slice(1, 3, &[-1.0, 0.5, 2.0]);
    certificate::strictly_positive_at(&Polynomial::LINEAR.into(), &points)
}

fn too_few_features() -> ResidualSpec {
    let mut spec = sound();
    spec.frequencies.truncate(1);
    for layer in spec.reference.iter_mut().chain(&mut spec.displacement) {
        layer.truncate(4);
    }
    spec.loss_share = None;
    spec
}

fn deficient_readout() -> ResidualSpec {
    let mut spec = sound();
    spec.readout = vec![vec![0.0, 1.0], vec![0.0, 2.0]];
    spec.targets = vec![
        vec![0.3, -0.1],
        vec![-0.2, 0.2],
        vec![0.1, 0.5],
        vec![0.4, 0.0],
    ];
    spec.loss_share = None;
    spec
}

fn laplace() -> ResidualSpec {
    let mut spec = sound();
    spec.kernel = KernelSpec::from(Matern::try_new(0.5, 1.0).expect("a positive length"));
    spec
}

/// A flow cannot reverse the order of points on a line.
fn reversed_line() -> ResidualSpec {
    let mut spec = sound();
    spec.lift = vec![vec![1.0]];
    spec.readout = vec![vec![1.0]];
    spec.frequencies = vec![vec![1.0], vec![-2.5], vec![4.0]];
    spec.targets = spec.inputs.iter().map(|x| vec![-x[0]]).collect();
    for layer in spec.reference.iter_mut().chain(&mut spec.displacement) {
        layer.truncate(6);
    }
    spec.loss_share = None;
    spec
}

fn long_step() -> ResidualSpec {
    let mut spec = sound();
    spec.step_margin = -0.2;
    spec.loss_share = None;
    spec
}

fn single_layer() -> ResidualSpec {
    let mut spec = sound();
    spec.reference.truncate(1);
    spec.displacement.truncate(1);
    spec
}

fn shallow() -> ResidualSpec {
    let mut spec = sound();
    spec.reference_stretch = 3.0;
    spec.loss_share = None;
    spec
}

#[cfg(test)]
mod tests {
    use super::super::{find, registry};
    use super::*;
    use crate::evidence::statistics::FLAKE;
    use crate::evidence::{Comparison, Verdict};
    use crate::theorem::{Claim, Instance, Spec};

    /// On the network whose hypotheses are dropped one by one: of Paper B, and of width, there are others.
    #[test]
    fn every_claim_holds_before_a_hypothesis_is_dropped() {
        let residual = residual().into_iter().map(|(claim, _)| (claim, false));
        let functional = functional().into_iter().map(|(claim, _)| (claim, true));
        for (claim, expansions) in residual.chain(functional) {
            if claim == "W3.rff-to-rkhs" {
                continue;
            }
            let spec = match expansions {
                true => Spec::of::<FunctionalInstance>(sound()),
                false => Spec::of::<ResidualInstance>(sound()),
            };
            let instance: Instance = spec.build().unwrap();
            let evidence = find(claim).unwrap().evaluate(&instance);
            assert_eq!(evidence.verdict, Verdict::Holds, "{claim}: {evidence:?}");
        }
    }

    /// Every control is that of a claim that there is.
    #[test]
    fn controls_name_registered_claims() {
        let named = [
            residual().into_iter().map(|(claim, _)| claim).collect(),
            functional().into_iter().map(|(claim, _)| claim).collect(),
            mean_field()
                .into_iter()
                .map(|(claim, _)| claim)
                .collect::<Vec<_>>(),
        ];
        let attached: usize = registry().iter().map(|claim| claim.dropped().len()).sum();
        assert_eq!(named.concat().len(), attached);
    }

    /// Under the pinned seed, and under a fresh one but with a probability that is derived.
    #[test]
    fn every_dropped_hypothesis_is_noticed() {
        let fails = |comparison: &Comparison| comparison.verdict() == Verdict::Violated;
        let mut unnoticed = Vec::new();
        for claim in registry() {
            for control in claim.dropped() {
                let seen = control.run(0);
                let missed = seen.missed.unwrap_or(0.0);
                if !(seen.rejected && missed <= FLAKE) {
                    let standing = seen.finding.surviving(fails);
                    let (name, claim) = (control.name, claim.id());
                    unnoticed.push(format!(
                        "{name} on {claim}: {standing:?}, missed {missed:e}, {:?}",
                        seen.evidence
                    ));
                }
            }
        }
        assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
    }

    /// Whatever is drawn for a control has a law that says how often it is rejected.
    #[test]
    fn every_control_that_draws_has_a_power() {
        for claim in registry() {
            for control in claim.dropped() {
                if !control.has_power && control.expected == Violated {
                    let verdicts = [1, 2].map(|seed| control.run(seed).finding.judge().verdict);
                    assert_eq!(
                        verdicts,
                        [Verdict::Violated; 2],
                        "{}: {}",
                        claim.id(),
                        control.name
                    );
                }
            }
        }
    }

    /// Statistical claims have no strengthened bounds: together their controls reject every statement.
    #[test]
    fn every_statement_of_a_statistical_claim_has_a_control() {
        // A network that is trained is held to P8 as well, whose bounds are.
        let p8 = find("P8.convergence").unwrap();
        let sharp = p8.sharp().into_iter();
        let strengthened: Vec<&str> = sharp.flat_map(|i| p8.check(&i).statements()).collect();
        let mut loose = Vec::new();
        let statistical = |claim: &&dyn Claim| claim.about().slack.is_none();
        for claim in registry().iter().filter(statistical) {
            let dropped = claim.dropped();
            let controls = dropped
                .iter()
                .filter(|control| control.expected == Violated);
            let mut rejected: Vec<&str> = controls
                .flat_map(|control| control.run(0).finding.statements())
                .collect();
            rejected.extend(&strengthened);
            for instance in claim.sharp() {
                for statement in claim.check(&instance).statements() {
                    if !rejected.contains(&statement) && !loose.contains(&(claim.id(), statement)) {
                        loose.push((claim.id(), statement));
                    }
                }
            }
        }
        assert!(loose.is_empty(), "{loose:#?}");
    }
}
