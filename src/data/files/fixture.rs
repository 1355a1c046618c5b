//! Files of arrays for tests, made byte by byte. The tests of the command include this file.

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::Write;

/// An NPY file of version 1.0 with this dictionary and these entries.
pub fn npy_with(header: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(body);
    bytes
}

/// An NPY file of this type and shape, in C order.
pub fn npy_of(dtype: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}\n");
    npy_with(&header, body)
}

/// An NPY file of float64 of this shape, in C order.
pub fn npy(shape: &str, values: &[f64]) -> Vec<u8> {
    let body: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    npy_of("'<f8'", shape, &body)
}

/// A zip archive of entries, deflated or stored.
pub fn archive(entries: &[(&str, &[u8])], deflated: bool) -> Vec<u8> {
    let (mut bytes, mut directory) = (vec![], vec![]);
    for (name, contents) in entries {
        let packed = if deflated {
            let mut encoder = DeflateEncoder::new(vec![], Compression::default());
            encoder.write_all(contents).unwrap();
            encoder.finish().unwrap()
        } else {
            contents.to_vec()
        };
        let mut checksum = Crc::new();
        checksum.update(contents);
        let mut common = vec![20, 0, 0, 0, if deflated { 8 } else { 0 }, 0, 0, 0, 0, 0];
        for number in [checksum.sum(), packed.len() as u32, contents.len() as u32] {
            common.extend(number.to_le_bytes());
        }
        common.extend([name.len() as u8, 0, 0, 0]);
        let place = (bytes.len() as u32).to_le_bytes();
        bytes.extend([b"PK\x03\x04", &common[..], name.as_bytes(), &packed].concat());
        directory.extend([b"PK\x01\x02\x14\0", &common[..], &[0; 10], &place].concat());
        directory.extend(name.as_bytes());
    }
    let places = [directory.len() as u32, bytes.len() as u32].map(u32::to_le_bytes);
    let count = (entries.len() as u16).to_le_bytes();
    let end = [
        b"PK\x05\x06\0\0\0\0",
        &[count, count].concat()[..],
        &places.concat(),
        &[0, 0],
    ];
    [bytes, directory, end.concat()].concat()
}
