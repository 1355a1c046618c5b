//! The JSON of every subcommand is what `docs/schema` says, to the last field, and `docs/json.md` says so too.
//!
//! Every document is left in the folder for temporary files of this test, named by its schema, for the independent
//! validator in `tests/schema`.

mod page;
mod schema;

use crate::harness::{Folder, ended, polyak, stdout};
use npyz::WriterBuilder;
use polyak::campaign::Campaign;
use polyak::claims::{ResidualInstance, find, registry};
use polyak::data::strategies::general;
use polyak::evidence::Finding;
use polyak::report::{Report, from_json, to_json};
use polyak::theorem::{Draws, Theorem};
use proptest::strategy::Strategy;
use schema::Schema;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// The schemas, in the order of the page.
const SCHEMAS: [&str; 12] = [
    "report",
    "fresh-seeds",
    "eig",
    "factor",
    "recipe",
    "meanfield",
    "train",
    "width",
    "distance",
    "transport",
    "check",
    "claims",
];

/// Holds a document against a schema, and keeps it.
#[track_caller]
fn keeps(name: &'static str, what: &str, text: &str) -> Value {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("json");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.{what}.json")), text).unwrap();
    let document = serde_json::from_str(text).unwrap();
    let faults = Schema::load(name).faults(&document);
    assert!(faults.is_empty(), "{name}, {what}: {faults:#?}");
    document
}

/// The document that a run writes to the standard output.
#[track_caller]
fn written(name: &'static str, what: &str, arguments: &[&str], status: i32) -> Value {
    let output = polyak(&[arguments, &["--json", "-"]].concat());
    ended(&output, status);
    keeps(name, what, &stdout(&output))
}

const SHORT: [&str; 7] = [
    "verify",
    "--effort",
    "quick",
    "--max-samples",
    "12",
    "--family",
    "K4,P10,R2,R3",
];

/// The number that a hexadecimal floating-point number is, of an exponent in the range of f64.
fn exactly(text: &Value) -> f64 {
    let text = text.as_str().unwrap();
    let (sign, text) = text
        .strip_prefix('-')
        .map_or((1.0, text), |rest| (-1.0, rest));
    let (mantissa, exponent) = text.strip_prefix("0x").unwrap().split_once('p').unwrap();
    let digits: String = mantissa.chars().filter(|&c| c != '.').collect();
    let integer = u64::from_str_radix(&digits, 16).unwrap() as f64;
    let power = exponent.parse::<i32>().unwrap() - 4 * (digits.len() as i32 - 1);
    sign * integer * 2.0_f64.powi(power / 2) * 2.0_f64.powi(power - power / 2)
}

/// Asserts that both ends are f64 numbers, and exactly those beside them.
#[track_caller]
fn same_ends(parent: &Value, name: &str) {
    for i in 0..2 {
        let exact = &parent[format!("{name}_exact")][i];
        assert_eq!(parent[name][i].as_f64(), Some(exactly(exact)), "{name}");
    }
}

#[test]
fn of_fresh_seeds() {
    let options = [
        "verify",
        "--fresh-seeds",
        "2",
        "--family",
        "K5,R3",
        "--effort",
        "quick",
    ];
    let found = written("fresh-seeds", "verify", &options, 0);
    assert_eq!(
        (&found["claims"], found["seeds"].as_array().map(Vec::len)),
        (&2.into(), Some(2))
    );
}

mod report {
    use super::*;

    #[test]
    fn of_a_run_and_of_its_parts() {
        let folder = Folder::new();
        let whole = written("report", "verify", &SHORT, 0);
        assert!(whole["claims"][3]["pooled"].is_array(), "{whole}");
        let parts = ["1/2", "2/2"].map(|part| {
            let json = folder.path(&part.replace('/', "-"));
            let shard = ["--shard", part, "--json", &json];
            polyak(&[&SHORT[..], &shard].concat());
            keeps(
                "report",
                &part.replace('/', "-of-"),
                &fs::read_to_string(&json).unwrap(),
            );
            json
        });
        let merged = written("report", "merge", &["merge", &parts[0], &parts[1]], 0);
        assert_eq!(merged, whole);
    }

    #[test]
    fn of_a_baseline_and_of_a_run_against_it() {
        let folder = Folder::new();
        let file = folder.path("margins.json");
        let options = ["--effort", "quick", "--max-samples", "12", "--family"];
        let write = ["baseline", "write", &file];
        ended(
            &polyak(&[&write[..], &options, &["K4,P3.local"]].concat()),
            0,
        );
        let text = fs::read_to_string(&file).unwrap();
        let mut baseline = keeps("report", "baseline", &text);
        let against = [
            &["verify"][..],
            &options,
            &["K4,P3.local,P1", "--baseline", &file],
        ]
        .concat();
        written("report", "gated", &against, 0);
        // Something that got worse.
        baseline["claims"][0]["kind"] = "certified".into();
        fs::write(&file, baseline.to_string()).unwrap();
        let worse = written("report", "regressed", &against, 1);
        assert_eq!(
            worse["baseline"]["regressions"].as_array().unwrap().len(),
            1
        );
    }

    fn false_bound(instance: &ResidualInstance) -> Finding {
        find("P4.upper")
            .unwrap()
            .check(&instance.clone().into())
            .strengthened(0.9)
    }

    /// A claim that does not hold, and a run that was stopped: the command has neither at hand.
    #[test]
    fn of_a_violation_and_of_an_unfinished_run() {
        let draws = Draws::new("random networks", || general().boxed());
        let about = *find("P4.upper").unwrap().about();
        let false_claim = Theorem::new(about, false_bound, Vec::new, draws);
        let found = Campaign { seed: 1, cases: 16 }.run(&false_claim, &[], &|| ());
        let sound = stdout(&polyak(
            &[&SHORT[..5], &["--family", "P4.upper", "--json", "-"]].concat(),
        ));
        let run = from_json(registry(), "sound", &sound).unwrap().run;
        let run = polyak::report::Run { seed: 1, ..run };
        let report = Report::new(run, &[found]);
        let violated = keeps("report", "violated", &to_json(&report));
        assert_eq!(violated["claims"][0]["counterexample"]["stage"], "random");
        assert_eq!(
            from_json(registry(), "violated", &to_json(&report)).unwrap(),
            report
        );
        let stopped = keeps("report", "stopped", &to_json(&report.so_far()));
        assert_eq!(stopped["unfinished"], true);
    }
}

mod eig {
    use super::*;
    use crate::factor::{SHIFT, matrix_file, path, write_factor};

    /// Sixteen points on a line: `λ_min` is below all that f64 knows of the matrix.
    fn line(folder: &Folder) -> String {
        let row = |j: u32| format!("{:.17}\n", -1.0 + f64::from(j) / 7.5);
        folder.file("line.csv", &(0..16).map(row).collect::<String>())
    }

    #[test]
    fn of_points_and_of_a_matrix() {
        let folder = Folder::new();
        let line = line(&folder);
        let kernel = ["eig", &line, "--kernel", "gaussian:1"];
        let certify = [&kernel[..], &["--certify"]].concat();
        let found = written("eig", "certified", &certify, 0);
        let certificate = &found["certificate"];
        let [lo, hi] = [0, 1].map(|i| certificate["enclosure"][i].as_f64().unwrap());
        // The numbers of docs/first-hour.md; the ends in decimal are those, rounded outwards once more.
        assert!(4.515009e-23 < lo && lo < hi && hi < 4.515011e-23, "{found}");
        same_ends(certificate, "enclosure");
        let [below, above] = ["lo", "hi"].map(|name| certificate[name].as_str().unwrap());
        assert!(below.parse::<f64>().unwrap() <= lo && hi <= above.parse::<f64>().unwrap());
        written("eig", "largest", &[&kernel[..], &["--largest"]].concat(), 0);
        let matrix = folder.file("matrix.csv", "2,1\n1,2\n");
        let estimate = written("eig", "matrix", &["eig", &matrix], 0);
        assert!(estimate["estimate"]["estimate"]["value"].is_f64());
        let zero = folder.file("zero.csv", "0,0\n0,0\n");
        let exact = written("eig", "exact", &["eig", &zero, "--certify"], 0);
        assert_eq!(exact["certificate"]["enclosure_exact"][0], "0x0p0");
    }

    #[test]
    fn of_a_factor_and_of_a_part() {
        let folder = Folder::new();
        let file = matrix_file(&folder);
        let factor = write_factor(&folder, &path(), SHIFT, false);
        let eig = ["eig", &file, "--factor", &factor];
        let whole = written("factor", "whole", &eig, 0);
        assert_eq!(whole["bound"]["positive"], true);
        let part = written(
            "factor",
            "part",
            &[&eig[..], &["--shard", "2/2"]].concat(),
            0,
        );
        assert!(part["bound"].is_null() && part["proof"]["upper"].is_null());
    }

    #[test]
    fn what_is_asked_besides_the_eigenvalue() {
        let folder = Folder::new();
        let line = line(&folder);
        let questions = ["--condition", "--within", "1e-3", "--jitter"];
        let matrix = folder.file("matrix.csv", "2,1\n1,2\n");
        let command = [&["eig", &matrix][..], &questions].concat();
        let found = written("eig", "asked", &command, 0);
        let ends = &found["condition"]["enclosure"];
        assert!(ends[0].as_f64().unwrap() <= 3.0 && ends[1].as_f64().unwrap() >= 3.0);
        // Neither is known where f64 alone may be used.
        let kernel = ["eig", &line, "--kernel", "gaussian:1", "--max-bits", "0"];
        let command = [&kernel[..], &questions].concat();
        let found = written("eig", "asked-in-vain", &command, 3);
        assert_eq!(found["condition"]["enclosure"][1], Value::Null);
        let large = folder.file("large.csv", "1e30,0\n0,1e30\n");
        let found = written("eig", "asked-of-large", &["eig", &large, "--jitter"], 0);
        assert_eq!(found["jitter"]["single"], Value::Null);
    }

    /// An eigenvalue below the range of f64 is enclosed by f64 numbers all the same, and known exactly beside.
    #[test]
    fn ends_beyond_f64_are_outside_and_exact() {
        let folder = Folder::new();
        let points = folder.file("close.csv", "0\n1e-170\n");
        let options = ["--kernel", "gaussian:1", "--certify", "--digits", "3"];
        let found = written(
            "eig",
            "tiny",
            &[&["eig", &points][..], &options].concat(),
            0,
        );
        let certificate = &found["certificate"];
        assert_eq!(certificate["enclosure"][0], 0.0);
        assert_eq!(certificate["enclosure"][1], f64::from_bits(1));
        let exact = certificate["enclosure_exact"][0].as_str().unwrap();
        assert!(
            exact.starts_with("0x1") && exact.contains("p-11"),
            "{exact}"
        );
    }
}

mod transport {
    use super::*;

    #[test]
    fn of_two_clouds() {
        let folder = Folder::new();
        let a = folder.file("a.csv", "0\n1\n");
        let b = folder.file("b.csv", "0.5\n3\n4\n");
        let found = written("transport", "found", &["transport", &a, &b], 0);
        same_ends(&found, "distance");
        same_ends(&found, "cost");
        let potentials = folder.file("v.csv", "0\n0\n0\n");
        let command = ["transport", &a, &b, "--potentials", &potentials];
        written("transport", "proved", &command, 3);
    }
}

mod recipe {
    use super::*;

    const FEW: [&str; 3] = ["recipe", "--max-samples", "12"];

    #[test]
    fn of_every_kind_and_of_the_training() {
        let folder = Folder::new();
        let file = folder.path("recipe.json");
        written("recipe", "a-priori", &FEW, 0);
        let realised = [&FEW[..], &["--realised", "--frequencies", "60"]].concat();
        let found = written("recipe", "realised", &realised, 0);
        for (_, stated) in found["constants"].as_object().unwrap() {
            assert_eq!(stated["value"].as_f64(), Some(exactly(&stated["exact"])));
        }
        fs::write(&file, found.to_string()).unwrap();
        let train = ["train", "--recipe", &file];
        written("train", "reached", &train, 0);
        written(
            "train",
            "stopped",
            &[&train[..], &["--steps", "2"]].concat(),
            3,
        );
    }

    #[test]
    fn of_a_mean_field_network() {
        let options = ["--model", "meanfield", "--depth", "2"];
        let found = written("meanfield", "drawn", &[&FEW[..], &options].concat(), 0);
        for name in [
            "gram",
            "initial_risk",
            "allowed_risk",
            "pl_constant",
            "smoothness",
            "rate",
        ] {
            same_ends(&found["enclosures"], name);
        }
        let [lo, hi] = [0, 1].map(|i| found["enclosures"]["gram"][i].as_f64().unwrap());
        let middle = found["gram"]["mid"].as_f64().unwrap();
        assert!(lo <= middle && middle <= hi);
    }
}

#[test]
fn of_widths() {
    let few = ["width", "--max-samples", "8", "--failure", "0.05"];
    let searched = [&few[..], &["--models", "100", "--empirical"]].concat();
    let found = written("width", "searched", &searched, 0);
    same_ends(&found, "smallest");
    written(
        "width",
        "plain",
        &[&few[..], &["--models", "0"]].concat(),
        0,
    );
}

#[test]
fn of_distances() {
    let folder = Folder::new();
    let network = |name: &str, shift: f64| {
        let path = folder.path(name);
        let options = npyz::WriteOptions::<f64>::new().shape(&[2, 3, 1]);
        let file = fs::File::create(&path).unwrap();
        let mut writer = options.default_dtype().writer(file).begin_nd().unwrap();
        let values = (0..6).map(|i| f64::from(i) * 0.3 + shift);
        writer.extend(values).unwrap();
        writer.finish().unwrap();
        path
    };
    let (one, other) = (network("one.npy", 0.0), network("other.npy", 0.1));
    let found = written("distance", "moved", &["distance", &one, &other], 0);
    for name in ["distance", "squared"] {
        same_ends(&found, name);
    }
    same_ends(&found["layers"][0], "distance");
}

#[test]
fn of_claims() {
    let all = written("claims", "all", &["claims"], 0);
    let claims = all["claims"].as_array().unwrap();
    assert_eq!(claims.len(), registry().len());
    let one = written("claims", "one", &["claims", "p3.local"], 0);
    assert_eq!(one["claims"].as_array().unwrap().len(), 1);
    assert!(claims.contains(&one["claims"][0]));
}

#[test]
fn of_networks_of_others() {
    let file = |name: &str| format!("{}/examples/check/{name}", env!("CARGO_MANIFEST_DIR"));
    let (network, data) = (file("network.npz"), file("data.npz"));
    let options = ["check", &network, "--data", &data, "--scale", "1/D"];
    let found = written("check", "course", &options, 0);
    assert_eq!(found["checkpoints"].as_array().unwrap().len(), 20);
    let train = [
        "train", "--from", &network, "--data", &data, "--scale", "1/D",
    ];
    let found = written("train", "from", &train, 0);
    assert_eq!(found["from"]["promise"]["guaranteed"], true);
    let found = written(
        "train",
        "refused",
        &[&train[..], &["--at", "1"]].concat(),
        3,
    );
    assert_eq!(found["end"], "refused");
    // Without a tangent kernel, and with a scaling that is another network's.
    let wrong = [
        "check",
        &network,
        "--data",
        &data,
        "--scale",
        "1",
        "--max-order",
        "0",
    ];
    let found = written("check", "wrong", &wrong, 3);
    assert_eq!(found["checkpoints"][19]["agrees"], false);
    let folder = Folder::new();
    let blocks = crate::check::blocks(&folder, 0.0);
    let data = folder.file("line.csv", "x,y\n-1,1e-5\n1.2,-1e-5\n");
    let options = [
        "check",
        &blocks,
        "--data",
        &data,
        "--scale",
        "1/(D*m)",
        "--activation",
        "tanh",
    ];
    let found = written("check", "particles", &options, 0);
    assert_eq!(found["checkpoints"][0]["outlooks"][0]["theorem"], "C10");
}

/// Every field says what it is, and every definition is used.
#[test]
fn schemas_are_complete() {
    fn described(schema: &Value, place: &str) {
        assert!(schema["description"].is_string(), "{place}");
        for (name, field) in schema["properties"].as_object().unwrap() {
            let place = format!("{place}.{name}");
            assert!(field["description"].is_string(), "{place}");
            assert!(
                field["description"].as_str().unwrap().ends_with('.'),
                "{place}"
            );
        }
    }
    for name in SCHEMAS {
        let schema = Schema::load(name);
        described(&schema.root, name);
        let text = schema.root.to_string();
        for (definition, inner) in schema.root["$defs"].as_object().into_iter().flatten() {
            described(inner, definition);
            assert!(
                text.contains(&format!("#/$defs/{definition}\"")),
                "{definition}"
            );
        }
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    assert_eq!(fs::read_dir(folder).unwrap().count(), SCHEMAS.len());
}
