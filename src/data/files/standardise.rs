//! Standardisation: mean 0, variance 1.

/// Whether all values are equal (`0.0` and `-0.0` are); true of at most one value.
pub(super) fn is_constant(values: &[f64]) -> bool {
    values.iter().all(|value| *value == values[0])
}

/// Returns the values shifted and scaled to mean 0 and population variance 1:
///
/// ```text
/// x_i ↦ (x_i − x̄)/s,   s² = n⁻¹Σ_i(x_i − x̄)²
/// ```
///
/// # Guarantee
/// Two passes on differences from the first value, which are exact when the spread is small beside the
/// offset (Sterbenz), so an offset loses nothing; differences are divided by the largest, so nothing
/// overflows or underflows. With `n` values, to first order in `u = 2⁻⁵³`, the mean of the result is
/// at most `(n+4)√(2n)u` and its variance within `(n+8)u` of 1: after the division some two differences
/// are 0 and ±1, so their deviation is at least `1/√(2n)`; their computed mean is off by at most `nu`.
///
/// The values are finite and not all equal.
pub(super) fn standardised(values: &[f64]) -> Vec<f64> {
    let count = values.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    // Where a difference from the first value overflows, that of the halves does not.
    let unit = if values.iter().all(|value| (value - values[0]).is_finite()) {
        1.0
    } else {
        0.5
    };
    let differences: Vec<f64> = values
        .iter()
        .map(|value| unit * value - unit * values[0])
        .collect();
    let largest = differences.iter().fold(0.0, |largest: f64, difference| {
        largest.max(difference.abs())
    });
    let scaled: Vec<f64> = differences
        .iter()
        .map(|difference| difference / largest)
        .collect();
    let centre = mean(&scaled);
    let centred: Vec<f64> = scaled.iter().map(|value| value - centre).collect();
    let deviation = mean(
        &centred
            .iter()
            .map(|value| value * value)
            .collect::<Vec<_>>(),
    )
    .sqrt();
    centred.iter().map(|value| value / deviation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: f64 = f64::EPSILON / 2.0;

    /// Bounds of the documentation, plus `nu` and `2nu` for the sums here (`Σ|z| ≤ n`, `Σz² ≈ n`).
    fn assert_standard(values: &[f64]) {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let square = values.iter().map(|z| z * z).sum::<f64>() / count;
        assert!(
            mean.abs() <= ((count + 4.0) * (2.0 * count).sqrt() + count) * UNIT,
            "{mean}"
        );
        assert!(
            (square - 1.0).abs() <= (3.0 * count + 8.0) * UNIT,
            "{square}"
        );
    }

    #[test]
    fn constants_are_recognised() {
        assert!(is_constant(&[]) && is_constant(&[3.0]) && is_constant(&[0.0, -0.0]));
        assert!(!is_constant(&[1e9, 1e9, 1e9f64.next_up()]));
    }

    #[test]
    fn closed_form_of_an_arithmetic_progression() {
        // 0, …, n−1 has mean (n−1)/2 and variance (n²−1)/12.
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let standard = standardised(&values);
        assert_standard(&standard);
        for (value, z) in values.iter().zip(&standard) {
            let exact = (value - 49.5) / (9999.0f64 / 12.0).sqrt();
            // t, its mean and e are off by u, nu and (n+2)u, the deviation relatively by (n+4)u; s' > 1/4.
            assert!(
                (z - exact).abs() <= 4.0 * (3.0 * 100.0 + 12.0) * UNIT,
                "{z} {exact}"
            );
        }
    }

    #[test]
    fn two_values_become_plus_and_minus_one() {
        // t = 0, ±1; mean ±1/2, deviation 1/2: every operation is exact, at any scale.
        for (a, b) in [
            (1.0, 3.0),
            (-f64::MAX, f64::MAX),
            (-0.75 * f64::MAX, 0.375 * f64::MAX),
            (0.0, 5e-324),
            (1e9, 1e9f64.next_up()),
            (-1e200, 1e-200),
        ] {
            assert_eq!(standardised(&[a, b]), [-1.0, 1.0]);
            assert_eq!(standardised(&[b, a]), [1.0, -1.0]);
        }
    }

    #[test]
    fn offsets_and_scales_change_nothing() {
        // Multiples of 2⁻¹⁰ below 1, shifted: exact in f64, so are the differences.
        let values: Vec<f64> = (0..64).map(|i| f64::from(i * i % 61) / 1024.0).collect();
        let standard = standardised(&values);
        assert_standard(&standard);
        for offset in [1e6, -1e6, 1e9, -1e9] {
            let shifted: Vec<f64> = values.iter().map(|x| x + offset).collect();
            assert_eq!(standardised(&shifted), standard);
        }
        for scale in [2f64.powi(-1000), 2f64.powi(1023)] {
            let scaled: Vec<f64> = values.iter().map(|x| x * scale).collect();
            assert_eq!(standardised(&scaled), standard);
        }
    }

    #[test]
    fn extremes_stay_finite() {
        // s² = 2/3 of the largest square: ±√(3/2), 0.
        let standard = standardised(&[f64::MAX, 0.0, -f64::MAX]);
        assert_standard(&standard);
        assert!((standard[0] - 1.5f64.sqrt()).abs() <= 16.0 * UNIT);
        assert_eq!((standard[1], standard[2]), (0.0, -standard[0]));
    }
}
