//! Hostile regimes, each with the verdict that every claim demands of itself.

use crate::harness::{cases, check, is_given, runner_of};
use polyak::claims::{MeanFieldInstance, registry};
use polyak::theorem::Demand;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Every regime is one test: no claim that says what is demanded in it gives another verdict.
macro_rules! regimes {
    ($($test:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $test() {
                must_give_its_verdict($name);
            }
        )*

        const NAMES: &[&str] = &[$($name),*];
    };
}

regimes! {
    near_duplicates_give_their_verdict: "NearDuplicates",
    huge_weights_give_their_verdict: "HugeWeights",
    one_sample_gives_its_verdict: "OneSample",
    one_layer_gives_its_verdict: "OneLayer",
    one_dimension_gives_its_verdict: "OneDimension",
    zero_loss_gives_its_verdict: "ZeroLoss",
    data_far_from_the_origin_give_their_verdict: "FarFromOrigin",
    coincident_particles_give_their_verdict: "Coincident",
    one_particle_gives_its_verdict: "OneParticle",
    collinear_particles_give_their_verdict: "Collinear",
    duplicated_inputs_give_their_verdict: "DuplicatedInputs",
    relu_gives_its_verdict: "Relu",
}

fn must_give_its_verdict(name: &str) {
    let mut wrong = String::new();
    for claim in registry() {
        for regime in claim.hostile().iter().filter(|regime| regime.name == name) {
            let counts = RefCell::new(HashMap::new());
            let cases = claim.cases(cases());
            // Checks of measures take long.
            let cases = match claim.is_about::<MeanFieldInstance>() {
                true => cases.div_ceil(4),
                false => cases,
            };
            let outcome = runner_of(file!(), cases).run(&regime.strategy, |spec| {
                let verdict = check(claim, &spec)?.verdict;
                *counts.borrow_mut().entry(verdict).or_insert(0) += 1;
                Ok(())
            });
            outcome.unwrap_or_else(|error| panic!("{} under {name}: {error}", claim.id()));
            let counts = counts.into_inner();
            let total: usize = counts.values().sum();
            let enough = match regime.demand {
                Demand::NoViolation => true,
                // The fast tier looks at a single case of claims that train by the hundred: any verdict allowed will do.
                Demand::Mostly(main, _) => {
                    total == 1 || is_given(*counts.get(&main).unwrap_or(&0), total)
                }
            };
            if !(enough && counts.keys().all(|verdict| regime.demand.allows(*verdict))) {
                wrong += &format!("\n{}: {counts:?}, and {:?}", claim.id(), regime.demand);
            }
        }
    }
    assert!(wrong.is_empty(), "{name}: {wrong}");
}

/// No claim names a regime that is no test here.
#[test]
fn every_regime_is_tested() {
    let regimes = registry().iter().flat_map(|claim| claim.hostile());
    let named: BTreeSet<String> = regimes.map(|regime| regime.name).collect();
    let tested: BTreeSet<String> = NAMES.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(named, tested);
}
