//! Right files of every format.

use crate::archive::{archive, npy};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// The length of a long file, in bytes or so: many times what a reader may take beside its input.
const LONG: usize = 1 << 16;

pub fn text() -> Vec<Vec<u8>> {
    let texts = [
        "x,y,label\n1.5,2,cat\n-3e-2,4,dog\n5,6,cat\n",
        "0.1 0.2 0.3\n1 2 3\n# comment\n4 5 6\n",
        "1;2,5;3\n4;5,5;6\n",
        "a\tb\n1\t2\n3\t4\n",
        ",0,1\n0,.1,.2\n1,.3,.4\n",
        "\"a, b\",\"c\"\n\"1\",2\r\n3,4\r\n",
        "\u{feff}x\n1\n2\n3\n",
        "1,2,3\n1.0D+00,2,3\n\n7,8,9\n",
        "  1.0   2.0\n  3.0   4.0  \n",
    ];
    let mut files = texts.map(|text| text.as_bytes().to_vec()).to_vec();
    // Long ones, of the shortest rows and of the shortest cells.
    files.push(b"1\n2\n".repeat(LONG / 4));
    files.push(b"a\nb\n".repeat(LONG / 4));
    files.push(
        [&b"1,2,".repeat(99)[..], b"3\n"]
            .concat()
            .repeat(LONG / 400),
    );
    files
}

pub fn manifests() -> Vec<Vec<u8>> {
    let texts = [
        r#"{"n": 4, "tile": 2, "shift": 0.5, "order": "lower", "dtype": "f64"}"#,
        r#"{"n": 2, "tile": 512, "order": "upper", "dtype": "float64", "engine": "ScaLAPACK"}"#,
        r#"{"n": 1, "tile": 1, "shift": -1e-3, "order": "lower", "dtype": "f32"}"#,
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub fn arrays(shape: &str, entries: usize) -> Vec<Vec<u8>> {
    let mut files = vec![];
    for (dtype, width) in [
        ("<f8", 8),
        (">f8", 8),
        ("<f4", 4),
        (">f4", 4),
        ("<f2", 2),
        ("|b1", 1),
        ("|i1", 1),
        ("|u1", 1),
        ("<i2", 2),
        (">u2", 2),
        ("<i4", 4),
        (">u4", 4),
        ("<i8", 8),
        (">u8", 8),
    ] {
        // Bytes that are numbers of any type, and none too large.
        let mut body = vec![0; width * entries];
        for (k, entry) in body.chunks_mut(width).enumerate() {
            let low = if dtype.starts_with('>') { width - 1 } else { 0 };
            entry[low] = k as u8;
        }
        for (version, fortran) in [(1, false), (2, true), (3, false)] {
            files.push(npy(version, dtype, fortran, shape, &body));
        }
    }
    files
}

/// A long file of the type that grows most.
pub fn long_array() -> Vec<u8> {
    npy(1, "|u1", false, &format!("({LONG}, 1)"), &[7; LONG])
}

pub fn archives() -> Vec<Vec<u8>> {
    let table = &arrays("(3, 2)", 6)[0];
    let network = &arrays("(2, 3, 2)", 12)[0];
    let mut files = vec![];
    for deflated in [false, true] {
        files.push(archive(&[("x.npy", table)], deflated));
        files.push(archive(
            &[("x.npy", table), ("particles", network)],
            deflated,
        ));
        files.push(archive(&[("particles.npy", network)], deflated));
    }
    // Well packed: a matrix of zeros.
    let zeros = npy(1, "|b1", false, &format!("({LONG}, 16)"), &[0; 16 * LONG]);
    files.push(archive(&[("z", &zeros)], true));
    // Many names.
    let names: Vec<String> = (0..500).map(|k| k.to_string()).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (&name[..], &b""[..])).collect();
    files.push(archive(&entries, false));
    files
}

pub fn matrix_market() -> Vec<Vec<u8>> {
    let texts = [
        "%%MatrixMarket matrix coordinate real general\n% note\n3 2 3\n1 1 0.5\n3 2 -1e3\n2 1 4\n",
        "%%MatrixMarket matrix coordinate integer symmetric\n3 3 4\n1 1 5\n2 1 2\n2 2 7\n3 3 1\n",
        "%%MatrixMarket matrix coordinate pattern symmetric\n4 4 3\n1 1\n3 2\n4 4\n",
        "%%MatrixMarket matrix array real general\n2 3\n1\n2\n3\n4\n5\n6\n",
        "%%MatrixMarket matrix array real symmetric\n3 3\n1\n2\n3\n4\n5\n6\n",
    ];
    let mut files = texts.map(|text| text.as_bytes().to_vec()).to_vec();
    let order = LONG / 32;
    let identity: String = (1..=order).map(|k| format!("{k} {k}\n")).collect();
    let head = "%%MatrixMarket matrix coordinate pattern symmetric";
    files.push(format!("{head}\n{order} {order} {order}\n{identity}").into_bytes());
    files
}

pub fn svmlight() -> Vec<Vec<u8>> {
    let texts = [
        "+1 1:0.5 3:2 # first\n-1 2:1e-3\n+1 1:1 2:2 3:3\n",
        "0 qid:1 0:1 5:2\n1 qid:2 1:3\n",
        "1.5 1:1\n2.5 2:1\n3.5\n",
    ];
    let mut files = texts.map(|text| text.as_bytes().to_vec()).to_vec();
    files.push(
        (1..LONG / 32)
            .map(|k| format!("1 {k}:1\n"))
            .collect::<String>()
            .into_bytes(),
    );
    files.push(
        [
            &b"1"[..],
            &(1..LONG / 8)
                .map(|k| format!(" {k}:1"))
                .collect::<String>()
                .into_bytes(),
        ]
        .concat(),
    );
    files
}

pub fn gzip(files: &[Vec<u8>]) -> Vec<Vec<u8>> {
    files.iter().map(|file| gzipped(file)).collect()
}

pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::fast());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

/// Networks of one layer, in safetensors and in an archive.
pub fn networks() -> Vec<Vec<u8>> {
    let tensors = |dtype: &str, width: usize| {
        let header = format!(
            "{{\"frequencies\":{{\"dtype\":\"{dtype}\",\"shape\":[1,1],\"data_offsets\":[0,{width}]}},\
             \"input\":{{\"dtype\":\"{dtype}\",\"shape\":[1,1],\"data_offsets\":[{width},{}]}},\
             \"layers\":{{\"dtype\":\"{dtype}\",\"shape\":[1,1,2],\"data_offsets\":[{},{}]}},\
             \"output\":{{\"dtype\":\"{dtype}\",\"shape\":[1,1],\"data_offsets\":[{},{}]}}}}",
            2 * width,
            2 * width,
            4 * width,
            4 * width,
            5 * width,
        );
        let length = (header.len() as u64).to_le_bytes();
        [&length[..], header.as_bytes(), &vec![0; 5 * width]].concat()
    };
    let mut files = [("F64", 8), ("F32", 4), ("F16", 2), ("BF16", 2)]
        .map(|(dtype, width)| tensors(dtype, width))
        .to_vec();
    let array = |shape: &str, entries: usize| npy(1, "<f8", false, shape, &vec![0; 8 * entries]);
    let (one, layers) = (array("(1, 1)", 1), array("(1, 1, 2)", 2));
    let entries: [(&str, &[u8]); 4] = [
        ("frequencies.npy", &one),
        ("input.npy", &one),
        ("layers.npy", &layers),
        ("output.npy", &one),
    ];
    files.extend([false, true].map(|deflated| archive(&entries, deflated)));
    files
}
