//! P13: hypotheses matter. Instances that break one hypothesis each, samplers and bounds that are
//! wrong, and what the checker must say of them.

use super::mean_field::{self, WrongMeasure};
use super::random_features::{self, WrongDraw};
use super::width::WrongFrequencies;
use super::{
    Claim, Instance, MeanFieldInstance, ResidualInstance, certificate, convergence, depth, find,
    integrated, kernel, lazy, pl, separation, sharp, transport, width,
};
use crate::data::{DEFAULT_DRAWS, InstanceSpec, ResidualSpec};
use crate::evidence::{Comparison, Evidence, Finding, Verdict};
use crate::kernel::{Gaussian, KernelSpec, Matern, Polynomial};
use nalgebra::DMatrix;

/// What a check must say when a hypothesis is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// The constant is not certainly positive: the inequality says nothing.
    Vacuous,
    /// The check names this hypothesis as failing.
    Inapplicable(&'static str),
    /// What is drawn, or what is claimed of it, is wrong, and the test says so; of a statistical claim, of every
    /// statement that the control is about.
    Violated,
}

/// A control that drops one hypothesis of one claim.
#[derive(Clone, Copy, Debug)]
pub struct DroppedHypothesis {
    /// What is wrong with the instance.
    pub name: &'static str,
    /// The claim that is checked on it.
    pub claim: &'static str,
    /// What its check must say.
    pub expected: Expectation,
    broken: Broken,
    missed: Option<fn(&Finding) -> f64>,
}

/// What a control saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What the check says of the instance.
    pub evidence: Evidence,
    /// Whether that is what it must say.
    pub rejected: bool,
    /// A bound of the probability that a fresh seed would not see it rejected; `None` where nothing that is drawn
    /// decides.
    pub missed: Option<f64>,
}

/// What the check is given.
#[derive(Clone, Copy, Debug)]
enum Broken {
    /// An instance.
    Residual(fn() -> ResidualSpec),
    /// An instance of kernel expansions.
    Functional(fn() -> ResidualSpec),
    /// A kernel that no instance has: what the check of the claim found.
    Kernel(fn() -> Finding),
    /// A wrong sampler, scheme or bound: what the check found of it on an instance where every
    /// hypothesis holds.
    Random(fn() -> ResidualInstance, fn(&ResidualInstance) -> Finding),
    /// A mean-field instance, and the wrong check where it is the check that is wrong.
    Measure(
        fn() -> MeanFieldInstance,
        Option<fn(&MeanFieldInstance) -> Finding>,
    ),
}

impl DroppedHypothesis {
    /// Checks the instance.
    ///
    /// # Arguments
    /// * `seed`: of what statistical checks draw.
    pub fn run(&self, seed: u64) -> Seen {
        let claim: &Claim = find(self.claim).expect("controls name registered claims");
        let finding = self.finding(seed);
        let evidence = match self.broken {
            Broken::Residual(_) | Broken::Functional(_) => claim.judge(&finding),
            _ => finding.judge(),
        };
        let missed = self.missed.map(|missed| missed(&finding).min(1.0));
        let rejected = match self.expected {
            Expectation::Vacuous => evidence.verdict == Verdict::Vacuous,
            // Where bounds are strengthened one by one a single statement will do.
            Expectation::Violated if claim.slack.is_some() => evidence.verdict == Verdict::Violated,
            Expectation::Violated => {
                let fails = |comparison: &Comparison| comparison.verdict() == Verdict::Violated;
                !finding.statements().is_empty() && finding.surviving(fails).is_empty()
            }
            Expectation::Inapplicable(hypothesis) => {
                evidence.verdict == Verdict::Inapplicable
                    && evidence
                        .reasons
                        .iter()
                        .any(|reason| reason.starts_with(hypothesis))
            }
        };
        Seen {
            evidence,
            rejected,
            missed,
        }
    }

    /// What the check finds.
    fn finding(&self, seed: u64) -> Finding {
        let claim: &Claim = find(self.claim).expect("controls name registered claims");
        match self.broken {
            Broken::Residual(build) => {
                let instance =
                    ResidualInstance::from_spec(&build()).expect("controls are well-formed");
                claim.check(&instance.into())
            }
            Broken::Functional(build) => {
                let spec = InstanceSpec::Functional(build());
                let instance = Instance::from_spec(&spec).expect("controls are well-formed");
                claim.check(&instance)
            }
            Broken::Kernel(check) => check(),
            Broken::Random(build, check) => {
                let mut instance = build();
                instance.seed = seed;
                check(&instance)
            }
            Broken::Measure(build, check) => {
                let mut instance = build();
                instance.seed = seed;
                match check {
                    Some(check) => check(&instance),
                    None => claim.check(&instance.into()),
                }
            }
        }
    }
}

/// Returns the controls that concern the registered claims: those of P13, then wrong samplers and
/// wrong bounds of the statistical claims.
pub fn dropped_hypotheses() -> Vec<DroppedHypothesis> {
    let mut all = deterministic();
    let wrong = |&control: &WrongDraw| DroppedHypothesis {
        name: control.name,
        claim: control.claim,
        expected: Expectation::Violated,
        broken: Broken::Random(control.instance, control.check),
        missed: control.missed,
    };
    all.extend(random_features::CONTROLS.iter().map(wrong));
    all.push(wrong(&WrongDraw {
        claim: "D2.order",
        name: "steps that straddle the pieces",
        instance: three_pieces,
        check: depth::misaligned,
        missed: None,
    }));
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
        all.push(wrong(&WrongDraw {
            claim: "P11.lazy",
            name,
            instance: || sharp::three_points().remove(0),
            check,
            missed: None,
        }));
    }
    // Slopes are drawn where the check gets as far as them.
    let slopes = |expected| {
        let drawn = expected == Expectation::Violated;
        drawn.then_some(width::missed_again as fn(&Finding) -> f64)
    };
    let wrong = |&(name, expected, build, check): &WrongFrequencies| DroppedHypothesis {
        name,
        claim: "W3.rff-to-rkhs",
        expected,
        broken: Broken::Random(build, check),
        missed: slopes(expected),
    };
    all.extend(width::SPECTRAL_CONTROLS.iter().map(wrong));
    let wrong = |&(claim, name, expected, build, check): &WrongMeasure| DroppedHypothesis {
        name,
        claim,
        expected,
        broken: Broken::Measure(build, check),
        missed: None,
    };
    let others = mean_field::CONTROLS.iter().chain(&transport::CONTROLS);
    all.extend(others.map(wrong));
    all.extend(width::CONTROLS.iter().map(|control| DroppedHypothesis {
        missed: slopes(control.2),
        ..wrong(control)
    }));
    all
}

fn deterministic() -> Vec<DroppedHypothesis> {
    let control = |name, claim, expected, build| DroppedHypothesis {
        name,
        claim,
        expected,
        broken: Broken::Residual(build),
        missed: None,
    };
    let functional = |name, claim, hypothesis, build| DroppedHypothesis {
        name,
        claim,
        expected: Expectation::Inapplicable(hypothesis),
        broken: Broken::Functional(build),
        missed: None,
    };
    use Expectation::{Inapplicable, Vacuous};
    let mut all = vec![
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
        functional(
            "duplicated inputs",
            "P8.functional",
            convergence::EXPRESSIVE,
            duplicated,
        ),
        functional(
            "duplicated inputs",
            "P3.separation",
            separation::SEPARATED,
            duplicated,
        ),
        functional("too few layers", "P3.separation", pl::DEEP_ENOUGH, shallow),
        functional(
            "a line reversed",
            "P8.functional",
            convergence::SMALL_LOSS,
            reversed_line,
        ),
        functional(
            "step beyond 2/β",
            "P8.functional",
            convergence::STEP,
            long_step,
        ),
        functional(
            "a line reversed",
            "P9.functional",
            convergence::SMALL_LOSS,
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
        DroppedHypothesis {
            name: "linear kernel",
            claim: "K2.strict",
            expected: Inapplicable(certificate::STRICT),
            broken: Broken::Kernel(linear),
            missed: None,
        },
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
    ];
    let (not, not_strongly) = (
        "kernel that is not admissible",
        "kernel that is not strongly admissible",
    );
    for claim in ["P2.functional", "P3.separation"] {
        all.push(functional(not, claim, kernel::ADMISSIBLE, laplace));
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
        all.push(functional(not, claim, hypothesis, laplace));
        all.push(functional(not_strongly, claim, hypothesis, rough));
    }
    all
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
    use super::*;
    use crate::evidence::statistics::FLAKE;

    #[test]
    fn every_claim_holds_before_a_hypothesis_is_dropped() {
        for control in dropped_hypotheses() {
            let spec = match control.broken {
                Broken::Functional(_) => InstanceSpec::Functional(sound()),
                // Those of width have sound instances of their own.
                Broken::Measure(..) => continue,
                Broken::Random(..) if control.claim == "W3.rff-to-rkhs" => continue,
                _ => InstanceSpec::Residual(sound()),
            };
            let instance = Instance::from_spec(&spec).unwrap();
            let evidence = find(control.claim).unwrap().evaluate(&instance);
            assert_eq!(
                evidence.verdict,
                Verdict::Holds,
                "{}: {evidence:?}",
                control.claim
            );
        }
    }

    /// Under the pinned seed, and under a fresh one but with a probability that is derived.
    #[test]
    fn every_dropped_hypothesis_is_noticed() {
        let fails = |comparison: &Comparison| comparison.verdict() == Verdict::Violated;
        let unnoticed = |control: &DroppedHypothesis| {
            let seen = control.run(0);
            let missed = seen.missed.unwrap_or(0.0);
            (!(seen.rejected && missed <= FLAKE)).then(|| {
                let standing = control.finding(0).surviving(fails);
                let (name, claim) = (control.name, control.claim);
                format!(
                    "{name} on {claim}: {standing:?}, missed {missed:e}, {:?}",
                    seen.evidence
                )
            })
        };
        let unnoticed: Vec<String> = dropped_hypotheses().iter().filter_map(unnoticed).collect();
        assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
    }

    /// Whatever is drawn for a control has a law that says how often it is rejected.
    #[test]
    fn every_control_that_draws_has_a_power() {
        for control in dropped_hypotheses() {
            if control.missed.is_none() && control.expected == Expectation::Violated {
                let findings = [1, 2].map(|seed| control.finding(seed));
                let verdicts = findings.map(|finding| finding.judge().verdict);
                assert_eq!(
                    verdicts,
                    [Verdict::Violated; 2],
                    "{}: {}",
                    control.claim,
                    control.name
                );
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
        for claim in super::super::registry()
            .iter()
            .filter(|claim| claim.slack.is_none())
        {
            let controls = dropped_hypotheses().into_iter().filter(|control| {
                control.claim == claim.id && control.expected == Expectation::Violated
            });
            let mut rejected: Vec<&str> =
                controls.flat_map(|c| c.finding(0).statements()).collect();
            rejected.extend(&strengthened);
            for instance in claim.sharp() {
                for statement in claim.check(&instance).statements() {
                    if !rejected.contains(&statement) && !loose.contains(&(claim.id, statement)) {
                        loose.push((claim.id, statement));
                    }
                }
            }
        }
        assert!(loose.is_empty(), "{loose:#?}");
    }
}
