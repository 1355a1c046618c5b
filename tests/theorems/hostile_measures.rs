//! Hostile mean-field networks, each regime with the verdict it must give.

use crate::harness::{cases, check, is_given, runner_of};
use polyak::claims::{MeanFieldInstance, registry};
use polyak::data::strategies::{HostileMeasure, hostile_measure};
use polyak::evidence::{Verdict, Verdict::*};
use polyak::theorem::{Claim, Spec};
use std::cell::RefCell;
use std::collections::HashMap;

/// The verdict that at least half of the instances must give, and those that the others may; `None` where any but
/// a violation will do. A violation is never among them.
fn expected(claim: &dyn Claim, regime: HostileMeasure) -> Option<(Verdict, &'static [Verdict])> {
    use HostileMeasure::*;
    Some(match (claim.id(), regime) {
        // The particles alone matter.
        ("C1.metric" | "C2.comparisons" | "C4.geodesic", _) => (Holds, &[]),
        (_, Relu) => (Inapplicable, &[]),
        // Networks with u ≠ 0.
        ("C10.convergence", _) => (Inapplicable, &[]),
        // One direction of features for all samples; a fourth of the instances have one sample.
        ("C8.pl" | "C9.gram", Coincident | OneParticle) => (Vacuous, &[Holds, Undecided]),
        ("C11.lift", Coincident | OneParticle) => (Inapplicable, &[Holds, Vacuous, Undecided]),
        ("C8.pl" | "C9.gram", DuplicatedInputs) => (Vacuous, &[Undecided]),
        ("C11.lift", DuplicatedInputs) => (Inapplicable, &[]),
        (
            "C3.measure" | "C5.gradient" | "C6.dissipation" | "C7.stability",
            Coincident | OneParticle | Collinear | DuplicatedInputs,
        ) => (Holds, &[Vacuous, Undecided]),
        _ => return None,
    })
}

fn must_give_its_verdict(regime: HostileMeasure) {
    let mut wrong = String::new();
    let concerned =
        |claim: &&dyn Claim| claim.family() != "width" && claim.is_about::<MeanFieldInstance>();
    for claim in registry().iter().filter(concerned) {
        let counts: RefCell<HashMap<Verdict, usize>> = RefCell::default();
        let cases = cases().div_ceil(4);
        let outcome = runner_of(file!(), cases).run(&hostile_measure(regime), |spec| {
            let verdict = check(claim, &Spec::from(spec))?.verdict;
            *counts.borrow_mut().entry(verdict).or_default() += 1;
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{} under {regime:?}: {error}", claim.id()));
        let counts = counts.into_inner();
        let total: usize = counts.values().sum();
        let Some((main, others)) = expected(claim, regime) else {
            continue;
        };
        let allowed = |verdict: &Verdict| *verdict == main || others.contains(verdict);
        let enough = is_given(*counts.get(&main).unwrap_or(&0), total);
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
fn coincident_particles_give_their_verdict() {
    must_give_its_verdict(HostileMeasure::Coincident);
}

#[test]
fn one_particle_gives_its_verdict() {
    must_give_its_verdict(HostileMeasure::OneParticle);
}

#[test]
fn collinear_particles_give_their_verdict() {
    must_give_its_verdict(HostileMeasure::Collinear);
}

#[test]
fn huge_particles_give_their_verdict() {
    must_give_its_verdict(HostileMeasure::HugeWeights);
}

#[test]
fn duplicated_inputs_give_their_verdict() {
    must_give_its_verdict(HostileMeasure::DuplicatedInputs);
}

#[test]
fn relu_gives_its_verdict() {
    must_give_its_verdict(HostileMeasure::Relu);
}
