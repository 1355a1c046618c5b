//! `polyak check`: networks that another program trained.

use crate::arrays::{archive, npy};
use crate::harness::{Folder, ended, polyak, refused, stderr, stdout, words};
use serde_json::Value;
use std::fs;

/// A file that `examples/check/train.py` wrote, with NumPy alone.
pub fn example(name: &str) -> String {
    format!("{}/examples/check/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A safetensors file of float64.
fn safetensors(tensors: &[(&str, &[usize], Vec<f64>)]) -> Vec<u8> {
    let (mut header, mut data) = (serde_json::Map::new(), vec![]);
    for (name, shape, entries) in tensors {
        let start = data.len();
        data.extend(entries.iter().flat_map(|x| x.to_le_bytes()));
        let about = serde_json::json!({ "dtype": "F64", "shape": shape, "data_offsets": [start, data.len()] });
        header.insert((*name).to_owned(), about);
    }
    let header = Value::Object(header).to_string();
    let length = (header.len() as u64).to_le_bytes();
    [&length, header.as_bytes(), &data].concat()
}

/// One layer on the line with two frequencies, whose features are those of two points.
fn line(weights: [f64; 4]) -> Vec<(&'static str, &'static [usize], Vec<f64>)> {
    vec![
        ("layers.0.weight", &[1, 4], weights.to_vec()),
        ("frequencies", &[2, 1], vec![1.0, 0.5]),
        ("input.weight", &[1, 1], vec![1.0]),
        ("output.weight", &[1, 1], vec![1.0]),
    ]
}

fn written(folder: &Folder, name: &str, bytes: &[u8]) -> String {
    let path = folder.path(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Every value of the script lies in its enclosure: loss, gradient, and both ends of the spectrum of the tangent kernel.
#[test]
fn a_network_of_numpy_is_what_its_script_says() {
    let values = fs::read_to_string(example("values.json")).unwrap();
    let values: Value = serde_json::from_str(&values).unwrap();
    let scale = values["scale"].as_str().unwrap();
    let options = ["--scale", scale, "--json", "-"];
    let (network, data) = (example("network.npz"), example("data.npz"));
    let output = polyak(&[&["check", &network, "--data", &data][..], &options].concat());
    ended(&output, 0);
    let found: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let checkpoints = found["checkpoints"].as_array().unwrap();
    assert_eq!(checkpoints.len(), 20);
    for (checkpoint, value) in checkpoints
        .iter()
        .zip(values["checkpoints"].as_array().unwrap())
    {
        let is_in = |ends: &Value, exact: &Value, share: f64| {
            let [low, high] = [0, 1].map(|i| ends[i].as_f64().unwrap());
            let exact = exact.as_f64().unwrap();
            let off = share * exact.abs();
            assert!(
                low - off <= exact && exact <= high + off,
                "{ends} {exact:e}: {value}"
            );
        };
        // The script rounds, too: sums of a hundred numbers, of errors that cancel down to 1e-6 of the targets.
        is_in(&checkpoint["loss"], &value["loss"], 1e-9);
        is_in(
            &checkpoint["own_gradient_norm_squared"],
            &value["gradient_norm_squared"],
            1e-8,
        );
        is_in(
            &checkpoint["tangent"]["smallest"],
            &value["tangent"][0],
            1e-9,
        );
        is_in(
            &checkpoint["tangent"]["largest"],
            &value["tangent"][1],
            1e-9,
        );
        assert_eq!(checkpoint["agrees"], true);
    }
    // From the eighth on, and not before; what is promised there is more than what was needed.
    assert_eq!(found["guaranteed_from"], 8);
    assert_eq!(checkpoints[6]["guaranteed"], false);
    for outlook in checkpoints[6]["outlooks"].as_array().unwrap() {
        assert!(outlook["factor"].as_f64().unwrap() > 1.0, "{outlook}");
    }
}

#[test]
fn words_say_from_where_on_and_what_is_missing() {
    let folder = Folder::new();
    let table = folder.path("plot.csv");
    let (network, data) = (example("network.npz"), example("data.npz"));
    let options = [
        "check", &network, "--data", &data, "--scale", "1/D", "--csv", &table,
    ];
    let output = polyak(&options);
    ended(&output, 0);
    let text = stdout(&output);
    for part in [
        "check of 20 checkpoints",
        "the theory's weights are 4 times those of the file, exactly",
        "the loss that the file states: the same",
        "P8   by the tangent kernel GUARANTEED at",
        "too few layers for the weights",
        "convergence was guaranteed from checkpoint 8 on",
    ] {
        assert!(text.contains(part), "`{part}` in: {text}");
    }
    let table = fs::read_to_string(table).unwrap();
    let columns = |line: &str| line.split(',').count();
    assert_eq!(table.lines().count(), 21);
    assert!(
        table
            .lines()
            .all(|line| columns(line) == columns(table.lines().next().unwrap()))
    );
}

/// Both formats say the same, and so do a file a checkpoint and a dimension of time.
#[test]
fn formats_agree() {
    let folder = Folder::new();
    let data = folder.file("data.csv", "x,y\n0,0.5\n3,-0.5\n");
    let weights = [[0.5, 0.25, -1.0, 0.125], [0.25, 0.5, 1.0, -0.5]];
    let tensors = weights.map(|w| safetensors(&line(w)));
    let files = [0, 1].map(|k| written(&folder, &format!("{k}.safetensors"), &tensors[k]));
    let series = archive(
        &[
            ("layers.npy", &npy("(2, 1, 1, 4)", &weights.concat())),
            ("frequencies.npy", &npy("(2, 1)", &[1.0, 0.5])),
            ("input.npy", &npy("(1, 1)", &[1.0])),
            ("output.npy", &npy("(1, 1)", &[1.0])),
            ("scale.npy", &npy("()", &[0.5])),
        ],
        false,
    );
    let series = written(&folder, "series.npz", &series);
    let json = |networks: &[&str], more: &[&str]| -> Value {
        let options = [
            &["check"],
            networks,
            &["--data", &data, "--json", "-"],
            more,
        ]
        .concat();
        let output = polyak(&options);
        assert!(!stdout(&output).is_empty(), "{}", stderr(&output));
        serde_json::from_str(&stdout(&output)).unwrap()
    };
    let (one, other) = (
        json(&[&files[0], &files[1]], &["--scale", "0.5"]),
        json(&[&series], &[]),
    );
    for k in 0..2 {
        for name in [
            "loss",
            "gradient_norm_squared",
            "tangent",
            "outlooks",
            "path",
        ] {
            assert_eq!(
                one["checkpoints"][k][name], other["checkpoints"][k][name],
                "{name}"
            );
        }
    }
    // (2N)⁻¹Σ(F − y)², by hand: features (cos z, cos z/2, sin z, sin z/2).
    let prediction = |z: f64| {
        let features = [z.cos(), (0.5 * z).cos(), z.sin(), (0.5 * z).sin()];
        z + 0.5
            * features
                .iter()
                .zip(weights[0])
                .map(|(f, w)| f * w)
                .sum::<f64>()
    };
    let loss = ((prediction(0.0) - 0.5).powi(2) + (prediction(3.0) + 0.5).powi(2)) / 4.0;
    let found = &one["checkpoints"][0]["loss"];
    let [low, high] = [0, 1].map(|i| found[i].as_f64().unwrap());
    assert!(
        low <= loss * (1.0 + 1e-14) && loss * (1.0 - 1e-14) <= high,
        "{found} {loss:e}"
    );
}

/// What is not the network, or not its data, is never certified, and the value or the hypothesis says so.
#[test]
fn controls_are_noticed() {
    let folder = Folder::new();
    let network = example("network.npz");
    let data = example("data.npz");
    let wrong = polyak(&["check", &network, "--data", &data, "--scale", "1"]);
    ended(&wrong, 3);
    assert!(
        stdout(&wrong).contains("NOT THE SAME"),
        "{}",
        stdout(&wrong)
    );
    // A frequency a row, a pair of equal inputs: λ_min = 0.
    let net = written(&folder, "net.safetensors", &safetensors(&line([0.0; 4])));
    let twice = folder.file("twice.csv", "x,y\n1,0.5\n1,-0.5\n2,0\n");
    let singular = polyak(&["check", &net, "--data", &twice, "--scale", "1"]);
    ended(&singular, 3);
    let text = stdout(&singular);
    assert!(text.contains("rows 1 and 2 have equal inputs"), "{text}");
    assert!(
        text.contains("the PL constant is not certainly positive"),
        "{text}"
    );
    assert!(!text.contains("GUARANTEED"), "{text}");
}

#[test]
fn bad_files_are_refused_with_file_array_and_remedy() {
    let folder = Folder::new();
    let data = folder.file("data.csv", "x,y\n0,0.5\n3,-0.5\n");
    let check = |network: &str, more: &[&str]| {
        polyak(&[&["check", network, "--data", &data][..], more].concat())
    };
    let scale = ["--scale", "1"];
    let file = |name: &str, tensors: &[(&'static str, &'static [usize], Vec<f64>)]| {
        written(&folder, name, &safetensors(tensors))
    };
    let whole = file("whole", &line([0.5, 0.0, 0.0, 0.0]));
    refused(&check(&whole, &[]), &["whole", "--scale"]);
    refused(&check(&whole, &["--scale", "1/L"]), &["1/L", "D (layers)"]);
    refused(
        &check(&file("none", &line([0.5; 4])[..3]), &scale),
        &["none", "no array `output`"],
    );
    let mut nan = line([0.5; 4]);
    nan[0].2[2] = f64::NAN;
    refused(
        &check(&file("nan", &nan), &scale),
        &["array `layers.0.weight`", "entry [1, 3]", "NaN"],
    );
    let mut wide = line([0.5; 4]);
    wide[0] = ("layers.0.weight", &[2, 2], vec![0.5; 4]);
    refused(
        &check(&file("wide", &wide), &scale),
        &["`layers`", "2 × 2", "1 × 4"],
    );
    let mut norm = line([0.5; 4]);
    norm.push(("bn.running_mean", &[1], vec![0.0]));
    refused(
        &check(&file("norm", &norm), &scale),
        &["bn.running_mean", "normalisation"],
    );
    let mut huge = fs::read(&whole).unwrap();
    huge[..8].copy_from_slice(&(1u64 << 40).to_le_bytes());
    refused(
        &check(&written(&folder, "huge", &huge), &scale),
        &["huge", "larger than 100 MB"],
    );
    huge.truncate(60);
    huge[..8].copy_from_slice(&99_000_000u64.to_le_bytes());
    refused(
        &check(&written(&folder, "cut", &huge), &scale),
        &["cut", "ends within its header"],
    );
    refused(
        &check(&data, &scale),
        &["neither an NPZ archive nor a safetensors file"],
    );
    refused(
        &check(&folder.path("missing.npz"), &scale),
        &["missing.npz", "cannot be read"],
    );
    let planar = folder.file("planar.csv", "a,b,y\n0,1,0.5\n3,1,-0.5\n");
    let output = polyak(&["check", &whole, "--data", &planar, "--scale", "1"]);
    refused(&output, &["takes 1 input", "the data have 2 inputs"]);
    let other = file(
        "other",
        &[&line([0.5; 4])[..3], &[("output", &[1, 1][..], vec![2.0])]].concat(),
    );
    let output = polyak(&["check", &whole, &other, "--data", &data, "--scale", "1"]);
    refused(&output, &["other", "`output` is not that of the first"]);
    let output = polyak(&[
        "check", &whole, "--data", &data, "--scale", "1", "--csv", &whole,
    ]);
    refused(&output, &["overwrite"]);
}

/// Two layers of eight particles on the line, lifted, with outer weights of this size; returns the path.
pub fn blocks(folder: &Folder, size: f64) -> String {
    let numbers = |count: usize, size: f64, first: f64| -> Vec<f64> {
        (0..count)
            .map(|k| size * (first + 1.7 * (k * k) as f64).sin())
            .collect()
    };
    let arrays = archive(
        &[
            ("outer.npy", &npy("(2, 2, 8)", &numbers(32, size, 0.3))),
            ("inner.npy", &npy("(2, 8, 2)", &numbers(32, 2.0, 1.1))),
            ("bias.npy", &npy("(2, 8)", &numbers(16, 1.0, 0.7))),
            ("input.npy", &npy("(2, 1)", &[1.0, 0.0])),
            ("output.npy", &npy("(1, 2)", &[0.0, 20.0])),
        ],
        false,
    );
    written(folder, &format!("blocks-{size}.npz"), &arrays)
}

/// C10 from a zero residual, and from no other checkpoint.
#[test]
fn blocks_are_checked_as_particles() {
    let folder = Folder::new();
    let data = folder.file("line.csv", "x,y\n-1,1e-5\n1.2,-1e-5\n");
    let check = |network: &str, more: &[&str]| {
        let options = ["check", network, "--data", &data, "--scale", "1/(D*m)"];
        polyak(&[&options, more].concat())
    };
    let (start, moved) = (blocks(&folder, 0.0), blocks(&folder, 1e-3));
    let found = check(&start, &["--activation", "tanh"]);
    ended(&found, 0);
    let text = stdout(&found);
    for part in [
        "2 layers of 8 particles",
        "activation tanh",
        "that of the theory, exactly",
        "C10  from a zero residual  GUARANTEED",
    ] {
        assert!(text.contains(part), "`{part}` in: {text}");
    }
    let found = check(&moved, &["--activation", "tanh"]);
    ended(&found, 3);
    assert!(
        words(&found).contains("C10 starts where the outer weights are zero"),
        "{}",
        stdout(&found)
    );
    let found = check(&start, &["--activation", "relu"]);
    ended(&found, 3);
    assert!(
        words(&found).contains("is not bounded"),
        "{}",
        stdout(&found)
    );
    refused(&check(&start, &[]), &["--activation"]);
    refused(&check(&start, &["--activation", "gelu"]), &["gelu"]);
}
