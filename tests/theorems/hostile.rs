//! Hostile regimes, each with the verdict it must give.

use crate::harness::{cases, check, is_given, runner_of};
use polyak::claims::{FunctionalInstance, ResidualInstance, registry};
use polyak::data::strategies::{Hostile, hostile};
use polyak::evidence::{Verdict, Verdict::*};
use polyak::theorem::{Claim, Spec};
use std::cell::RefCell;
use std::collections::HashMap;

/// The verdict that at least half of the instances must give, and those that the
/// others may. A violation is never among them.
fn expected(claim: &dyn Claim, regime: Hostile) -> (Verdict, &'static [Verdict]) {
    use Hostile::*;
    match (claim.id(), regime) {
        // One kernel in eight is not admissible, wherever the points are.
        ("K4.lipschitz", NearDuplicates) => (Undecided, &[Holds, Vacuous, Inapplicable]),
        ("K4.lipschitz", OneSample) => (Vacuous, &[Inapplicable]),
        ("K4.lipschitz", _) => (Holds, &[Vacuous, Inapplicable]),
        ("K1.psd" | "K2.strict" | "K3.reproducing" | "K5.tensor", _) => (Holds, &[]),
        ("E1.certificate" | "E2.agreement" | "E3.reference" | "E4.invariance", _) => (Holds, &[]),
        // Nothing to merge, and no point to do without.
        // What two entries that nearly agree differ by is a few roundings.
        ("K6.perturbation", NearDuplicates) => (Holds, &[Vacuous, Undecided]),
        ("K6.perturbation", OneSample) => (Vacuous, &[]),
        ("K6.perturbation", _) => (Holds, &[Vacuous]),
        // A Gaussian much wider than the separation has a bound far below its eigenvalue.
        ("K7.separation", NearDuplicates) => (Vacuous, &[Holds]),
        ("K7.separation", OneSample) => (Holds, &[]),
        ("K7.separation", _) => (Holds, &[Vacuous]),
        // It looks at the data, the kernel and the sizes, not at the weights.
        ("P10.recipe", NearDuplicates) => (Inapplicable, &[Undecided]),
        ("P10.recipe", _) => (Holds, &[Inapplicable, Undecided, Vacuous]),
        // The loss of a network with such weights is not known to one digit.
        (
            "P1.gradient" | "P2.flow" | "P4.upper" | "P7.hessian" | "P7.curvature" | "P7.descent",
            HugeWeights,
        ) => (Undecided, &[]),
        ("P3.tangent", HugeWeights) => (Vacuous, &[Holds, Undecided]),
        ("P3.trajectory", HugeWeights) => (Vacuous, &[Undecided]),
        ("P3.local", HugeWeights) => (Inapplicable, &[]),
        // Gradient descent starts at the reference, which is not huge.
        ("P5.along-descent", HugeWeights) => (Holds, &[Undecided, Vacuous]),
        // No flow is followed where an error would grow by e⁴⁰.
        ("D1.euler-error" | "D2.order", HugeWeights) => (Undecided, &[]),
        // Errors of the size of the bandwidth, one sample, or a kernel that is not Gaussian.
        ("W3.rff-to-rkhs", _) => (Inapplicable, &[Holds, Undecided]),
        // There is no loss to start from.
        ("D3.training", ZeroLoss) => (Undecided, &[]),
        ("D1.euler-error" | "D2.order" | "D3.training", _) => (Holds, &[Vacuous, Undecided]),
        ("P8b.spectral", ZeroLoss) => (Undecided, &[Inapplicable]),
        ("P8b.spectral", NearDuplicates) => (Inapplicable, &[]),
        ("P8b.resumed", NearDuplicates) => (Inapplicable, &[Undecided]),
        ("P8b.spectral", _) => (Holds, &[Undecided, Inapplicable, Vacuous]),
        // One layer is linear in its parameters: nothing changes.
        ("P8b.jacobian", OneLayer) => (Vacuous, &[]),
        // The weights are the reference.
        ("P8b.jacobian", ZeroLoss) => (Vacuous, &[]),
        ("P8b.jacobian", HugeWeights) => (Undecided, &[]),
        ("P8b.jacobian", _) => (Holds, &[Vacuous, Undecided]),
        ("P8b.integrated" | "P8b.resumed", ZeroLoss) => (Undecided, &[]),
        ("P8b.integrated", _) => (Holds, &[Undecided, Vacuous]),
        ("P8b.resumed", _) => (Holds, &[Undecided, Inapplicable, Vacuous]),
        // The difference has no scale to be measured by.
        ("P1.gradient", ZeroLoss) => (Undecided, &[]),
        ("P7.hessian", ZeroLoss) => (Holds, &[]),
        // One layer is linear in its parameters: nothing is curved.
        ("P7.curvature", OneLayer) => (Vacuous, &[]),
        // Now and then no radius at all is admissible: λ_min is not certainly positive.
        ("P8.convergence", ZeroLoss) => (Undecided, &[Inapplicable]),
        (_, ZeroLoss) => (Vacuous, &[Undecided]),
        // The strategy goes a little beyond the depth that version 3 asks for.
        ("P3.local", NearDuplicates) => (Vacuous, &[Inapplicable]),
        ("P3.local", _) => (Holds, &[Vacuous, Undecided, Inapplicable]),
        ("P3.tangent" | "P3.trajectory" | "P5.along-descent", NearDuplicates) => (Vacuous, &[]),
        ("P8.convergence", NearDuplicates) => (Inapplicable, &[]),
        ("P8.convergence", _) => (Holds, &[Undecided, Inapplicable, Vacuous]),
        ("P3.tangent" | "P3.trajectory" | "P5.along-descent", _) => (Holds, &[Vacuous, Undecided]),
        // Some of the networks have one layer.
        ("P7.curvature", _) => (Holds, &[Vacuous]),
        _ => (Holds, &[]),
    }
}

/// The same of a statistical claim, which looks at points and kernels of any scale and decides what it can:
/// `None` where any verdict but a violation will do.
fn expected_of_draws(claim: &dyn Claim, regime: Hostile) -> Option<(Verdict, &'static [Verdict])> {
    use Hostile::*;
    match (claim.id(), regime) {
        // What is nearly singular has no width.
        ("R4.chernoff" | "R4b.variance" | "R6.width" | "R10.end-to-end", NearDuplicates) => {
            Some((Inapplicable, &[Undecided]))
        }
        ("R5.uniform" | "R7.rate" | "R9.orthogonal" | "P11.features", OneSample) => {
            Some((Inapplicable, &[]))
        }
        ("R1.unbiased" | "R2.hoeffding" | "R3.union" | "R6.width", OneSample) => {
            Some((Vacuous, &[]))
        }
        _ => None,
    }
}

/// Claims that follow a path from the reference, which is not huge where the weights are, and claims about kernel
/// expansions.
fn of_paths(claim: &dyn Claim) -> bool {
    let paths = [
        "P5.along-flow",
        "P6.critical",
        "P9.flow",
        "P11.lazy",
        "P12.equivalence",
    ];
    claim.is_about::<FunctionalInstance>() || paths.contains(&claim.id())
}

/// The same of claims that follow a path or see the kernel; `None` where the kernels that are drawn and rounded
/// distances leave any verdict but a violation.
fn expected_of_paths(claim: &dyn Claim, regime: Hostile) -> Option<(Verdict, &'static [Verdict])> {
    use Hostile::*;
    let others: &[Verdict] = &[Undecided, Vacuous, Inapplicable];
    match (claim.id(), regime) {
        ("P12.equivalence", _) => Some((Holds, others)),
        // Nothing of first order, nothing curved, nothing to learn from.
        ("P11.lazy", OneSample | OneLayer | NearDuplicates) => Some((Inapplicable, &[])),
        // Half of the kernels are not Gaussian, and the lift looks at the data alone.
        ("P11.lazy", _) => None,
        // The weights are large or small beside their own norm: nothing else counts.
        ("K3.functional", _) => Some((Holds, &[Undecided, Vacuous, Inapplicable])),
        // Some of the kernels are not admissible.
        ("P1.functional" | "P2.functional" | "P7.functional", HugeWeights)
        | ("P1.functional", ZeroLoss) => Some((Undecided, &[Inapplicable])),
        ("P2.functional" | "P7.functional", ZeroLoss) => {
            Some((Vacuous, &[Undecided, Inapplicable]))
        }
        ("P1.functional" | "P2.functional" | "P7.functional", _) => {
            Some((Holds, &[Undecided, Inapplicable]))
        }
        ("P3.separation", HugeWeights) => Some((Inapplicable, &[])),
        ("P3.separation", NearDuplicates | ZeroLoss) => Some((Vacuous, &[Undecided, Inapplicable])),
        ("P5.along-flow" | "P5.functional" | "P6.critical", NearDuplicates | ZeroLoss) => {
            Some((Vacuous, &[Undecided, Inapplicable]))
        }
        (_, NearDuplicates) => Some((Inapplicable, &[])),
        (_, ZeroLoss) => Some((Undecided, &[Inapplicable])),
        ("P3.separation" | "P8.functional" | "P9.functional", FarFromOrigin | OneDimension) => None,
        _ => Some((Holds, others)),
    }
}

/// Regimes of Paper A's network; those that change weights alone say nothing of statistical claims.
fn concerns(claim: &dyn Claim, regime: Hostile) -> bool {
    use Hostile::*;
    let points = matches!(
        regime,
        NearDuplicates | OneSample | OneDimension | FarFromOrigin
    );
    let network = claim.is_about::<ResidualInstance>() || claim.is_about::<FunctionalInstance>();
    network && (claim.family() != "rff" || points)
}

fn must_give_its_verdict(regime: Hostile) {
    let mut wrong = String::new();
    for claim in registry().iter().filter(|claim| concerns(*claim, regime)) {
        let counts: RefCell<HashMap<Verdict, usize>> = RefCell::default();
        let cases = claim.cases(cases());
        let outcome = runner_of(file!(), cases).run(&hostile(regime), |mut spec| {
            let near = claim.draws().contains("near the predictions");
            if near && spec.loss_share.is_none() {
                spec.loss_share = Some(0.5);
            }
            let spec = if claim.is_about::<FunctionalInstance>() {
                Spec::of::<FunctionalInstance>(spec)
            } else {
                spec.into()
            };
            let verdict = check(claim, &spec)?.verdict;
            *counts.borrow_mut().entry(verdict).or_default() += 1;
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{} under {regime:?}: {error}", claim.id()));
        let counts = counts.into_inner();
        let total: usize = counts.values().sum();
        let verdicts = match claim.family() {
            "rff" => expected_of_draws(claim, regime),
            _ if of_paths(claim) => expected_of_paths(claim, regime),
            _ => Some(expected(claim, regime)),
        };
        let Some((main, others)) = verdicts else {
            continue;
        };
        let allowed = |verdict: &Verdict| *verdict == main || others.contains(verdict);
        // The fast tier looks at a single case of claims that train by the hundred: any verdict allowed will do.
        let single = total == 1;
        let enough = single || is_given(*counts.get(&main).unwrap_or(&0), total);
        if !(enough && counts.keys().all(allowed)) {
            wrong += &format!(
                "\n{}: {counts:?}, expected {main}, else {others:?}",
                claim.id()
            );
        }
    }
    assert!(wrong.is_empty(), "{regime:?}: {wrong}");
}

#[test]
fn near_duplicates_give_their_verdict() {
    must_give_its_verdict(Hostile::NearDuplicates);
}

#[test]
fn huge_weights_give_their_verdict() {
    must_give_its_verdict(Hostile::HugeWeights);
}

#[test]
fn one_sample_gives_its_verdict() {
    must_give_its_verdict(Hostile::OneSample);
}

#[test]
fn one_layer_gives_its_verdict() {
    must_give_its_verdict(Hostile::OneLayer);
}

#[test]
fn one_dimension_gives_its_verdict() {
    must_give_its_verdict(Hostile::OneDimension);
}

#[test]
fn zero_loss_gives_its_verdict() {
    must_give_its_verdict(Hostile::ZeroLoss);
}

#[test]
fn data_far_from_the_origin_give_their_verdict() {
    must_give_its_verdict(Hostile::FarFromOrigin);
}
