//! Tables as users have them: what is read, what is noted, what is refused.

use crate::harness::{Folder, ended, piped, polyak, refused, stdout};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::fs;
use std::io::Write;

/// Three points in the plane.
const PLAIN: &str = ".1,.2\n.3,.5\n.7,.1\n";

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// What `eig` says of points: their number, their dimension, and the eigenvalue.
#[track_caller]
fn eig(file: &str) -> [Value; 3] {
    let output = polyak(&["eig", file, "--kernel", "gaussian:1", "--json", "-"]);
    ended(&output, 0);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let value = &answer["estimate"]["estimate"]["value"];
    [&answer["order"], &answer["dimension"], value].map(Value::clone)
}

#[test]
fn the_same_points_are_read_however_they_are_written() {
    let folder = Folder::new();
    let expected = eig(&folder.file("plain.csv", PLAIN));
    assert_eq!(
        (&expected[0], &expected[1]),
        (&Value::from(3), &Value::from(2))
    );
    for (name, text) in [
        ("index.csv", ",x,y\n0,.1,.2\n1,.3,.5\n2,.7,.1\n"),
        ("numbered.csv", "0,1\n.1,.2\n.3,.5\n.7,.1\n"),
        ("both.csv", ",0,1\n0,.1,.2\n1,.3,.5\n2,.7,.1\n"),
        (
            "r.csv",
            "\"\",\"x\",\"y\"\n\"1\",.1,.2\n\"2\",.3,.5\n\"3\",.7,.1\n",
        ),
        (
            "r.txt",
            "\"x\" \"y\"\n\"1\" .1 .2\n\"2\" .3 .5\n\"3\" .7 .1\n",
        ),
        (
            "savetxt.txt",
            "1.000e-01 2.000e-01\n3.000e-01 5.000e-01\n7.000e-01 1.000e-01\n",
        ),
        ("aligned.dat", "  .1    .2\n  .3\t.5\n  .7    .1\n"),
        (
            "comments.data",
            "# made by hand\n# on a Sunday\n.1 .2\n.3 .5\n% the last\n.7 .1\n",
        ),
        ("named.txt", "# x y\n.1 .2\n.3 .5\n.7 .1\n"),
        ("none", ".1;.2\r\n.3;.5\r\n.7;.1\r\n"),
        ("tabs.tsv", "x\ty\n.1\t.2\n.3\t.5\n.7\t.1\n"),
        ("bars.txt", ".1|.2\n.3|.5\n.7|.1\n"),
        (
            "excel.csv",
            "\u{feff}sep=;\r\nx;y\r\n.1;.2\r\n.3;.5\r\n.7;.1\r\n;\r\n",
        ),
        ("trailing.csv", ".1,.2,\n.3,.5,\n.7,.1,\n"),
        (
            "fortran.csv",
            "1.0D-01,2.0D-01\n3.0D-01,5.0D-01\n7.0D-01,1.0D-01\n",
        ),
    ] {
        assert_eq!(eig(&folder.file(name, text)), expected, "{name}");
    }
    for name in ["gz.csv.gz", "gz.txt.gz", "gz"] {
        let file = folder.path(name);
        fs::write(&file, gzip(PLAIN)).unwrap();
        assert_eq!(eig(&file), expected, "{name}");
    }
}

#[test]
fn every_command_reads_the_standard_input() {
    let table = "a,b,y\n1,4,0.5\n2,1,0.25\n3,7,-1\n5,2,1.5\n";
    for arguments in [
        &["eig", "-", "--kernel", "gaussian:1"][..],
        &["eig", "/dev/stdin", "--kernel", "gaussian:1"],
        &["width", "--data", "-", "--models", "0"],
        &["recipe", "--data", "-"],
        &[
            "verify", "--data", "-", "--family", "K4", "--effort", "quick",
        ],
    ] {
        for input in [table.as_bytes(), &gzip(table)] {
            ended(&piped(arguments, input), 0);
        }
    }
    refused(&piped(&["eig", "-"], b""), &["standard input", "empty"]);
    refused(
        &piped(&["eig", "-"], b"PAR1\x15\0"),
        &["standard input", "a Parquet file"],
    );
}

#[test]
fn what_was_left_out_is_said() {
    let table = ",a,b,y\n0,1,4,0.5\n1,2,1,0.25\n2,3,7,-1\n3,5,2,1.5\n";
    let arguments = [
        "verify", "--data", "-", "--family", "K4", "--effort", "quick",
    ];
    let output = piped(&arguments, table.as_bytes());
    ended(&output, 0);
    let note = "the first column has no name and counts the rows: it is left out";
    assert!(stdout(&output).contains(note), "{}", stdout(&output));
}

#[test]
fn slips_are_refused_where_they_stand() {
    let folder = Folder::new();
    for (name, text, parts) in [
        (
            "minus.csv",
            "\u{2212}0.5,\u{2212}0.2\n0.3,0.4\n1,2\n",
            &["line 1, column 1", "U+2212", "write -0.5"][..],
        ),
        (
            "comma.csv",
            "1,000;2,000\n3;4\n",
            &[
                "line 1, column 1",
                "write 1.000 or 1000, whichever is meant",
            ],
        ),
        (
            "index.csv",
            ",x\n7,1.5\n3,2.5\n",
            &[
                "line 1",
                "remove it if it is an index, name it if it is data",
            ],
        ),
        (
            "either.csv",
            "0,1\n1,2\n2,5\n",
            &[
                "line 1",
                "if it numbers them, remove it",
                "write 0.0 for its 0",
            ],
        ),
        (
            "ragged.csv",
            "1,2\n3,4,\n",
            &[
                "line 2",
                "3 cells separated by commas, but 2 before",
                "one too many",
            ],
        ),
        (
            "word.csv",
            "1,2\n3,four\n",
            &[
                "line 2, column 2",
                "`four`",
                "encode the column as numbers, remove it, or name it as the target",
            ],
        ),
        (
            "escape.csv",
            "x,y\n1,\u{1b}[31mred\n",
            &[r"`\u{1b}[31mred`"],
        ),
        (
            "json.csv",
            "[[1, 2], [3, 4]]",
            &["JSON", "which is not read"],
        ),
        ("arff.txt", "@relation r\n@data\n1,2\n", &["ARFF"]),
    ] {
        let file = folder.file(name, text);
        refused(
            &polyak(&["eig", &file, "--kernel", "gaussian:1"]),
            &[&[&*file], parts].concat(),
        );
    }
}

/// Points may have a target, a matrix has none.
#[test]
fn a_word_in_a_matrix_is_not_said_to_be_a_target() {
    let folder = Folder::new();
    let file = folder.file("word.csv", "1,2\n3,four\n");
    refused(
        &polyak(&["eig", &file]),
        &["`four`", "encode the column as numbers or remove it"],
    );
    let named = ["eig", &file, "--kernel", "gaussian:1", "--target", "2"];
    ended(&polyak(&named), 0);
}

#[test]
fn formats_that_are_not_read_are_named() {
    let folder = Folder::new();
    for (name, bytes, format) in [
        (
            "a.xlsx",
            &b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml"[..],
            "an Office file",
        ),
        ("a.h5", b"\x89HDF\r\n\x1a\n\0", "an HDF5 file"),
        ("a.parquet", b"PAR1\x15\0", "a Parquet file"),
        ("a.pkl", b"\x80\x04\x95", "a Python pickle"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "a PNG image"),
        ("a.db", b"SQLite format 3\0", "an SQLite database"),
        (
            "a.mat",
            b"MATLAB 5.0 MAT-file, Platform: GLNXA64\0",
            "a MATLAB file",
        ),
        ("a.csv", b"\xff\xfe1\0,\x002\0\n\0", "UTF-16 text"),
    ] {
        let file = folder.path(name);
        fs::write(&file, bytes).unwrap();
        refused(
            &polyak(&["eig", &file]),
            &[&file, format, "which is not read"],
        );
    }
    let file = folder.path("a.tar.gz");
    fs::write(&file, gzip(&("a".repeat(257) + "ustar\0"))).unwrap();
    refused(&polyak(&["eig", &file]), &[&file, "a tar archive"]);
    let file = folder.path("cut.csv.gz");
    fs::write(&file, &gzip(PLAIN)[..20]).unwrap();
    refused(&polyak(&["eig", &file]), &[&file, "gzip stream is damaged"]);
}

#[cfg(unix)]
#[test]
fn a_device_without_end_is_refused_at_its_beginning() {
    refused(
        &polyak(&["eig", "/dev/zero"]),
        &["/dev/zero: is a device; name a file"],
    );
}
