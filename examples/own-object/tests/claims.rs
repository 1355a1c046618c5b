//! The theorem under `cargo test`.

use own_object::{registry, theorem};
use polyak::campaign::{Campaign, assert_controlled, assert_holds, replay_in};
use polyak::theorem::Claim;

#[test]
fn o1_softmax_holds_and_is_controlled() {
    let theorem = theorem();
    let claim: &dyn Claim = &theorem;
    assert_holds(
        claim,
        &Campaign {
            seed: 1,
            cases: 256,
        },
    );
    assert_controlled(claim, 1);
}

#[test]
fn it_stands_beside_the_claims_of_the_crate_and_says_nothing_of_their_objects() {
    let claim = registry().find("o1.softmax").unwrap();
    assert_eq!(registry().len(), polyak::claims::registry().len() + 1);
    let network = registry().find("P4.upper").unwrap().sharp().remove(0);
    let seen = claim.evaluate(&network);
    assert_eq!(seen.reasons, ["network: two layers and a softmax"]);
}

#[test]
fn instances_are_replayed_from_their_text() {
    let json = r#"{"inner":[[1.0]],"outer":[[1.0],[0.0],[-1.0]],"input":[0.5],"class":1}"#;
    assert!(replay_in(registry(), "O1.softmax", json).is_ok());
    // Rows that do not fit decide nothing.
    let json = json.replace("[[1.0]]", "[[1.0, 2.0]]");
    let seen = replay_in(registry(), "O1.softmax", &json).unwrap();
    assert!(seen.reasons[0].contains("not as long"), "{seen:?}");
}
