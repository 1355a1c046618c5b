//! Zip archives with right sizes and checksums, whatever is in them.

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::Write;

/// An archive of entries, deflated or stored.
pub fn archive(entries: &[(&str, &[u8])], deflated: bool) -> Vec<u8> {
    let (mut bytes, mut directory) = (vec![], vec![]);
    for (name, contents) in entries {
        let mut checksum = Crc::new();
        checksum.update(contents);
        let packed = if deflated {
            let mut encoder = DeflateEncoder::new(vec![], Compression::fast());
            encoder.write_all(contents).expect("a vector takes all");
            encoder.finish().expect("a vector takes all")
        } else {
            contents.to_vec()
        };
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

/// An NPY file of this type and shape.
pub fn npy(version: u8, dtype: &str, fortran: bool, shape: &str, body: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let length = header.len() as u32;
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    bytes.extend(&length.to_le_bytes()[..if version == 1 { 2 } else { 4 }]);
    bytes.extend(header.as_bytes());
    bytes.extend(body);
    bytes
}
