//! Quantiles, by bisection of the distribution function.

/// Where a predicate that holds of small positive numbers ceases to, to one part in 10¹²: the upper end.
///
/// # Arguments
/// * `start`: doubled until the predicate fails there.
pub(super) fn bisected(start: f64, below: impl Fn(f64) -> bool) -> f64 {
    let mut high = start;
    while below(high) {
        high *= 2.0;
    }
    let mut low = 0.0;
    while high - low > 1e-12 * high {
        let middle = 0.5 * (low + high);
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_found_from_either_side_of_the_start() {
        for end in [1e-3, 0.7, 1.0, 33.0] {
            let found = bisected(1.0, |t| t < end);
            assert!(
                found >= end && found <= end * (1.0 + 2e-12),
                "{found} {end}"
            );
        }
    }
}
