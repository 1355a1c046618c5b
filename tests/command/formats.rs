//! Formats that are read, and what is no file.

use crate::arrays::{archive, npy, npy_of};
use crate::harness::{Folder, ended, polyak, refused, stderr, stdout};
use serde_json::Value;
use std::fs;

/// Writes bytes.
fn written(folder: &Folder, name: &str, bytes: &[u8]) -> String {
    let path = folder.path(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn json(arguments: &[&str]) -> Value {
    let output = polyak(&[arguments, &["--json", "-"]].concat());
    ended(&output, 0);
    serde_json::from_str(&stdout(&output)).unwrap()
}

mod networks {
    use super::*;

    #[test]
    fn an_array_is_found_by_its_name_or_alone() {
        let folder = Folder::new();
        let array = npy("(1, 1, 2)", &[3.0, 4.0]);
        let origin = written(&folder, "origin.npy", &npy("(1, 1, 2)", &[0.0; 2]));
        let both: &[(&str, &[u8])] = &[("a.npy", &array), ("b", &array)];
        let alone = [
            written(&folder, "1.npz", &archive(&[("particles", &array)], false)),
            written(
                &folder,
                "2.npz",
                &archive(&[("weights.npy", &array)], false),
            ),
            written(
                &folder,
                "3.npz",
                &archive(&[("particles.npy", &array), ("step", b"7")], false),
            ),
        ];
        for file in &alone {
            let answer = json(&["distance", file, file]);
            assert_eq!(answer["first"]["coordinates"], 2);
        }
        let many = written(&folder, "many.npz", &archive(both, false));
        for name in ["a", "b", "b.npy"] {
            assert_eq!(
                json(&["distance", &many, &many, "--array", name])["first"]["layers"],
                1
            );
        }
        refused(
            &polyak(&["distance", &many, &many]),
            &["many.npz: 2 arrays: a, b; name one of them with --array"],
        );
        refused(
            &polyak(&["distance", &many, &many, "--array", "c"]),
            &["no array is named `c`; available: a, b"],
        );
        refused(
            &polyak(&["distance", &origin, &origin, "--array", "c"]),
            &[
                "only an NPZ archive has arrays by name",
                "leave --array c out",
            ],
        );
    }

    #[test]
    fn every_type_of_numbers_is_read() {
        let folder = Folder::new();
        let doubled = written(&folder, "f8.npy", &npy("(1, 2, 1)", &[1.0, 0.0]));
        for (dtype, body) in [
            ("'|b1'", &[1, 0][..]),
            ("'|i1'", &[1, 0]),
            ("'|u1'", &[1, 0]),
            ("'>i2'", &[0, 1, 0, 0]),
            ("'<u4'", &[1, 0, 0, 0, 0, 0, 0, 0]),
            ("'<i8'", &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            ("'<f2'", &[0, 0x3C, 0, 0]),
            ("'>f4'", &[0x3F, 0x80, 0, 0, 0, 0, 0, 0]),
        ] {
            let file = written(&folder, "x.npy", &npy_of(dtype, "(1, 2, 1)", body));
            let answer = json(&["distance", &file, &doubled]);
            assert_eq!(answer["distance"][0], 0.0, "{dtype}");
        }
    }

    #[test]
    fn what_is_not_read_has_a_remedy_that_does_no_harm() {
        let folder = Folder::new();
        for (dtype, shape, body, parts) in [
            (
                "'<c16'",
                "(1, 1, 1)",
                16,
                &[
                    "numpy.concatenate([x.real, x.imag], axis=-1)",
                    "a particle has the real and the imaginary parts",
                ][..],
            ),
            ("'|O'", "(1, 1, 1)", 8, &["Python objects"]),
            ("'<U1'", "(1, 1, 1)", 4, &["words"]),
            (
                "[('x', '<f8')]",
                "(1, 1, 1)",
                8,
                &["structured_to_unstructured"],
            ),
            (
                "'<f8'",
                "(3, 2)",
                48,
                &["of shape (3, 2)", "save x[None] for a network of one layer"],
            ),
            ("'<f8'", "(3,)", 24, &["of shape (3,)", "x[None, :, None]"]),
        ] {
            let file = written(&folder, "x.npy", &npy_of(dtype, shape, &vec![0; body]));
            refused(&polyak(&["distance", &file, &file]), parts);
        }
        let large = [(1i64 << 53) + 1, 0].map(i64::to_le_bytes).concat();
        let file = written(&folder, "x.npy", &npy_of("'<i8'", "(1, 2, 1)", &large));
        refused(
            &polyak(&["distance", &file, &file]),
            &[
                "layer 1, particle 1, coordinate 1",
                "9007199254740993 is beyond 2^53",
            ],
        );
    }

    #[test]
    fn complex_matrices_points_and_networks_have_remedies_of_their_own() {
        let folder = Folder::new();
        let complex = |shape: &str, entries: usize| npy_of("'<c16'", shape, &vec![0; 16 * entries]);
        let square = written(&folder, "square.npy", &complex("(2, 2)", 4));
        let remedies = [
            "for points save numpy.hstack",
            "each of its eigenvalues twice",
        ];
        refused(&polyak(&["eig", &square]), &remedies);
        let points = written(&folder, "points.npy", &complex("(3, 2)", 6));
        let said = polyak(&["eig", &points, "--kernel", "gaussian:1"]);
        refused(&said, &["columns of their own"]);
        assert!(!stderr(&said).contains("Hermitian"), "{}", stderr(&said));
        let table = folder.file("data.csv", "x,y\n0,1\n1,2\n2,0\n");
        let array = complex("(2, 2)", 4);
        let network = written(
            &folder,
            "network.npz",
            &archive(&[("w.npy", &array)], false),
        );
        let said = polyak(&["check", &network, "--data", &table]);
        refused(
            &said,
            &["array `w`", "networks and data of the theory are real"],
        );
        assert!(!stderr(&said).contains("stack"), "{}", stderr(&said));
    }

    #[test]
    fn a_triangle_beside_nan_is_to_be_mirrored() {
        let folder = Folder::new();
        let nan = f64::NAN;
        let half = [1.0, nan, nan, 0.5, 1.0, nan, 0.2, 0.1, 1.0];
        let file = written(&folder, "half.npy", &npy("(3, 3)", &half));
        refused(
            &polyak(&["eig", &file]),
            &["half.npy", "numpy.where(numpy.isnan(x), x.T, x)"],
        );
        let one = [1.0, nan, 0.2, 0.5, 1.0, 0.1, 0.2, 0.1, 1.0];
        let file = written(&folder, "one.npy", &npy("(3, 3)", &one));
        refused(&polyak(&["eig", &file]), &["row 1, column 2", "correct it"]);
        let file = folder.file("half.csv", "1\n.5,1\n.2,.1,1\n");
        refused(
            &polyak(&["eig", &file]),
            &["half.csv, line 2", "mirrored place"],
        );
    }

    /// The header says 96 bytes, the directory of the archive gigabytes: neither is unpacked.
    #[test]
    fn sizes_that_disagree_are_refused_before_anything_is_unpacked() {
        let folder = Folder::new();
        let zeros = npy("(1, 4, 3)", &vec![0.0; 100_000]);
        let file = written(
            &folder,
            "x.npz",
            &archive(&[("particles.npy", &zeros)], false),
        );
        refused(
            &polyak(&["distance", &file, &file]),
            &["800000 bytes of entries where the shape calls for 96"],
        );
    }

    #[test]
    fn many_names_are_one_short_line() {
        let folder = Folder::new();
        let array = npy("(1, 1, 1)", &[0.0]);
        let names: Vec<String> = (0..5000).map(|k| format!("array_{k}.npy")).collect();
        let entries: Vec<(&str, &[u8])> =
            names.iter().map(|name| (&name[..], &array[..])).collect();
        let file = written(&folder, "x.npz", &archive(&entries, false));
        let output = polyak(&["distance", &file, &file]);
        refused(&output, &["5000 arrays: array_0, array_1,"]);
        assert!(output.stderr.len() < 1000);
    }
}

mod matrices {
    use super::*;

    /// The smallest eigenvalue of [[2, 1], [1, 3]].
    fn is_that_of_the_example(arguments: &[&str]) {
        let answer = json(&[&["eig", "--certify"], arguments].concat());
        let end = |key: &str| answer["certificate"][key].as_str().unwrap().parse::<f64>();
        let exact = (5.0 - 5f64.sqrt()) / 2.0;
        let (lo, hi) = (end("lo").unwrap(), end("hi").unwrap());
        assert!(
            lo <= exact + 1e-15 && exact - 1e-15 <= hi && hi - lo < 1e-5,
            "{lo} {hi}"
        );
    }

    #[test]
    fn one_triangle_of_matrix_market_is_mirrored() {
        let folder = Folder::new();
        let head = "%%MatrixMarket matrix";
        let coordinates = "symmetric\n2 2 3\n1 1 2\n2 1 1\n2 2 3\n";
        for (name, text) in [
            ("a.mtx", format!("{head} coordinate real {coordinates}")),
            ("b", format!("{head} coordinate integer {coordinates}")),
            (
                "c.mtx",
                format!("{head} array real symmetric\n2 2\n2\n1\n3\n"),
            ),
            (
                "d.mtx",
                format!("{head} array real general\n2 2\n2\n1\n1\n3\n"),
            ),
        ] {
            let file = written(&folder, name, text.as_bytes());
            is_that_of_the_example(&[&file]);
            let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
            std::io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
            let packed = written(&folder, &format!("{name}.gz"), &encoder.finish().unwrap());
            is_that_of_the_example(&[&packed]);
        }
        let file = folder.file(
            "e.mtx",
            &format!("{head} coordinate complex hermitian\n1 1 0\n"),
        );
        refused(&polyak(&["eig", &file]), &["e.mtx, line 1", "[A −B; B A]"]);
        let file = folder.file(
            "f.mtx",
            &format!("{head} coordinate real general\n90000 90000 0\n"),
        );
        refused(
            &polyak(&["eig", &file]),
            &["f.mtx, line 2", "90000 × 90000 entries"],
        );
    }

    #[test]
    fn arrays_and_archives_are_matrices() {
        let folder = Folder::new();
        let array = npy("(2, 2)", &[2.0, 1.0, 1.0, 3.0]);
        let bytes = npy_of("'|i1'", "(2, 2)", &[2, 1, 1, 3]);
        let other = npy("(2,)", &[1.0, 2.0]);
        is_that_of_the_example(&[&written(&folder, "a.npy", &bytes)]);
        is_that_of_the_example(&[&written(
            &folder,
            "b.npz",
            &archive(&[("K.npy", &array)], false),
        )]);
        let both = archive(&[("K.npy", &array), ("y.npy", &other)], false);
        let both = written(&folder, "c.npz", &both);
        is_that_of_the_example(&[&both, "--array", "K"]);
        refused(
            &polyak(&["eig", &both]),
            &["2 arrays: K, y; name one of them with --array"],
        );
        refused(
            &polyak(&["eig", &both, "--array", "y"]),
            &["of shape (2,)", "x.reshape(-1, 1)", "x[None]"],
        );
        let text = folder.file("d.csv", "2,1\n1,3\n");
        refused(
            &polyak(&["eig", &text, "--array", "K"]),
            &["d.csv: only an NPZ archive has arrays by name"],
        );
        let large = [(1i64 << 53) + 1, 0].map(i64::to_be_bytes).concat();
        let large = written(&folder, "e.npy", &npy_of("'>i8'", "(2, 1)", &large));
        refused(
            &polyak(&["eig", &large]),
            &["row 1, column 1", "9007199254740993"],
        );
    }
}

mod tables {
    use super::*;

    #[test]
    fn arrays_of_an_archive_are_data() {
        let folder = Folder::new();
        let rows: Vec<f64> = (0..24).map(|k| f64::from(k).sin()).collect();
        let table = archive(&[("train", &npy("(8, 3)", &rows)), ("note", b"")], false);
        let file = written(&folder, "x.npz", &table);
        let recipe = json(&["recipe", "--realised", "--data", &file, "--array", "train"]);
        assert_eq!(recipe["data"]["source"]["array"], "train");
        refused(
            &polyak(&["recipe", "--data", &file]),
            &["2 arrays: train, note; name one of them with --array"],
        );
        refused(
            &polyak(&["recipe", "--array", "x"]),
            &["--array needs an archive of --data"],
        );
        // The certificate remembers which array.
        let kept = folder.file("recipe.json", &recipe.to_string());
        ended(&polyak(&["train", "--recipe", &kept, "--steps", "1"]), 3);
    }

    #[test]
    fn svmlight_has_its_target() {
        let folder = Folder::new();
        let text = "# two classes\n1 1:0.5 3:1\n-1 2:0.25\n1 1:1 2:2\n-1 3:4\n1 1:3\n-1 2:7\n";
        let file = folder.file("heart_scale", text);
        let recipe = json(&["recipe", "--realised", "--data", &file]);
        assert_eq!(recipe["data"]["inputs"], 3);
        assert_eq!(recipe["data"]["targets"], 2);
        // The label is no coordinate.
        let points = json(&["eig", &file, "--kernel", "gaussian:1"]);
        assert_eq!(points["dimension"], 3);
        let file = folder.file("bad.svm", "1 2:1 1:1\n");
        refused(
            &polyak(&["recipe", "--data", &file]),
            &["bad.svm, line 1", "sort the indices"],
        );
    }
}

#[cfg(unix)]
mod endless {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::process::{Command, Stdio};

    #[test]
    fn devices_are_no_files() {
        let folder = Folder::new();
        let link = folder.path("link.json");
        symlink("/dev/zero", &link).unwrap();
        for device in ["/dev/zero", "/dev/urandom", &link] {
            let of_device: &[&[&str]] = &[
                &["merge", device],
                &["train", "--recipe", device],
                &["verify", "--baseline", device],
                &["distance", device, device],
            ];
            for arguments in of_device {
                refused(&polyak(arguments), &["is a device; name a file"]);
            }
        }
        let output = polyak(&["verify", "--resume", "--json", &link]);
        refused(
            &output,
            &["is no regular file, from which a run could go on"],
        );
    }

    #[test]
    fn a_checkpoint_is_a_regular_file() {
        let folder = Folder::new();
        let recipe = folder.path("recipe.json");
        ended(
            &polyak(&[
                "recipe",
                "--realised",
                "--max-samples",
                "8",
                "--json",
                &recipe,
            ]),
            0,
        );
        let output = polyak(&["train", "--recipe", &recipe, "--checkpoint", "/dev/zero"]);
        refused(&output, &["/dev/zero: is no regular file"]);
    }

    /// An array without end through a pipe: its header says how long it is, the pipe does not.
    #[test]
    fn a_stream_of_entries_ends() {
        let output = Command::new("sh")
            .arg("-c")
            .arg("cat \"$1\" /dev/zero | exec \"$0\" eig -")
            .arg(env!("CARGO_BIN_EXE_polyak"))
            .arg(Folder::new().npy("x.npy", "(2, 2)", &[0.0; 4]))
            .output()
            .unwrap();
        refused(&output, &["standard input", "256 MiB"]);
    }

    /// What a shell makes of `<(…)`.
    #[test]
    fn a_pipe_serves_and_an_endless_one_ends() {
        let text = Command::new("sh")
            .arg("-c")
            .arg("echo '{' | exec \"$0\" merge /dev/stdin")
            .arg(env!("CARGO_BIN_EXE_polyak"))
            .output()
            .unwrap();
        refused(&text, &["/dev/stdin, line 2", "not JSON"]);
        let mut yes = Command::new("yes").stdout(Stdio::piped()).spawn().unwrap();
        let endless = Command::new(env!("CARGO_BIN_EXE_polyak"))
            .args(["merge", "/dev/stdin"])
            .stdin(yes.stdout.take().unwrap())
            .output()
            .unwrap();
        yes.wait().unwrap();
        refused(&endless, &["more than 67108864 bytes"]);
    }
}
