//! `eig --factor`: what other engines computed, whole and in parts.

use crate::arrays::npy_of;
use crate::harness::{Folder, ended, polyak, refused, status, stdout};
use nalgebra::DMatrix;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The path graph of order 30 and a shift below its smallest eigenvalue, 0.01026…
const ORDER: usize = 30;
pub const SHIFT: f64 = 0.0102;

pub fn path() -> DMatrix<f64> {
    DMatrix::from_fn(ORDER, ORDER, |i, j| match i.abs_diff(j) {
        0 => 2.0,
        1 => -1.0,
        _ => 0.0,
    })
}

/// `2 − 2cos(π/31)`.
fn smallest() -> f64 {
    2.0 - 2.0 * (std::f64::consts::PI / 31.0).cos()
}

/// Writes a factor of `A − shift·I` by nalgebra, which knows nothing of this crate, in tiles of side 8.
pub fn write_factor(folder: &Folder, a: &DMatrix<f64>, shift: f64, single: bool) -> String {
    let order = a.nrows();
    let factor = (a - DMatrix::identity(order, order) * shift)
        .cholesky()
        .unwrap()
        .l();
    let name = folder.path(if single { "single" } else { "double" });
    fs::create_dir_all(&name).unwrap();
    let manifest = format!(
        "{{\"n\": {order}, \"tile\": 8, \"shift\": {shift}, \"order\": \"lower\", \"dtype\": \"{}\"}}",
        if single { "f32" } else { "f64" }
    );
    fs::write(Path::new(&name).join("manifest.json"), manifest).unwrap();
    let rows = order.div_ceil(8);
    for row in 0..rows {
        for column in 0..=row {
            let range = |k: usize| 8 * k..(8 * k + 8).min(order);
            let (i, j) = (range(row), range(column));
            let tile = factor
                .view((i.start, j.start), (i.len(), j.len()))
                .transpose();
            let (dtype, body): (_, Vec<u8>) = match single {
                true => (
                    "'<f4'",
                    tile.iter()
                        .flat_map(|x| (*x as f32).to_le_bytes())
                        .collect(),
                ),
                false => ("'<f8'", tile.iter().flat_map(|x| x.to_le_bytes()).collect()),
            };
            let bytes = npy_of(dtype, &format!("({}, {})", i.len(), j.len()), &body);
            fs::write(Path::new(&name).join(format!("{row}-{column}.npy")), bytes).unwrap();
        }
    }
    name
}

pub fn matrix_file(folder: &Folder) -> String {
    folder.npy(
        "path.npy",
        &format!("({ORDER}, {ORDER})"),
        path().as_slice(),
    )
}

fn json(arguments: &[&str], expected: i32) -> Value {
    let output = polyak(&[arguments, &["--json", "-"]].concat());
    ended(&output, expected);
    serde_json::from_str(&stdout(&output)).unwrap()
}

fn ends(answer: &Value) -> [f64; 2] {
    ["lo", "hi"].map(|end| answer["bound"][end].as_f64().unwrap())
}

#[test]
fn a_factor_proves_the_smallest_eigenvalue() {
    let folder = Folder::new();
    let file = matrix_file(&folder);
    for single in [false, true] {
        let factor = write_factor(&folder, &path(), SHIFT, single);
        let answer = json(&["eig", &file, "--factor", &factor], 0);
        let [lo, hi] = ends(&answer);
        assert!(lo <= smallest() && smallest() <= hi);
        let lost = if single { 1e-5 } else { 1e-12 };
        assert!(SHIFT - lo < lost && hi - smallest() < 1e-8, "{answer}");
        let output = polyak(&["eig", &file, "--factor", &factor]);
        ended(&output, 0);
        assert!(
            stdout(&output).contains("sign       positive, proved"),
            "{}",
            stdout(&output)
        );
        assert!(
            stdout(&output).contains("4 × 4 tiles of side 8"),
            "{}",
            stdout(&output)
        );
    }
}

/// Of points: the entries of the kernel are made here, and the factor is only looked at.
#[test]
fn a_factor_of_a_kernel_matrix_serves() {
    let folder = Folder::new();
    let points: String = (0..40)
        .map(|i| format!("{}\n", f64::from(i) / 8.0))
        .collect();
    let file = folder.file("points.csv", &points);
    let gram = DMatrix::from_fn(40, 40, |i, j| (-(i.abs_diff(j) as f64) / 8.0 / 0.5).exp());
    let factor = write_factor(&folder, &gram, 0.1, false);
    let answer = json(
        &["eig", &file, "--kernel", "laplace:0.5", "--factor", &factor],
        0,
    );
    let certified = polyak(&[
        "eig",
        &file,
        "--kernel",
        "laplace:0.5",
        "--certify",
        "--json",
        "-",
    ]);
    let certified: Value = serde_json::from_str(&stdout(&certified)).unwrap();
    let known = &certified["certificate"]["enclosure"];
    let [lo, hi] = ends(&answer);
    assert!(
        lo <= known[1].as_f64().unwrap() && known[0].as_f64().unwrap() <= hi,
        "{answer}"
    );
    assert!(
        0.1 - lo < 1e-9 && answer["bound"]["entries"].as_f64().unwrap() > 0.0,
        "{answer}"
    );
}

/// A corrupted tile costs tightness, and never truth; a shift above the eigenvalue proves nothing.
#[test]
fn wrong_factors_are_never_believed() {
    let folder = Folder::new();
    let file = matrix_file(&folder);
    let factor = write_factor(&folder, &path(), SHIFT, false);
    let answer = json(&["eig", &file, "--factor", &factor, "--shift", "0.02"], 0);
    // The factor is one of another shift, and that is all that is lost.
    let [lo, _] = ends(&answer);
    assert!(lo <= smallest() && lo > 0.0, "{answer}");
    let tile = Path::new(&factor).join("2-1.npy");
    let mut bytes = fs::read(&tile).unwrap();
    let last = bytes.len() - 8;
    bytes[last..].copy_from_slice(&0.5_f64.to_le_bytes());
    fs::write(&tile, bytes).unwrap();
    let output = polyak(&["eig", &file, "--factor", &factor]);
    ended(&output, 3);
    assert!(
        stdout(&output).contains("undecided: the residual is larger than the shift"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn parts_merge_to_the_bytes_of_the_whole() {
    let folder = Folder::new();
    let file = matrix_file(&folder);
    let factor = write_factor(&folder, &path(), SHIFT, false);
    let whole = polyak(&["eig", &file, "--factor", &factor, "--json", "-"]);
    ended(&whole, 0);
    let names: Vec<String> = (1..=3)
        .map(|k| {
            let name = folder.path(&format!("part-{k}.json"));
            let shard = format!("{k}/3");
            let output = polyak(&[
                "eig", &file, "--factor", &factor, "--shard", &shard, "--json", &name,
            ]);
            ended(&output, 0);
            assert!(
                stdout(&output).contains(&format!("part {k}/3: ")),
                "{}",
                stdout(&output)
            );
            name
        })
        .collect();
    let [one, two, three] = [&names[0], &names[1], &names[2]].map(String::as_str);
    let merged = polyak(&["merge", three, one, two, "--json", "-"]);
    ended(&merged, 0);
    assert_eq!(stdout(&merged), stdout(&whole));
    refused(
        &polyak(&["merge", one, two]),
        &["no part proves tile row", "prove the missing part"],
    );
    refused(
        &polyak(&["merge", one, two, two, three]),
        &["in two parts", "give each part once"],
    );
    refused(
        &polyak(&["merge", one, two, three, "--junit", &folder.path("x.xml")]),
        &["no report of claims"],
    );
    let damaged = fs::read_to_string(two)
        .unwrap()
        .replace("\"row\"", "\"line\"");
    let damaged = folder.file("damaged.json", &damaged);
    refused(
        &polyak(&["merge", one, &damaged, three]),
        &["damaged.json", "missing field", "--shard"],
    );
    // Edited so that it contradicts itself.
    let text = fs::read_to_string(two).unwrap();
    let part: Value = serde_json::from_str(&text).unwrap();
    let edited = |path: &str, value: Value, words: &[&str]| {
        let mut part = part.clone();
        *part.pointer_mut(path).unwrap() = value;
        let edited = folder.file("edited.json", &part.to_string());
        refused(&polyak(&["merge", one, &edited, three]), words);
    };
    edited(
        "/proof/upper",
        (-1.0).into(),
        &["cannot be", "prove them again"],
    );
    edited(
        "/schema",
        99.into(),
        &["edited.json", "its schema is 99, and not 1"],
    );
    edited("/shard", "x".into(), &["edited.json", "its shard"]);
    edited(
        "/shard",
        "1/3".into(),
        &["edited.json", "not those of part 1/3"],
    );
    edited(
        "/shard",
        "1/1".into(),
        &["edited.json", "a bound is of the whole"],
    );
    edited(
        "/proof/side",
        4.into(),
        &["edited.json", "not those of part 2/3"],
    );
    // What is read is not overwritten.
    for name in ["manifest.json", "0-0.npy", "new.json"] {
        let inside = Path::new(&factor).join(name);
        let inside = inside.to_str().unwrap();
        let before = fs::read(inside).ok();
        let output = polyak(&["eig", &file, "--factor", &factor, "--json", inside]);
        refused(&output, &["would overwrite", "name another file"]);
        assert_eq!(fs::read(inside).ok(), before);
    }
    // Another factor in one of the parts.
    let tile = Path::new(&factor).join("1-0.npy");
    let mut bytes = fs::read(&tile).unwrap();
    let last = bytes.len() - 8;
    bytes[last..].copy_from_slice(&(-1e-9_f64).to_le_bytes());
    fs::write(&tile, bytes).unwrap();
    let other = folder.path("other.json");
    let output = polyak(&[
        "eig", &file, "--factor", &factor, "--shard", "2/3", "--json", &other,
    ]);
    ended(&output, 0);
    refused(
        &polyak(&["merge", one, &other, three]),
        &["not of one proof", "the factor differs"],
    );
}

#[test]
fn bad_folders_and_vectors_are_named() {
    let folder = Folder::new();
    let file = matrix_file(&folder);
    let factor = write_factor(&folder, &path(), SHIFT, false);
    let eig = |more: &[&str]| polyak(&[&["eig", &file, "--factor", &factor], more].concat());
    let short = folder.file("short.csv", "1\n2\n3\n");
    refused(
        &eig(&["--vector", &short]),
        &["the vector must be 30 finite numbers"],
    );
    let ones = folder.file("ones.csv", &"1\n".repeat(ORDER));
    let answer = json(&["eig", &file, "--factor", &factor, "--vector", &ones], 0);
    // xᵀAx = 2, over 30.
    let [_, hi] = ends(&answer);
    assert!((hi - 2.0 / 30.0).abs() < 1e-12, "{hi}");
    let flat = folder.npy("flat.npy", "(30,)", &[1.0; ORDER]);
    let same = json(&["eig", &file, "--factor", &factor, "--vector", &flat], 0);
    assert_eq!(ends(&same), ends(&answer));
    refused(&eig(&["--certify"]), &["--certify"]);
    refused(&polyak(&["eig", &file, "--shard", "1/2"]), &["--factor"]);
    let at = |name: &str| Path::new(&factor).join(name);
    let kept = fs::read(at("3-0.npy")).unwrap();
    fs::write(at("3-0.npy"), &kept[..kept.len() - 1]).unwrap();
    refused(&eig(&[]), &["3-0.npy"]);
    let mut nan = kept.clone();
    let place = nan.len() - 8;
    nan[place..].copy_from_slice(&f64::NAN.to_le_bytes());
    fs::write(at("3-0.npy"), nan).unwrap();
    refused(&eig(&[]), &["tile 3-0", "3-0.npy", "NaN"]);
    fs::remove_file(at("3-0.npy")).unwrap();
    refused(
        &eig(&[]),
        &["3-0.npy", "cannot be read", "write the tile again"],
    );
    fs::write(at("3-0.npy"), kept).unwrap();
    let manifest = fs::read_to_string(at("manifest.json")).unwrap();
    fs::write(
        at("manifest.json"),
        manifest.replace("\"n\": 30", "\"n\": 29"),
    )
    .unwrap();
    assert_eq!(status(&eig(&[])), 2);
    fs::write(
        at("manifest.json"),
        manifest.replace("\"shift\": 0.0102, ", ""),
    )
    .unwrap();
    refused(&eig(&[]), &["states no shift", "--shift"]);
    fs::write(at("manifest.json"), "not json").unwrap();
    refused(&eig(&[]), &["manifest.json", "it should say"]);
}
