//! A fingerprint of matrices: tells data apart, proves nothing.

use nalgebra::DMatrix;

/// The 64-bit FNV-1a hash of some bytes, going on from an earlier one.
///
/// # Source
/// Fowler, Noll, Vo; RFC 9923.
pub(crate) fn fnv1a(hash: u64, bytes: &[u8]) -> u64 {
    let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(hash, step)
}

/// The hash of no bytes.
pub(crate) const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// Hashes shapes and entries, and writes 16 hexadecimal digits.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::recipe::fingerprint;
/// let one = fingerprint(&[&dmatrix![1.0, 2.0]]);
/// assert_eq!(one.len(), 16);
/// assert_ne!(one, fingerprint(&[&dmatrix![1.0; 2.0]]));
/// ```
#[must_use]
pub fn fingerprint(matrices: &[&DMatrix<f64>]) -> String {
    let mut hash = EMPTY;
    for matrix in matrices {
        hash = fnv1a(hash, &(matrix.nrows() as u64).to_le_bytes());
        hash = fnv1a(hash, &(matrix.ncols() as u64).to_le_bytes());
        for entry in matrix.iter() {
            hash = fnv1a(hash, &entry.to_le_bytes());
        }
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    /// Test vectors of the RFC.
    #[test]
    fn hashes_are_those_of_the_standard() {
        assert_eq!(fnv1a(EMPTY, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(EMPTY, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(EMPTY, b"foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(fnv1a(fnv1a(EMPTY, b"foo"), b"bar"), fnv1a(EMPTY, b"foobar"));
    }

    #[test]
    fn every_entry_and_the_shape_count() {
        let a = dmatrix![1.0, 2.0; 3.0, 4.0];
        let of = |m: &DMatrix<f64>| fingerprint(&[m]);
        assert_eq!(of(&a), of(&a.clone()));
        for (i, j) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let mut b = a.clone();
            b[(i, j)] = f64::from_bits(b[(i, j)].to_bits() + 1);
            assert_ne!(of(&a), of(&b));
        }
        assert_ne!(of(&a), of(&a.transpose()));
        assert_ne!(of(&dmatrix![1.0, 2.0]), of(&dmatrix![1.0; 2.0]));
        assert_ne!(fingerprint(&[&a, &a]), of(&a));
    }
}
