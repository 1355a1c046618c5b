//! The same bytes for any number of threads.

use crate::factor::{SHIFT, matrix_file, path, write_factor};
use crate::harness::{Folder, polyak_on, status, stderr};
use std::fmt::Write;

/// A pool of one thread, of powers of two, and of what divides nothing.
const THREADS: [usize; 4] = [2, 3, 5, 8];

/// Everything printed but the times.
fn timeless(text: &[u8]) -> String {
    let text = String::from_utf8(text.to_vec()).unwrap();
    let lines = text.lines().filter(|line| !line.contains("seconds\":"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Asserts that the JSON of a run is the same on every number of threads, and returns it.
#[track_caller]
fn same_bytes(arguments: &[&str]) -> String {
    let run = |threads| {
        let output = polyak_on(threads, &[arguments, &["--json", "-"]].concat());
        // A budget that ends, or a claim that is open, is an answer too.
        let ended = [0, 3].contains(&status(&output));
        assert!(ended, "{arguments:?} on {threads}: {}", stderr(&output));
        timeless(&output.stdout)
    };
    let alone = run(1);
    for threads in THREADS {
        let together = run(threads);
        let differ = || alone.lines().zip(together.lines()).find(|(a, b)| a != b);
        assert!(
            together == alone,
            "{arguments:?} on {threads} threads: {:?}",
            differ()
        );
    }
    alone
}

/// Points in a square, far enough from each other for f32; none lie on a lattice.
fn points(count: usize) -> String {
    let mut text = String::new();
    for i in 0..count {
        let at = |slope: f64| (i as f64 * slope).fract() * 6.0;
        writeln!(text, "{},{}", at(0.754_877_666), at(0.569_840_291)).unwrap();
    }
    text
}

/// A positive definite matrix with entries of sixteen digits.
fn matrix(order: usize) -> String {
    let entry = |i: usize, j: usize| match i.abs_diff(j) {
        0 => 2.0 + order as f64 / 9.0,
        apart => ((i + j) as f64).sin() * (apart as f64).cos(),
    };
    let row = |i| {
        let row: Vec<String> = (0..order).map(|j| entry(i, j).to_string()).collect();
        row.join(",") + "\n"
    };
    (0..order).map(row).collect()
}

/// Orders on both sides of the thresholds of methods (64, 256, 800, 1200), of blocks (128) and of tiles.
#[test]
fn eigenvalues_do_not_depend_on_the_number_of_threads() {
    let folder = Folder::new();
    for count in [63, 65, 129, 257, 801] {
        let file = folder.file("points.csv", &points(count));
        let kernel = ["eig", &file, "--kernel", "matern12:0.5"];
        let default = same_bytes(&kernel);
        assert!(default.contains("instruction_set"));
        same_bytes(&[&kernel[..], &["--certify"]].concat());
    }
    let file = folder.file("points.csv", &points(1201));
    let kernel = ["eig", &file, "--kernel", "matern12:0.5"];
    same_bytes(&[&kernel[..], &["--method", "inverse-lanczos"]].concat());
    let file = folder.file("points.csv", &points(330));
    let kernel = ["eig", &file, "--kernel", "matern12:0.5"];
    for method in ["dense", "davidson", "inverse-lanczos", "matrix-free"] {
        same_bytes(&[&kernel[..], &["--method", method]].concat());
    }
    same_bytes(&[&kernel[..], &["--largest"]].concat());
    for order in [65, 257] {
        let file = folder.file("matrix.csv", &matrix(order));
        same_bytes(&["eig", &file]);
        same_bytes(&["eig", &file, "--certify"]);
        same_bytes(&["eig", &file, "--method", "dense"]);
    }
}

#[test]
fn eigenvalues_in_higher_precision_do_not_depend_on_the_number_of_threads() {
    let folder = Folder::new();
    let line: String = (0..40)
        .map(|i| format!("{}\n", f64::from(i) / 39.0))
        .collect();
    let file = folder.file("line.csv", &line);
    let found = same_bytes(&["eig", &file, "--kernel", "gaussian:0.3", "--certify"]);
    assert!(found.contains("\"bits\""), "{found}");
}

#[test]
fn recipes_and_their_training_do_not_depend_on_the_number_of_threads() {
    let folder = Folder::new();
    for samples in ["60", "100"] {
        same_bytes(&["recipe", "--realised", "--max-samples", samples]);
    }
    same_bytes(&["recipe", "--max-samples", "40"]);
    let model = ["recipe", "--model", "meanfield", "--max-samples", "40"];
    same_bytes(&model);
    let recipe = same_bytes(&["recipe", "--realised", "--max-samples", "30"]);
    let recipe = folder.file("recipe.json", &recipe);
    same_bytes(&["train", "--recipe", &recipe]);
}

#[test]
fn widths_and_distances_do_not_depend_on_the_number_of_threads() {
    let folder = Folder::new();
    let width = ["width", "--max-samples", "30", "--models", "40"];
    same_bytes(&width);
    let cloud = |name: &str, phase: f64| {
        let values: Vec<f64> = (0..3 * 70 * 4)
            .map(|i| (f64::from(i) * 0.7 + phase).sin())
            .collect();
        folder.npy(name, "(3, 70, 4)", &values)
    };
    let (one, two) = (cloud("one.npy", 0.0), cloud("two.npy", 0.4));
    same_bytes(&["distance", &one, &two, "--layers"]);
}

#[test]
fn questions_besides_eigenvalues_do_not_depend_on_the_number_of_threads() {
    let folder = Folder::new();
    let file = folder.file("points.csv", &points(300));
    let kernel = ["eig", &file, "--kernel", "matern12:0.5"];
    same_bytes(
        &[
            &kernel[..],
            &["--condition", "--jitter", "--within", "1e-6"],
        ]
        .concat(),
    );
    let file = folder.file("matrix.csv", &matrix(90));
    same_bytes(&["eig", &file, "--condition", "--jitter"]);
    let matrix = matrix_file(&folder);
    let factor = write_factor(&folder, &path(), SHIFT, false);
    same_bytes(&["eig", &matrix, "--factor", &factor]);
    same_bytes(&["eig", &matrix, "--factor", &factor, "--shard", "2/3"]);
    let clouds = [points(150), points(170)];
    let [one, two] = [("one.csv", &clouds[0]), ("two.csv", &clouds[1])];
    let [one, two] = [one, two].map(|(name, text)| folder.file(name, text));
    same_bytes(&["transport", &one, &two]);
    same_bytes(&["transport", &one, &two, "--order", "1"]);
}

/// An attack, controls alone, and parts that are put together.
#[test]
fn what_searches_and_what_merges_does_not_depend_on_the_number_of_threads() {
    let attack: &[&str] = &["attack", "P4.upper", "--starts", "4", "--steps", "60"];
    let controls: &[&str] = &["verify", "--self-test", "--family", "K4,R2"];
    for arguments in [attack, controls] {
        let alone = polyak_on(1, arguments);
        for threads in THREADS {
            let together = polyak_on(threads, arguments);
            assert_eq!(status(&together), status(&alone));
            assert!(
                together.stdout == alone.stdout,
                "{arguments:?} on {threads} threads"
            );
        }
    }
    let folder = Folder::new();
    let parts = ["1/2", "2/2"].map(|part| {
        let family = ["verify", "--effort", "quick", "--family", "K4,R2"];
        let text = same_bytes(&[&family[..], &["--shard", part]].concat());
        folder.file(&format!("part-{}.json", &part[..1]), &text)
    });
    same_bytes(&["merge", &parts[0], &parts[1]]);
}

/// Data stages with products, factorisations and eigenvalues above the thresholds, and random stages in parallel.
#[test]
fn reports_do_not_depend_on_the_number_of_threads() {
    same_bytes(&["verify", "--effort", "quick", "--family", FAMILY]);
}

/// Claims whose reports depended on it once, but for the slowest (P9.flow, P12.equivalence, W3.rff-to-rkhs).
const FAMILY: &str = "K3.reproducing,K5.tensor,P1.gradient,P2.flow,P3.tangent,P3.trajectory,P3.local,P4.upper,\
                      P5.along-flow,P6.critical,P7.hessian,P7.curvature,P7.descent,P8b.jacobian,P8b.resumed,\
                      P10.recipe,P11.lazy,D1.euler-error,D3.training";
