//! `polyak attack`, and the factors of `polyak verify`.

use crate::harness::{ended, polyak, polyak_on, refused, status, stderr, stdout};
use serde_json::Value;

const HALVED: [&str; 10] = [
    "attack",
    "P7.hessian",
    "--factor",
    "θκ1",
    "--by",
    "-0.5",
    "--starts",
    "4",
    "--steps",
    "600",
];

#[test]
fn a_wrong_factor_is_refuted_by_an_instance() {
    let output = polyak(&HALVED);
    assert_eq!(status(&output), 1, "{}", stderr(&output));
    let text = stdout(&output);
    for part in [
        "with the factor `second derivative of F: θκ1κ0` 0.5 times what it is",
        "VIOLATED: ",
        "fn p7_hessian_counterexample()",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_true_claim_is_not() {
    let output = polyak(&["attack", "P3.local", "--starts", "2", "--steps", "200"]);
    ended(&output, 0);
    assert!(stdout(&output).contains("not violated; the closest"));
}

/// As much is found by one thread as by three.
#[test]
fn what_is_found_does_not_depend_on_the_number_of_threads() {
    let [one, three] = [1, 3].map(|threads| stdout(&polyak_on(threads, &HALVED)));
    assert_eq!(one, three);
}

#[test]
fn what_cannot_be_attacked_is_named() {
    refused(&polyak(&["attack", "P9.nothing"]), &["P9.nothing"]);
    let unclear = polyak(&["attack", "P7.hessian", "--factor", "κ"]);
    refused(&unclear, &["`κ`", "second derivative of F: θκ1κ0"]);
    refused(
        &polyak(&["attack", "P3.local", "--minutes", "0"]),
        &["minutes"],
    );
    let both = ["attack", "P3.local", "--minutes", "1", "--starts", "2"];
    refused(&polyak(&both), &["--starts"]);
}

#[test]
fn time_ends_an_attack() {
    let output = polyak(&["attack", "P3.local", "--minutes", "0.01"]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).contains(" tried · seed "));
}

#[test]
fn a_report_lists_the_factors_of_every_claim_that_is_not_drawn() {
    let options = [
        "verify",
        "--effort",
        "quick",
        "--max-samples",
        "8",
        "--json",
        "-",
    ];
    let output = polyak(&[&options[..], &["--family", "P3.local,R2"]].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let factors = |claim: usize| report["claims"][claim]["factors"].clone();
    assert!(factors(1).is_null());
    let of_local = factors(0);
    let least = |name: &str| {
        let mut all = of_local.as_array().unwrap().iter();
        all.find(|factor| factor["factor"] == name).unwrap()["least"].clone()
    };
    assert_eq!(least("local PL: σ_B²").as_f64(), Some(0.001));
    // A threshold that is moved is seen by the control that lies just outside.
    assert_eq!(
        least("contraction floor: 4 of D ≥ 4κ1²R²").as_f64(),
        Some(-0.01)
    );
}
