//! C3 and C5–C11.

use crate::harness::{check, runner};
use polyak::campaign::Campaign;
use polyak::claims::{MeanFieldInstance, find};
use polyak::data::digits;
use polyak::evidence::Verdict;
use polyak::theorem::{Instance, Spec};

/// Permuted and doubled networks do the same for a hundred steps of training.
#[test]
fn c3_measure_holds_during_a_hundred_steps() {
    let claim = find("C3.measure").expect("registered");
    let mut instance = claim
        .sharp()
        .remove(0)
        .get::<MeanFieldInstance>()
        .unwrap()
        .clone();
    instance.steps = 100;
    let evidence = claim.evaluate(&instance.into());
    assert_eq!(evidence.verdict, Verdict::Holds, "{evidence:?}");
    // Start and a hundred steps; two variants; risk, gradient, six outputs, particles.
    assert_eq!(evidence.comparisons, 101 * 2 * 9);
}

/// An initial risk above what the theorem allows is a hypothesis that fails, whatever gradient descent then does.
#[test]
fn c10_convergence_refuses_a_risk_above_its_condition() {
    let claim = find("C10.convergence").expect("registered");
    let outcome = runner(file!()).run(&claim.strategy(), |spec| {
        let mut spec = spec
            .get::<MeanFieldInstance>()
            .expect("of a mean-field network")
            .clone();
        // The share is of the largest risk allowed on a grid; a finer one finds a little more.
        spec.loss_share = Some(1.1);
        spec.steps = 1;
        let evidence = check(claim, &Spec::from(spec))?;
        assert_eq!(evidence.verdict, Verdict::Inapplicable, "{evidence:?}");
        Ok(())
    });
    outcome.unwrap();
}

/// The recipe's network on twenty digits: hypotheses met, envelope and radius kept.
#[test]
fn c10_convergence_holds_on_twenty_digits() {
    let claim = find("C10.convergence").expect("registered");
    let data = digits();
    let kernel = "gaussian:1".parse().expect("a kernel");
    let instances = claim
        .on_data(&data, kernel, 0)
        .build()
        .expect("digits are sound");
    let [(label, instance)] = instances.as_slice() else {
        panic!("one instance");
    };
    assert!(label.starts_with("20 samples"), "{label}");
    let evidence = claim.evaluate(instance);
    assert_eq!(evidence.verdict, Verdict::Holds, "{evidence:?}");
}

/// A campaign over the family ends without a violation.
#[test]
fn the_family_is_part_of_a_campaign() {
    let claim = find("C8.pl").expect("registered");
    let sharp: Vec<(String, Instance)> = Vec::new();
    let report = Campaign { seed: 5, cases: 8 }.run(claim, &sharp, &|| ());
    assert_eq!(report.verdict(), Verdict::Holds);
}
