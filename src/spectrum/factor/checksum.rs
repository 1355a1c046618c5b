//! Whether two readers saw the same numbers.

/// A sum of the bits of numbers, each times an odd number of its own: any one that changes, changes it.
pub(super) fn checksum(numbers: &[f64]) -> u64 {
    let weighted = numbers.iter().zip(0u64..);
    weighted.fold(numbers.len() as u64, |sum, (number, place)| {
        sum.wrapping_add(number.to_bits().wrapping_mul(2 * place + 1))
    })
}

/// The same of several sums, in order.
pub(super) fn checksums(sums: impl IntoIterator<Item = u64>) -> u64 {
    // An odd multiplier is invertible: one that changes, changes the result.
    sums.into_iter().fold(1, |sum, next| {
        sum.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(next)
    })
}

/// Sixteen digits: JSON has no whole numbers of 64 bits that everybody reads.
pub(super) fn hexadecimal(sum: u64) -> String {
    format!("{sum:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_or_its_place_changes_it() {
        let numbers = [0.5, -0.0, 3.0, f64::NAN];
        let sum = checksum(&numbers);
        for place in 0..4 {
            let mut other = numbers;
            other[place] = f64::from_bits(other[place].to_bits() ^ 1);
            assert_ne!(checksum(&other), sum);
        }
        assert_ne!(checksum(&[-0.0, 0.5, 3.0, f64::NAN]), sum);
        assert_ne!(checksum(&[]), checksum(&[0.0]));
        assert_ne!(checksums([1, 2]), checksums([2, 1]));
        assert_ne!(checksums([1]), checksums([1, 0]));
        assert_eq!(hexadecimal(0xab), "00000000000000ab");
    }
}
