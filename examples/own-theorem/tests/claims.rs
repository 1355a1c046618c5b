//! The theorems of this package under `cargo test`.

use own_theorem::{registry, weakened};
use polyak::campaign::{Campaign, assert_controlled, assert_holds, controls};
use std::panic::{AssertUnwindSafe, catch_unwind};

const CAMPAIGN: Campaign = Campaign { seed: 1, cases: 64 };

#[test]
fn the_claims_hold() {
    for claim in registry() {
        assert_holds(claim, &CAMPAIGN);
    }
}

#[test]
fn their_checks_notice_what_is_wrong() {
    for claim in registry() {
        assert_controlled(claim, CAMPAIGN.seed);
    }
}

/// What a stranger reads whose theorem is false: where, by how much, and a test to paste.
#[test]
fn a_false_theorem_fails_in_words_and_with_a_test_to_paste() {
    let registry = weakened(0.0);
    let claim = AssertUnwindSafe(registry.find("S2.growth").unwrap());
    let seen = catch_unwind(|| assert_holds(*claim, &CAMPAIGN)).unwrap_err();
    let words = seen.downcast_ref::<String>().unwrap();
    for part in [
        "S2.growth is violated on random instance ",
        ", shrunk (seed 1):\n  √L ≤ √L₀ + ‖B‖R/√2\n  quantity ",
        "margin -",
        "#[test]\nfn s2_growth_counterexample() {\n    polyak::campaign::replay_in(registry(), \"S2.growth\", r#\"{",
    ] {
        assert!(words.contains(part), "{words}");
    }
}

/// So that a factor which is off by a few parts in a million is caught.
#[test]
fn the_sharp_instance_leaves_nothing() {
    let claim = registry().find("S2.growth").unwrap();
    let controls = controls(claim, 0);
    let sharpness = controls.sharpness.unwrap();
    assert_eq!(sharpness.statements.len(), 1);
    let (_, tightness, rejected) = sharpness.statements[0];
    assert!(rejected && tightness >= 1.0 - 1e-9, "{tightness}");
}
