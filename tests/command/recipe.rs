//! `polyak recipe` and `polyak train`: certificates, promises, interruptions.

use crate::harness::{Folder, ended, piped, polyak, refused, stderr, stdout};
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};

/// Writes a realised recipe on so many digits into a folder; returns its path.
fn recipe(folder: &Folder, samples: &str, more: &[&str]) -> String {
    let path = folder.path("recipe.json");
    let wanted = [
        "recipe",
        "--realised",
        "--max-samples",
        samples,
        "--json",
        &path,
    ];
    ended(&polyak(&[&wanted, more].concat()), 0);
    path
}

fn json(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Small data with a header: ten points on a parabola.
fn parabola() -> String {
    let row = |i: i32| format!("{},{},{}\n", i, 7 * i % 5, i * i);
    "a,b,y\n".to_owned() + &(0..10).map(row).collect::<String>()
}

#[test]
fn a_realised_recipe_is_kept_in_training() {
    let folder = Folder::new();
    let recipe = recipe(&folder, "30", &["--frequencies", "120"]);
    let certificate = json(&recipe);
    assert_eq!(certificate["kind"], "realised");
    assert_eq!(certificate["architecture"]["frequencies"], 120);
    let losses = folder.path("losses.json");
    let trained = polyak(&["train", "--recipe", &recipe, "--json", &losses]);
    ended(&trained, 0);
    assert!(stdout(&trained).contains("held"), "{}", stdout(&trained));
    let outcome = json(&losses);
    assert_eq!(outcome["end"], "target-reached");
    let (first, last) = (&outcome["initial_loss"], &outcome["loss"]);
    assert!(last.as_f64().unwrap() <= 1e-3 * first.as_f64().unwrap());
    let iterations = outcome["iterations"].as_u64().unwrap();
    assert!(iterations <= certificate["promise"]["iterations"].as_u64().unwrap());
    assert_eq!(
        outcome["losses"].as_array().unwrap().len() as u64,
        iterations + 1
    );
    // Below what the spectrum promises of its last iterate, from the two documents alone.
    let filtered = &certificate["promise"]["filtered"];
    assert_eq!(filtered["iterations"], certificate["promise"]["iterations"]);
    let error = filtered["error"]["value"].as_f64().unwrap();
    assert!(error * error / 60.0 <= 1e-3 * first.as_f64().unwrap() * (1.0 + 1e-9));
    assert!(outcome["tightness"].as_f64().unwrap() > 0.8);
    // A pipe is as good as a file.
    let certificate = fs::read(&recipe).unwrap();
    let again = piped(&["train", "--recipe", "-", "--json", "-"], &certificate);
    ended(&again, 0);
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again["losses"], outcome["losses"]);
    let nonsense = piped(&["train", "--recipe", "-"], b"{}");
    refused(&nonsense, &["standard input", "polyak recipe"]);
}

#[test]
fn an_a_priori_recipe_is_kept_in_training() {
    let folder = Folder::new();
    let data = folder.file("parabola.csv", &parabola());
    let path = folder.path("recipe.json");
    let made = polyak(&[
        "recipe",
        "--data",
        &data,
        "--kernel",
        "gaussian:0.3*auto",
        "--failure",
        "1e-3",
        "--json",
        &path,
    ]);
    ended(&made, 0);
    assert!(
        stdout(&made).contains("a priori") && stdout(&made).contains("but with probability 1e-3")
    );
    let certificate = json(&path);
    assert_eq!(certificate["kind"], "a-priori");
    assert!(certificate["architecture"]["fingerprint"].is_null());
    let losses = folder.path("losses.json");
    ended(&polyak(&["train", "--recipe", &path, "--json", &losses]), 0);
    let outcome = json(&losses);
    // Below the envelope at every iterate, from the two documents alone.
    let factor = 1.0 - certificate["promise"]["rate"].as_f64().unwrap();
    let start = outcome["initial_loss"].as_f64().unwrap();
    for (n, loss) in outcome["losses"].as_array().unwrap().iter().enumerate() {
        assert!(loss.as_f64().unwrap() <= start * factor.powi(n as i32) * (1.0 + 1e-9));
    }
}

#[test]
fn what_is_too_large_is_refused_with_its_estimate() {
    let folder = Folder::new();
    let recipe = recipe(&folder, "20", &["--frequencies", "40"]);
    let refusal = polyak(&["train", "--recipe", &recipe, "--max-hours", "1e-9"]);
    let parts = [
        "recipe.json",
        "hours",
        "40 frequencies",
        "GiB",
        "--max-hours 0.1 allows it",
    ];
    refused(&refusal, &parts);
    assert!(!stderr(&refusal).contains("--max-gib"));
    let refusal = polyak(&["train", "--recipe", &recipe, "--max-gib", "1e-9"]);
    refused(&refusal, &["GiB", "--max-gib 0.1 allows it"]);
    for allowed in ["--max-hours=0.1", "--max-gib=0.1", "--max-gib=inf"] {
        ended(&polyak(&["train", "--recipe", &recipe, allowed]), 0);
    }
    refused(
        &polyak(&["train", "--recipe", &recipe, "--max-gib", "-1"]),
        &["--max-gib", "-1", "give a number above 0"],
    );
    refused(
        &polyak(&["train", "--recipe", &recipe, "--max-gib=nan"]),
        &["give a number above 0"],
    );
}

#[test]
fn what_has_no_recipe_is_named() {
    let folder = Folder::new();
    let data = folder.file("parabola.csv", &parabola());
    for (more, words) in [
        (&["--kernel", "matern32:1"][..], "for Gaussian kernels only"),
        (
            &["--realised", "--frequencies", "1"],
            "not certainly above zero",
        ),
        (
            &["--model", "meanfield", "--kernel", "imq:1"],
            "take gaussian:S",
        ),
    ] {
        let made = polyak(&[&["recipe", "--data", &data], more].concat());
        refused(&made, &["parabola.csv: ", words]);
    }
    for number in ["0.5", "-1", "nan", "inf"] {
        let made = polyak(&["recipe", "--data", &data, "--headroom", number]);
        refused(
            &made,
            &["--headroom", number.trim_end_matches("nan"), "at least 1"],
        );
    }
}

#[test]
fn equal_rows_have_no_mean_field_recipe_and_are_named() {
    let folder = Folder::new();
    let data = folder.file("equal.csv", "a,b,y\n1,2,0.5\n3,1,0.25\n0,0,1.5\n3,1,0.25\n");
    let options = [
        "recipe",
        "--model",
        "meanfield",
        "--depth",
        "2",
        "--data",
        &data,
    ];
    refused(
        &polyak(&options),
        &["equal.csv: rows 2 and 4 have equal inputs"],
    );
}

#[test]
fn the_recipe_of_a_mean_field_network_says_who_trains_it() {
    let folder = Folder::new();
    let data = folder.file("parabola.csv", &parabola());
    let path = folder.path("recipe.json");
    let common = [
        "recipe",
        "--model",
        "meanfield",
        "--depth",
        "2",
        "--data",
        &data,
    ];
    let made = polyak(&[&common[..], &["--json", &path]].concat());
    ended(&made, 0);
    let library = "polyak::flow::mean_field";
    assert!(stdout(&made).contains(library), "{}", stdout(&made));
    refused(
        &polyak(&["train", "--recipe", &path]),
        &[library, "--model residual"],
    );
}

#[test]
fn equal_inputs_are_an_error_that_names_the_rows() {
    let folder = Folder::new();
    let conflict = folder.file(
        "conflict.csv",
        "a,b,y\n1,2,0.5\n3,1,0.25\n1,2,0.75\n0,0,1.5\n",
    );
    for kind in [&["--realised"][..], &[]] {
        let made = polyak(&[&["recipe", "--data", &conflict], kind].concat());
        refused(
            &made,
            &["rows 1 and 3", "conflict.csv", "different targets"],
        );
    }
    let equal = folder.file("equal.csv", "a,b,y\n1,2,0.5\n3,1,0.25\n1,2,0.5\n0,0,1.5\n");
    refused(
        &polyak(&["recipe", "--data", &equal]),
        &["rows 1 and 3", "singular"],
    );
}

/// A broken promise has status 1: a certificate that passes its check can only be broken by an error in the
/// theory, so one that does not pass is trained here in the library's tests. Edits never get that far.
#[test]
fn edited_certificates_are_found_out() {
    let folder = Folder::new();
    let recipe = recipe(&folder, "20", &["--frequencies", "40"]);
    let certificate = json(&recipe);
    let edits: &[(&[&str], Value)] = &[
        (&["promise", "rate"], 0.5.into()),
        (&["promise", "step"], 1e-3.into()),
        (&["promise", "iterations"], 300.into()),
        (&["promise", "pl_constant", "value"], 1e9.into()),
        (&["constants", "gram_smallest", "value"], 0.9.into()),
        (&["constants", "kappa2", "value"], 0.1.into()),
        (&["constants", "initial_loss", "value"], (-1.0).into()),
        (&["scale", "chosen"], 1.0.into()),
        (&["architecture", "depth"], 9.into()),
        (&["schema"], 1.into()),
    ];
    for (place, value) in edits {
        let mut edited = certificate.clone();
        let (name, parents) = place.split_last().unwrap();
        let parent = parents.iter().fold(&mut edited, |at, name| &mut at[*name]);
        parent[*name] = value.clone();
        // Beside a number that was edited the exact one would give it away.
        parent.as_object_mut().unwrap().remove("exact");
        let path = folder.file("edited.json", &edited.to_string());
        // What no longer follows from them is named where any number would do.
        let name = match place[0] {
            "scale" | "architecture" => "promise.pl_constant".to_owned(),
            _ => place[..place.len().min(2)].join("."),
        };
        refused(
            &polyak(&["train", "--recipe", &path]),
            &["not proved again", &name],
        );
    }
    let mut edited = certificate.clone();
    edited["constants"]["kappa2"]["value"] = 8.0.into();
    let path = folder.file("edited.json", &edited.to_string());
    refused(
        &polyak(&["train", "--recipe", &path]),
        &["the value 8e0 is 0x1p3 exactly, not 0x1."],
    );
    for (place, value) in [
        (["architecture", "seed"], 1.into()),
        (["data", "fingerprint"], Value::from("0")),
    ] {
        let mut edited = certificate.clone();
        edited[place[0]][place[1]] = value;
        let path = folder.file("edited.json", &edited.to_string());
        refused(&polyak(&["train", "--recipe", &path]), &["fingerprint"]);
    }
}

#[test]
fn files_that_are_no_recipes_are_refused() {
    let folder = Folder::new();
    let train = |path: &str| polyak(&["train", "--recipe", path]);
    refused(
        &train(&folder.path("missing.json")),
        &["missing.json", "cannot be read"],
    );
    for text in ["", "{", "[]", "{\"schema\": 1}", "\u{0}", "null"] {
        refused(
            &train(&folder.file("bad.json", text)),
            &["bad.json", "no recipe"],
        );
    }
    let recipe = recipe(&folder, "12", &["--frequencies", "30"]);
    let text = fs::read_to_string(&recipe).unwrap();
    let rate = json(&recipe)["promise"]["rate"].to_string();
    for number in ["NaN", "null", "\"fast\"", "1e999"] {
        let path = folder.file("bad.json", &text.replace(&rate, number));
        refused(&train(&path), &["bad.json", "no recipe"]);
    }
    // One of before the constants over layers.
    let mut before = json(&recipe);
    before["schema"] = 1.into();
    let constants = before["constants"].as_object_mut().unwrap();
    assert!(constants.remove("layer_mean").is_some());
    refused(
        &train(&folder.file("before.json", &before.to_string())),
        &["before.json", "form 1", "make the recipe again"],
    );
    let more = folder.file("bad.json", &text.replacen('{', "{\"surprise\": 1,", 1));
    refused(&train(&more), &["surprise"]);
    // The data have changed, or are gone.
    let data = folder.file("data.csv", &parabola());
    let recipe = folder.path("of-data.json");
    let made = polyak(&[
        "recipe",
        "--realised",
        "--data",
        &data,
        "--frequencies",
        "30",
        "--json",
        &recipe,
    ]);
    ended(&made, 0);
    fs::write(&data, parabola().replace("4,3,16", "4,3,17")).unwrap();
    refused(&train(&recipe), &["data.fingerprint"]);
    fs::remove_file(&data).unwrap();
    refused(&train(&recipe), &["data.csv"]);
    fs::write(&data, "a,b,y\n1,2,nan\n").unwrap();
    refused(&train(&recipe), &["data.csv"]);
}

#[test]
fn bad_usage_is_refused() {
    for arguments in [
        &["recipe", "--frequencies", "30"][..],
        &["recipe", "--realised", "--frequencies", "0"],
        &["recipe", "--failure", "0"],
        &["recipe", "--depth", "0"],
        &["recipe", "--loss", "1"],
        &["recipe", "--realised", "--failure", "0.1"],
        &["train"],
        &["train", "--recipe", "x", "--every", "3"],
    ] {
        ended(&polyak(arguments), 2);
    }
    let small = ["recipe", "--max-samples", "8"];
    for headroom in ["0.5", "nan", "inf"] {
        refused(
            &polyak(&[&small[..], &["--headroom", headroom]].concat()),
            &["at least 1"],
        );
    }
    let wide = polyak(&[&small[..], &["--kernel", "matern52:1"]].concat());
    refused(&wide, &["Gaussian kernels only"]);
    let few = polyak(&[
        "recipe",
        "--realised",
        "--max-samples",
        "8",
        "--frequencies",
        "2",
    ]);
    refused(&few, &["λ_min", "more frequencies"]);
}

#[test]
fn a_stopped_training_goes_on_to_the_same_bits() {
    let folder = Folder::new();
    let recipe = recipe(&folder, "40", &["--frequencies", "60", "--loss", "1e-4"]);
    let (whole, parts) = (folder.path("whole.ck"), folder.path("parts.ck"));
    ended(
        &polyak(&["train", "--recipe", &recipe, "--checkpoint", &whole]),
        0,
    );
    for steps in ["1", "5", "6"] {
        let stopped = polyak(&[
            "train",
            "--recipe",
            &recipe,
            "--checkpoint",
            &parts,
            "--steps",
            steps,
        ]);
        ended(&stopped, 3);
        assert!(stdout(&stopped).contains("held so far"));
    }
    ended(
        &polyak(&["train", "--recipe", &recipe, "--checkpoint", &parts]),
        0,
    );
    assert_eq!(fs::read(&whole).unwrap(), fs::read(&parts).unwrap());
    // Once more: there is nothing left to do.
    let again = polyak(&["train", "--recipe", &recipe, "--checkpoint", &parts]);
    ended(&again, 0);
    assert!(
        stdout(&again).contains(" 0 of them in this run"),
        "{}",
        stdout(&again)
    );
    assert_eq!(fs::read(&whole).unwrap(), fs::read(&parts).unwrap());
}

/// Killed in the middle, with a checkpoint after every step: whatever is on the disk is whole.
#[test]
fn a_killed_training_goes_on_to_the_same_bits() {
    let folder = Folder::new();
    let recipe = recipe(&folder, "40", &["--frequencies", "60", "--loss", "1e-4"]);
    let (whole, killed) = (folder.path("whole.ck"), folder.path("killed.ck"));
    ended(
        &polyak(&["train", "--recipe", &recipe, "--checkpoint", &whole]),
        0,
    );
    let arguments = [
        "train",
        "--recipe",
        &recipe,
        "--checkpoint",
        &killed,
        "--every",
        "0",
    ];
    let mut child = Command::new(env!("CARGO_BIN_EXE_polyak"))
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !fs::exists(&killed).unwrap() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let _ = child.kill();
    child.wait().unwrap();
    ended(&polyak(&arguments), 0);
    assert_eq!(fs::read(&whole).unwrap(), fs::read(&killed).unwrap());
}

#[test]
fn checkpoints_of_something_else_are_refused() {
    let folder = Folder::new();
    let recipe = recipe(&folder, "12", &["--frequencies", "30"]);
    let checkpoint = folder.path("run.ck");
    let train = |recipe: &str| polyak(&["train", "--recipe", recipe, "--checkpoint", &checkpoint]);
    ended(&train(&recipe), 0);
    let bytes = fs::read(&checkpoint).unwrap();
    for damage in [&b"no checkpoint"[..], &bytes[..bytes.len() / 2], &[]] {
        fs::write(&checkpoint, damage).unwrap();
        refused(&train(&recipe), &["run.ck", "remove it to start afresh"]);
    }
    fs::write(&checkpoint, &bytes).unwrap();
    let other = folder.path("other.json");
    let made = polyak(&[
        "recipe",
        "--realised",
        "--max-samples",
        "12",
        "--frequencies",
        "30",
        "--headroom",
        "2",
        "--json",
        &other,
    ]);
    ended(&made, 0);
    refused(&train(&other), &["another recipe"]);
    let nowhere = folder.path("no/where.ck");
    refused(
        &polyak(&["train", "--recipe", &recipe, "--checkpoint", &nowhere]),
        &["no folder"],
    );
}

/// A mean-field network is drawn, and its condition is met.
#[test]
fn mean_field_recipes_meet_their_condition() {
    let arguments = [
        "recipe",
        "--model",
        "meanfield",
        "--max-samples",
        "10",
        "--width",
        "64",
        "--depth",
        "2",
    ];
    let output = polyak(&[&arguments[..], &["--json", "-"]].concat());
    ended(&output, 0);
    let recipe: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let (risk, allowed) = (
        &recipe["initial_risk"]["mid"],
        &recipe["allowed_risk"]["mid"],
    );
    assert!(risk.as_f64().unwrap() <= allowed.as_f64().unwrap());
    assert_eq!(
        (&recipe["samples"], &recipe["options"]["width"]),
        (&10.into(), &64.into())
    );
    let words = polyak(&arguments);
    ended(&words, 0);
    assert!(stdout(&words).contains("2 layers of 64 particles"));
    let matern = polyak(&[&arguments[..], &["--kernel", "matern52:1"]].concat());
    refused(&matern, &["Gaussian kernel"]);
    let narrow = polyak(&[&arguments[..6], &["5"]].concat());
    refused(&narrow, &["more particles than samples"]);
}

#[test]
fn what_is_read_is_not_overwritten() {
    let folder = Folder::new();
    let data = folder.file("parabola.csv", &parabola());
    let before = std::fs::read_to_string(&data).unwrap();
    let other = folder.file("other.csv", &parabola());
    let detour = folder.path("../x").replace("../x", "./parabola.csv");
    for json in [&data, &detour] {
        for command in [
            &["recipe", "--realised", "--data", &data][..],
            &["width", "--data", &data],
            &["verify", "--family", "P1", "--data", &data],
            &["eig", &data, "--kernel", "gaussian:1"],
        ] {
            let output = polyak(&[command, &["--json", json]].concat());
            refused(&output, &["parabola.csv", "overwrite"]);
        }
    }
    let recipe = recipe(&folder, "20", &["--frequencies", "40"]);
    let kept = folder.path("kept.bin");
    for arguments in [
        &["--json", &recipe][..],
        &["--checkpoint", &recipe],
        &["--checkpoint", &kept, "--json", &kept],
    ] {
        let output = polyak(&[&["train", "--recipe", &recipe], arguments].concat());
        refused(&output, &["overwrite"]);
    }
    refused(
        &polyak(&["train", "--recipe", &recipe, "--checkpoint", "-"]),
        &["checkpoint", "file"],
    );
    assert_eq!(std::fs::read_to_string(&data).unwrap(), before);
    assert_eq!(std::fs::read_to_string(&other).unwrap(), before);
}

#[test]
fn options_of_the_other_network_are_refused() {
    for (arguments, option) in [
        (&["--width", "10"][..], "--width"),
        (&["--model", "meanfield", "--realised"], "--realised"),
        (&["--model", "meanfield", "--headroom", "3"], "--headroom"),
        (&["--model", "meanfield", "--loss", "0.5"], "--loss"),
    ] {
        refused(
            &polyak(&[&["recipe"], arguments].concat()),
            &[option, "leave it out"],
        );
    }
    let resumed = ["verify", "--resume", "--json", "-"];
    refused(&polyak(&resumed), &["--resume", "file"]);
}

#[test]
fn networks_that_do_not_fit_are_refused() {
    let wide = [
        "recipe",
        "--realised",
        "--max-samples",
        "2",
        "--frequencies",
        "10000000",
    ];
    refused(&polyak(&wide), &["GiB", "frequencies"]);
    let particles = [
        "recipe",
        "--model",
        "meanfield",
        "--width",
        "100000",
        "--depth",
        "10000",
    ];
    refused(&polyak(&particles), &["GiB", "particles"]);
}

#[test]
fn a_recipe_of_particles_is_not_trained() {
    let folder = Folder::new();
    let path = folder.path("particles.json");
    let small = [
        "recipe",
        "--model",
        "meanfield",
        "--max-samples",
        "4",
        "--width",
        "16",
    ];
    ended(
        &polyak(&[&small[..], &["--depth", "2", "--json", &path]].concat()),
        0,
    );
    refused(
        &polyak(&["train", "--recipe", &path]),
        &["mean-field", "library"],
    );
}
