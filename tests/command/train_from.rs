//! `polyak train --from`: networks that another program trained, trained on under what is promised there.

use crate::arrays::archive;
use crate::check::{blocks, example};
use crate::harness::{Folder, ended, polyak, refused, stderr, stdout, words};
use polyak::data::{ArrayFormat, NamedArray, read_arrays};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The checkpoints of `examples/check/train.py`, and the arguments that go with them.
fn from(more: &[&str]) -> std::process::Output {
    let (network, data) = (example("network.npz"), example("data.npz"));
    let options = [
        "train", "--from", &network, "--data", &data, "--scale", "1/D",
    ];
    polyak(&[&options[..], more].concat())
}

fn json(more: &[&str], status: i32) -> Value {
    let output = from(&[more, &["--json", "-"]].concat());
    ended(&output, status);
    serde_json::from_str(&stdout(&output)).unwrap()
}

/// What `check` says of all checkpoints.
fn checked(network: &str, scale: &str) -> Value {
    let data = example("data.npz");
    let options = ["check", network, "--data", &data, "--scale", scale];
    let output = polyak(&[&options[..], &["--json", "-"]].concat());
    serde_json::from_str(&stdout(&output)).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

/// From every checkpoint from which convergence is guaranteed it is seen, in no more steps than promised; from every
/// other no step is taken, and the factors are those of `check`.
#[test]
fn what_check_promises_is_what_training_keeps() {
    let all = checked(&example("network.npz"), "1/D");
    let from = all["guaranteed_from"].as_u64().unwrap();
    assert_eq!(from, 8);
    for (k, checkpoint) in all["checkpoints"].as_array().unwrap().iter().enumerate() {
        let at = (k + 1).to_string();
        let promised = k as u64 + 1 >= from;
        let found = json(&["--at", &at], if promised { 0 } else { 3 });
        let origin = &found["from"];
        assert_eq!(origin["checkpoint"], k + 1);
        assert_eq!(origin["outlooks"], checkpoint["outlooks"]);
        assert_eq!(origin["agrees"], true);
        if !promised {
            assert_eq!(
                (&found["end"], &found["iterations"]),
                (&"refused".into(), &0.into())
            );
            assert_eq!(
                (&found["bound"], &origin["promise"]),
                (&Value::Null, &Value::Null)
            );
            continue;
        }
        assert_eq!(found["end"], "target-reached", "{at}");
        let steps = found["promised_iterations"].as_u64().unwrap();
        assert!(found["iterations"].as_u64().unwrap() <= steps);
        assert!(number(&found["loss"]) <= number(&found["bound"]));
        assert!(number(&found["loss"]) <= 1e-3 * number(&found["initial_loss"]));
        assert!(number(&found["tightness"]) <= 1.0);
        // What it was held to is the quickest that `check` says, up to what its own steps round.
        let counts = checkpoint["outlooks"].as_array().unwrap().iter();
        let quickest = counts.filter_map(|o| o["steps"].as_u64()).min().unwrap();
        assert!(
            steps.abs_diff(quickest) <= 1 + quickest / 100,
            "{steps} {quickest}"
        );
        assert_eq!(origin["promise"]["guaranteed"], true);
        assert_eq!(origin["promise"]["steps"], steps);
    }
}

#[test]
fn words_say_what_was_promised_and_kept() {
    let reached = from(&[]);
    ended(&reached, 0);
    let text = words(&reached);
    for part in [
        "check of 1 checkpoint",
        "network.npz, checkpoint 20",
        "held to P8",
        "GUARANTEED",
        "of the start reached in",
        "held below the envelope at every iterate",
        "What that means",
    ] {
        assert!(text.contains(part), "`{part}` in: {text}");
    }
    let open = from(&["--at", "7"]);
    ended(&open, 3);
    let text = words(&open);
    for part in [
        "network.npz, checkpoint 7",
        "times too large",
        "refused nothing is promised of gradient descent from there: no step is taken",
    ] {
        assert!(text.contains(part), "`{part}` in: {text}");
    }
    assert!(!text.contains("GUARANTEED"), "{text}");
    let few = from(&["--steps", "2"]);
    ended(&few, 3);
    assert!(words(&few).contains("open held so far"), "{}", stdout(&few));
}

/// The network reached is read again in the layout and the scaling of its file, has the loss that was reached, and goes on.
#[test]
fn the_network_reached_is_kept_and_goes_on() {
    let folder = Folder::new();
    let whole = json(&[], 0);
    let losses: Vec<f64> = whole["losses"]
        .as_array()
        .unwrap()
        .iter()
        .map(number)
        .collect();
    for name in ["half.npz", "half.safetensors"] {
        let half = folder.path(name);
        let first = json(&["--steps", "3", "--save", &half], 3);
        assert_eq!(first["from"]["saved"], half);
        let arrays = read_arrays(Path::new(&half)).unwrap();
        let of = |name: &str| arrays.iter().find(|array| array.name == name).unwrap();
        assert_eq!(of("layers").shape, [3, 7, 32]);
        assert_eq!(of("loss").entries, [losses[3]]);
        let before = read_arrays(Path::new(&example("network.npz"))).unwrap();
        for name in ["frequencies", "input", "output"] {
            let old = before.iter().find(|array| array.name == name).unwrap();
            assert_eq!(of(name), old);
        }
        let found = checked(&half, "1/D");
        let entry = &found["checkpoints"][0];
        assert_eq!(entry["agrees"], true);
        let [low, high] = [0, 1].map(|i| number(&entry["loss"][i]));
        // c = 4, a power of two: the weights in the file are those that were reached.
        assert!(low <= losses[3] && losses[3] <= high, "{entry}");
        // And on, to the same losses, under a promise of its own.
        let data = example("data.npz");
        let on = ["train", "--from", &half, "--data", &data, "--scale", "1/D"];
        let output = polyak(&[&on[..], &["--json", "-"]].concat());
        ended(&output, 0);
        let second: Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(second["end"], "target-reached");
        assert_eq!(number(&second["initial_loss"]), losses[3]);
        assert_eq!(second["from"]["checkpoint"], Value::Null);
        // Its own step may be another; at every iterate it is below its own envelope.
        assert!(number(&second["loss"]) <= 1e-3 * losses[3]);
    }
}

/// Other data, another scaling, a negated block: refused, or a promise that is kept. None is broken.
#[test]
fn controls_are_never_promised_falsely() {
    let folder = Folder::new();
    let (network, data) = (example("network.npz"), example("data.npz"));
    let arrays = |path: &str| read_arrays(Path::new(path)).unwrap();
    let written = |name: &str, arrays: &[NamedArray]| {
        let path = folder.path(name);
        fs::write(&path, ArrayFormat::Npz.bytes(arrays).unwrap()).unwrap();
        path
    };
    let without_loss: Vec<NamedArray> = arrays(&network)
        .into_iter()
        .filter(|array| array.name != "loss")
        .collect();
    let silent = written("silent.npz", &without_loss);
    let mut shifted = arrays(&data);
    let targets = shifted
        .iter_mut()
        .find(|array| array.name == "targets")
        .unwrap();
    targets.entries.rotate_right(2);
    let shifted = written("shifted.npz", &shifted);
    let mut negated = without_loss.clone();
    let layers = negated
        .iter_mut()
        .find(|array| array.name == "layers")
        .unwrap();
    let size = layers.entries.len() / 60;
    let last = layers.entries.len() - size;
    layers.entries[last..].iter_mut().for_each(|x| *x = -*x);
    let negated = written("negated.npz", &negated);
    for (network, data, scale, stated) in [
        (&network, &data, "1", true),
        (&network, &shifted, "1/D", true),
        (&silent, &data, "1", false),
        (&silent, &shifted, "1/D", false),
        (&negated, &data, "1/D", false),
    ] {
        let output = polyak(&[
            "train", "--from", network, "--data", data, "--scale", scale, "--json", "-",
        ]);
        ended(&output, 3);
        let found: Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(found["end"], "refused", "{network} {data} {scale}");
        assert_eq!(found["iterations"], 0);
        let agrees = if stated {
            Value::Bool(false)
        } else {
            Value::Null
        };
        assert_eq!(found["from"]["agrees"], agrees);
    }
    // A file that states another loss is refused even where its network would be trained.
    let mut false_loss = without_loss.clone();
    false_loss.push(NamedArray {
        name: "loss".to_owned(),
        shape: vec![],
        entries: vec![0.5],
    });
    let false_loss = written("false.npz", &false_loss);
    let output = polyak(&[
        "train",
        "--from",
        &false_loss,
        "--data",
        &data,
        "--scale",
        "1/D",
    ]);
    ended(&output, 3);
    let text = words(&output);
    assert!(
        text.contains("states another loss than its network has: no step is taken"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_asked_is_refused_with_a_remedy() {
    let folder = Folder::new();
    let (network, data) = (example("network.npz"), example("data.npz"));
    let usage = |arguments: &[&str], parts: &[&str]| {
        let output = polyak(&[&["train"], arguments].concat());
        ended(&output, 2);
        for part in parts {
            assert!(
                stderr(&output).contains(part),
                "`{part}` in: {}",
                stderr(&output)
            );
        }
    };
    usage(&[], &["--recipe", "--from"]);
    usage(&["--from", &network], &["--data"]);
    usage(
        &["--from", &network, "--data", &data, "--recipe", "r.json"],
        &["cannot be used with"],
    );
    for option in [
        ["--data", "x.csv"],
        ["--scale", "1/D"],
        ["--loss", "0.1"],
        ["--at", "1"],
        ["--save", "x.npz"],
        ["--target", "y"],
    ] {
        usage(
            &[&["--recipe", "r.json"], &option[..]].concat(),
            &["cannot be used with", option[0]],
        );
    }
    usage(
        &["--from", &network, "--data", &data, "--checkpoint", "x"],
        &["cannot be used with"],
    );
    refused(
        &from(&["--at", "21"]),
        &["--at 21", "20 checkpoints", "from 1 to 20"],
    );
    refused(
        &from(&["--save", "net.txt"]),
        &["net.txt", ".npz or .safetensors"],
    );
    refused(&from(&["--save", &network]), &["overwrite"]);
    let nowhere = folder.path("no/net.npz");
    refused(&from(&["--save", &nowhere]), &["there is no folder"]);
    refused(&from(&["--max-hours", "1e-30"]), &["--max-hours"]);
    let particles = blocks(&folder, 0.0);
    let line = folder.file("line.csv", "x,y\n-1,1e-5\n1.2,-1e-5\n");
    let output = polyak(&[
        "train", "--from", &particles, "--data", &line, "--scale", "1/(D*m)",
    ]);
    refused(
        &output,
        &[
            "two-layer blocks",
            "linear in their parameters",
            "polyak check",
        ],
    );
    let output = polyak(&[
        "train", "--from", &network, "--data", &line, "--scale", "1/D",
    ]);
    refused(&output, &["network.npz", "takes 5 inputs"]);
    let output = polyak(&["train", "--from", &network, "--data", &data]);
    refused(&output, &["network.npz", "--scale"]);
    let cut = folder.path("cut.npz");
    fs::write(&cut, archive(&[("layers.npy", b"x")], false)).unwrap();
    let output = polyak(&["train", "--from", &cut, "--data", &data, "--scale", "1/D"]);
    refused(&output, &["cut.npz", "layers"]);
}

/// A number that is refused leaves nothing behind.
#[test]
fn nothing_is_kept_of_a_training_that_is_refused() {
    let folder = Folder::new();
    let net = folder.path("net.npz");
    let page = folder.path("page.html");
    let output = from(&["--at", "1", "--save", &net, "--report", &page]);
    ended(&output, 3);
    assert!(!Path::new(&net).exists());
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("Zero loss is not certain"), "{page}");
    assert!(page.contains("times too large"));
}
