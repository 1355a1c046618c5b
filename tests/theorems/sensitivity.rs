//! The table of what no claim sees is that of the baseline.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The least change of every factor that some claim notices, and the first claim that does; none, where no claim does.
fn seen() -> BTreeMap<String, (Option<f64>, String)> {
    let baseline: serde_json::Value =
        serde_json::from_str(include_str!("../../margins.json")).expect("a report");
    let mut seen: BTreeMap<String, (Option<f64>, String)> = BTreeMap::new();
    for claim in baseline["claims"].as_array().expect("claims") {
        let id = claim["id"].as_str().expect("an id");
        for factor in claim["factors"].as_array().into_iter().flatten() {
            let name = factor["factor"].as_str().expect("a name").to_owned();
            let least = factor["least"].as_f64().map(f64::abs);
            let best = seen.entry(name).or_insert((None, String::new()));
            if least.is_some_and(|least| best.0.is_none_or(|known| least < known)) {
                *best = (least, id.to_owned());
            }
        }
    }
    seen
}

#[test]
fn the_page_of_sensitivities_is_that_of_the_baseline() {
    let seen = seen();
    assert!(seen.len() > 100, "{} factors", seen.len());
    let mut table = String::from("| factor | seen at | by |\n|---|---|---|\n");
    for (name, (least, claim)) in &seen {
        let least = least.map_or("unseen".to_owned(), |least| format!("{} %", 100.0 * least));
        let _ = writeln!(table, "| {name} | {least} | {claim} |");
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/proofs/sensitivity.md");
    let page = std::fs::read_to_string(file).expect("a page");
    let (words, old) = page.split_once("| factor |").expect("a table");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(file, format!("{words}{table}")).expect("a page");
        return;
    }
    assert_eq!(
        format!("| factor |{old}"),
        table,
        "renew it: UPDATE_EXPECT=1 cargo test --test theorems sensitivities"
    );
}
