//! The readers, what they are fed with, and how much memory each may take.

use crate::archive::{archive, npy};
use crate::seeds;
use nalgebra::DMatrix;
use polyak::check::{self, CheckpointOptions, Scaling};
use polyak::data::{
    Dataset, Preparation, TileFolder, arrays_from_bytes, csv_from_reader, layers_from_bytes,
    matrix_from_npz, matrix_market, npy_from_reader, prepare, svmlight, table_from_reader,
};
use polyak::kernel::{Kernel, KernelName};
use polyak::recipe::{DataSource, Plan, RecipeKind, Size, Training, TrainingCertificate, recheck};
use polyak::report::{compare, from_json, to_text};
use polyak::spectrum::factor::{
    FactorPart, FactorTiles, LowerFactor, TiledMatrix, conclude, join, prove_rows,
};
use polyak::watch::Stop;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

/// Bytes that any reader may take, whatever its input: buffers, windows of DEFLATE, words of an error.
pub const FIXED: usize = 1 << 18;

/// A reader.
pub struct Target {
    pub name: &'static str,
    /// Bytes of memory that it may take for a byte of its input, beyond [`FIXED`]: of an array 17 for an entry of a byte;
    /// as many for each of the 1032 bytes that DEFLATE may unpack; of a sparse file 8 for each of the 1024 entries, and
    /// in a table of one column 56 more (a cell, the place of its row, the number of its line), of one row 62 more (a
    /// cell, and the name of its column). The others are chosen, some times what was seen.
    pub most_a_byte: usize,
    pub seeds: Vec<Vec<u8>>,
    /// Puts a mutated input into an envelope that is right, so that more than the checksum is tried.
    pub repair: Option<fn(Vec<u8>, u64) -> Vec<u8>>,
    /// Reads; tells whether the input was taken.
    pub read: Box<dyn Fn(&[u8]) -> bool + Send + Sync>,
}

fn target(
    name: &'static str,
    most_a_byte: usize,
    seeds: Vec<Vec<u8>>,
    read: impl Fn(&[u8]) -> bool + Send + Sync + 'static,
) -> Target {
    Target {
        name,
        most_a_byte,
        seeds,
        repair: None,
        read: Box::new(read),
    }
}

impl Target {
    /// All of them.
    pub fn all() -> Vec<Self> {
        let all = [
            seeds::text(),
            seeds::arrays("(3, 2)", 6),
            seeds::archives(),
            seeds::matrix_market(),
            seeds::svmlight(),
        ]
        .concat();
        let any = [seeds::gzip(&all), all].concat();
        let corners = corners();
        let (certificate, training) = recipe(&corners);
        let training = Mutex::new(training);
        vec![
            target("text", 100, seeds::text(), |bytes| {
                let table = csv_from_reader("f", bytes);
                table.is_ok_and(|table| prepare(&table, &Preparation::default()).is_ok())
            }),
            target(
                "npy",
                32,
                [seeds::arrays("(3, 2)", 6), vec![seeds::long_array()]].concat(),
                |bytes| npy_from_reader("f", bytes).is_ok(),
            ),
            target("npz", 20_000, seeds::archives(), |bytes| {
                matrix_from_npz("f", bytes, None).is_ok()
            }),
            Target {
                repair: Some(|array, k| archive(&[("x.npy", &array)], k % 4 < 2)),
                ..target("npz, packed", 20_000, seeds::arrays("(3, 2)", 6), |bytes| {
                    matrix_from_npz("f", bytes, Some("x")).is_ok()
                })
            },
            target(
                "layers",
                20_000,
                [seeds::arrays("(2, 3, 2)", 12), seeds::archives()].concat(),
                |bytes| layers_from_bytes("f", bytes, None).is_ok(),
            ),
            target("network", 60_000, seeds::networks(), |bytes| {
                let scaling = "1/D".parse::<Scaling>().expect("a scaling");
                let options = CheckpointOptions::default().with_scaling(scaling);
                arrays_from_bytes("f", bytes)
                    .is_ok_and(|arrays| check::checkpoints(arrays, &options).is_ok())
            }),
            target("mtx", 9_000, seeds::matrix_market(), |bytes| {
                matrix_market("f", bytes).is_ok()
            }),
            target("svmlight", 72_000, seeds::svmlight(), |bytes| {
                svmlight("f", bytes).is_ok()
            }),
            target("any", 72_000, any, |bytes| {
                table_from_reader("f", bytes).is_ok()
            }),
            target("report", 1000, vec![report()], |bytes| {
                let Ok(text) = std::str::from_utf8(bytes) else {
                    return false;
                };
                let Ok(report) = from_json(polyak::claims::registry(), "f", text) else {
                    return false;
                };
                let _ = compare(&report, &report);
                let _ = to_text(&report);
                true
            }),
            target(
                "certificate",
                1000,
                vec![serde_json::to_vec_pretty(&certificate).expect("plain data")],
                move |bytes| checked(bytes, &corners),
            ),
            target("tiles", 1000, seeds::manifests(), tiles()),
            target("factor part", 1000, vec![part()], |bytes| {
                let Ok(part) = serde_json::from_slice::<FactorPart>(bytes) else {
                    return false;
                };
                let _ = join(&[part.clone(), part.clone()]);
                let bound = conclude(std::slice::from_ref(&part));
                // What is damaged is refused, and what is not never proves more than its shift.
                bound.is_ok_and(|bound| {
                    assert!(bound.lo <= part.shift, "{bound:?} of {part:?}");
                    true
                })
            }),
            Target {
                repair: Some(|bytes, k| if k % 8 < 4 { summed(bytes) } else { bytes }),
                ..target("checkpoint", 64, checkpoints(&training), move |bytes| {
                    let mut training = training.lock().unwrap_or_else(PoisonError::into_inner);
                    training.restore(bytes).is_ok()
                })
            },
        ]
    }
}

/// Opens a folder with such a manifest and a tile, and reads what there is of it.
fn tiles() -> impl Fn(&[u8]) -> bool + Send + Sync {
    // The two threads take turns: there is one folder.
    let folder = std::env::temp_dir().join(format!("polyak-fuzz-tiles-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let entries = [2.0_f64, 1.0, 0.0, 3.0].map(f64::to_le_bytes).concat();
    for name in ["0-0.npy", "1-0.npy", "0-1.npy", "1-1.npy"] {
        let tile = npy(1, "<f8", true, "(2, 2)", &entries);
        std::fs::write(folder.join(name), tile).expect("a file of a tile");
    }
    let turn = Mutex::new(());
    move |bytes| {
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        std::fs::write(folder.join("manifest.json"), bytes).expect("a file of a manifest");
        let Ok(factor) = TileFolder::open(&folder) else {
            return false;
        };
        for row in 0..factor.tiling().rows() {
            for column in 0..=row {
                let _ = factor.tile(row, column);
            }
        }
        true
    }
}

/// What two tiles on the diagonal and one below show of a matrix.
fn part() -> Vec<u8> {
    let matrix = DMatrix::from_diagonal_element(4, 4, 3.0);
    let factor = LowerFactor::new(DMatrix::from_diagonal_element(4, 4, 1.5), 2);
    let matrix = TiledMatrix::of_entries(&matrix).expect("a symmetric matrix");
    let part = prove_rows(&matrix, &factor, 0.5, &[0, 1], None, &Stop::default());
    serde_json::to_vec_pretty(&part.expect("a proof")).expect("plain data")
}

/// Five points of a square.
fn corners() -> Dataset {
    let text = "0,0,1\n1,0,-0.5\n0,1,0.25\n1,1,1.5\n0.5,0.5,-1\n";
    let table = csv_from_reader("corners", text.as_bytes()).expect("a table");
    prepare(&table, &Preparation::default()).expect("data")
}

fn recipe(data: &Dataset) -> (TrainingCertificate, Training) {
    let source = DataSource::of_file("corners.csv", 5);
    let kernel: KernelName = "gaussian:0.6".parse().expect("a kernel");
    let kernel = kernel.resolve(&data.inputs).expect("a bandwidth");
    let plan = Plan::default();
    let certificate = plan.realised(data, source, kernel, 30).expect("a recipe");
    let training = Training::new(certificate.clone(), &data.inputs, &data.targets);
    (certificate, training.expect("a network"))
}

/// Checkpoints before, at the start of and within a training.
fn checkpoints(training: &Mutex<Training>) -> Vec<Vec<u8>> {
    let mut training = training.lock().expect("nobody else has it");
    let mut files = vec![training.to_bytes()];
    for steps in [0, 1, 5] {
        training
            .run(steps, |_| ControlFlow::Continue(()))
            .expect("a training");
        files.push(training.to_bytes());
    }
    files
}

/// Reads a certificate and, where it is not too large, proves it again, as `polyak train` does.
fn checked(bytes: &[u8], data: &Dataset) -> bool {
    let Ok(certificate) = serde_json::from_slice::<TrainingCertificate>(bytes) else {
        return false;
    };
    let size = Size::of_certificate(&certificate);
    let (count, depth) = (
        certificate.architecture.frequencies,
        certificate.architecture.depth,
    );
    // The proof takes time in proportion to both; `polyak recipe` makes none deeper.
    if size.require(8.0, 0.5).is_err() || count > 40 || depth > 10_000 {
        return false;
    }
    let dimension = data.input_dimension() + data.target_dimension();
    let (kernel, seed) = (
        &certificate.architecture.kernel,
        certificate.architecture.seed,
    );
    let drawn = (certificate.kind == RecipeKind::Realised).then(|| {
        let drawn = kernel.try_sample_frequencies(dimension, count as usize, seed);
        drawn.expect("kernels that are read have samplers")
    });
    recheck(&certificate, &data.inputs, &data.targets, drawn.as_ref()).is_empty()
}

/// A report of two claims, from the baseline of the crate.
fn report() -> Vec<u8> {
    let baseline = include_str!("../../margins.json");
    let mut report: serde_json::Value = serde_json::from_str(baseline).expect("a baseline");
    let claims = report["claims"].as_array_mut().expect("claims");
    claims.truncate(2);
    let ids: Vec<serde_json::Value> = claims.iter().map(|claim| claim["id"].clone()).collect();
    report["selection"] = ids.into();
    serde_json::to_vec(&report).expect("plain data")
}

/// The bytes with the checksum of a checkpoint, FNV-1a, in place of the last eight.
fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(body) = bytes.len().checked_sub(8) {
        let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let sum = bytes[..body].iter().fold(0xcbf2_9ce4_8422_2325, step);
        bytes[body..].copy_from_slice(&sum.to_le_bytes());
    }
    bytes
}
