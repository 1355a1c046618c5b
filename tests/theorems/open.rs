//! The counts that `proofs/fresh-seeds.md` derives from: how often a claim holds on a random instance.

use statrs::distribution::{Binomial, DiscreteCDF};
use std::collections::BTreeMap;

/// What a count may fool anybody with.
const CHANCE: f64 = 1e-9;

/// Whether so many of so many show that half of all hold: the chance of as many, if but half did.
fn shows_half(hold: u64, instances: u64) -> bool {
    let half = Binomial::new(0.5, instances).expect("a share and a number");
    hold > 0 && half.sf(hold - 1) <= CHANCE
}

/// The table of the page: claim, instances that hold, instances.
fn stated() -> BTreeMap<String, (u64, u64)> {
    let page = include_str!("../../proofs/fresh-seeds.md");
    let (_, table) = page
        .split_once("| claim | instances that hold |")
        .expect("a table");
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let number = |cell: &str| cell.parse::<u64>().expect("a count");
        (cells[1].to_owned(), (number(cells[2]), number(cells[3])))
    })
    .collect()
}

#[test]
fn every_claim_holds_on_half_of_its_instances_or_more() {
    // Of 256 instances 176 are enough, of 32 all.
    assert!(shows_half(176, 256) && !shows_half(175, 256));
    assert!(shows_half(32, 32) && !shows_half(31, 32));
    let baseline: serde_json::Value =
        serde_json::from_str(include_str!("../../margins.json")).expect("a report");
    let mut stated = stated();
    let mut claims = 0;
    for claim in baseline["claims"].as_array().expect("claims") {
        let id = claim["id"].as_str().expect("an id");
        let random = &claim["stages"]["random"];
        let count = |field: &str| random[field].as_u64().expect("a count");
        let open = ["vacuous", "undecided", "inapplicable", "violated"].map(count);
        // What was drawn anew had said nothing, and counts as an instance.
        let anew = random["redrawn"].as_u64().unwrap_or(0);
        let (hold, all) = (
            count("checked"),
            count("checked") + open.iter().sum::<u64>() + anew,
        );
        let known = stated.remove(id);
        let shown = shows_half(hold, all);
        assert!(
            shown != known.is_some(),
            "{id}: {hold} of {all}, and the page says {known:?}"
        );
        if let Some((hold, all)) = known {
            assert!(shows_half(hold, all), "{id}: {hold} of {all}");
        }
        claims += 1;
    }
    assert!(claims > 80 && stated.is_empty(), "{stated:?}");
}
