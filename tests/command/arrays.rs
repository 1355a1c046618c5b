//! Files of NumPy's, made byte by byte.

/// An NPY file of this type and shape, in C order.
pub fn npy_of(dtype: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(body);
    bytes
}

/// An archive of stored entries. The reader's own tests have archives of another writer.
pub fn npz(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (vec![], vec![]);
    for (name, contents) in entries {
        let mut checksum = flate2::Crc::new();
        checksum.update(contents);
        let length = (contents.len() as u32).to_le_bytes();
        let sizes = [checksum.sum().to_le_bytes(), length, length].concat();
        let head: &[u8] = b"\x14\0\0\0\0\0\0\0\0\0";
        let common = [head, &sizes, &[name.len() as u8, 0, 0, 0]].concat();
        let place = (bytes.len() as u32).to_le_bytes();
        bytes.extend([b"PK\x03\x04", &common[..], name.as_bytes(), contents].concat());
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
