//! What a training takes, before it is started.

use super::{RecipeError, TrainingCertificate};
use crate::text::count;
use std::fmt;

/// Multiplications a second, about what two cores reach on a training step: every estimate of time is made with it.
pub const SPEED: f64 = 1e10;

/// Bytes in a GiB.
const GIB: f64 = (1u64 << 30) as f64;

/// Memory and time of a training, estimated.
///
/// # Example
/// ```
/// use polyak::recipe::Size;
/// let size = Size::of([256, 16, 256, 32], 1000);
/// assert!(size.gib < 0.1 && size.hours < 0.01);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// `m`.
    pub frequencies: u64,
    /// Steps.
    pub iterations: u64,
    /// Memory of weights, gradient, features and states, in GiB.
    pub gib: f64,
    /// Time at 10¹⁰ multiplications a second, in hours.
    pub hours: f64,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            frequencies,
            iterations,
            gib,
            hours,
        } = self;
        write!(
            f,
            "{}, {}: about {gib:.2e} GiB and {hours:.2e} hours",
            count(frequencies, "frequency"),
            count(iterations, "step")
        )
    }
}

impl Size {
    /// Estimates a training of so many iterations.
    ///
    /// # Arguments
    /// * `shape`: `N`, `q`, `m`, `D`.
    #[must_use]
    pub fn of(shape: [u64; 4], iterations: u64) -> Self {
        let [samples, state, frequencies, depth] = shape.map(|n| n as f64);
        // Weights and gradient; features, phases and what is pulled back; states and adjoint states.
        let numbers = 2.0 * depth * state * 2.0 * frequencies
            + (2.0 * depth + 3.0) * frequencies * samples
            + 2.0 * (depth + 1.0) * state * samples;
        // Phases one, residual two; pulled back two, slopes one, gradient two.
        let step = depth * frequencies * state * samples * 8.0;
        Self {
            frequencies: shape[2],
            iterations,
            gib: 8.0 * numbers / GIB,
            hours: step * iterations as f64 / SPEED / 3600.0,
        }
    }

    /// Estimates the training that a certificate promises.
    #[must_use]
    pub fn of_certificate(certificate: &TrainingCertificate) -> Self {
        let data = &certificate.data;
        let architecture = &certificate.architecture;
        let state = (data.inputs as u64).saturating_add(data.targets as u64);
        let shape = [
            data.samples as u64,
            state,
            architecture.frequencies,
            architecture.depth as u64,
        ];
        Self::of(shape, certificate.promise.iterations)
    }

    /// Memory, in bytes.
    #[must_use]
    pub fn bytes(&self) -> f64 {
        self.gib * GIB
    }

    /// Multiplications of all steps.
    #[must_use]
    pub fn multiplications(&self) -> f64 {
        self.hours * 3600.0 * SPEED
    }

    /// Refuses what is too large.
    ///
    /// # Errors
    /// [`RecipeError::TooLarge`], with the estimate.
    pub fn require(&self, most_gib: f64, most_hours: f64) -> Result<(), RecipeError> {
        if self.gib <= most_gib && self.hours <= most_hours {
            return Ok(());
        }
        Err(RecipeError::TooLarge {
            frequencies: self.frequencies,
            iterations: self.iterations,
            gib: self.gib,
            hours: self.hours,
            most_gib,
            most_hours,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An edited certificate is too large, whatever it says.
    #[test]
    fn sizes_beyond_all_numbers_are_refused() {
        let mut certificate = super::super::plan::tests::realised();
        (certificate.data.inputs, certificate.data.targets) = (usize::MAX, usize::MAX);
        certificate.architecture.frequencies = u64::MAX;
        let size = Size::of_certificate(&certificate);
        assert!(matches!(
            size.require(8.0, 0.5),
            Err(RecipeError::TooLarge { .. })
        ));
    }

    #[test]
    fn sizes_add_up() {
        // Weights 2·4·3·10 = 240; features (8+3)·5·2 = 110; states 2·5·3·2 = 60.
        let size = Size::of([2, 3, 5, 4], 7);
        assert_eq!(size.gib * GIB / 8.0, 410.0);
        // 4·5·3·2·8 = 960 multiplications a step.
        assert!((size.hours * 3600.0 * SPEED / (960.0 * 7.0) - 1.0).abs() < 1e-14);
        assert!((size.multiplications() / (960.0 * 7.0) - 1.0).abs() < 1e-14);
        assert_eq!((size.frequencies, size.iterations), (5, 7));
    }

    #[test]
    fn both_limits_count_and_are_stated() {
        let size = Size::of([400, 74, 1_200_000, 8], 10_000);
        assert!(size.gib > 50.0 && size.hours > 100.0);
        assert_eq!(size.require(size.gib, size.hours), Ok(()));
        for (gib, hours) in [(1.0, 1e9), (1e9, 0.5)] {
            let refused = size.require(gib, hours).unwrap_err();
            let words = refused.to_string();
            assert!(
                words.contains("GiB") && words.contains("1200000 frequencies"),
                "{words}"
            );
            assert!(
                matches!(refused, RecipeError::TooLarge { most_gib, most_hours, .. }
                if (most_gib, most_hours) == (gib, hours))
            );
        }
        assert!(Size::of([1, 1, 1, 1], 1).require(f64::NAN, 1.0).is_err());
        // However little it is, it is not said to be nothing.
        let words = Size::of([8, 3, 9, 2], 9).require(8.0, 1e-12).unwrap_err();
        let words = words.to_string();
        assert!(words.contains("above 8.0 GiB or 1.0e-12 hours"), "{words}");
        assert!(!words.contains(" 0.0 "), "{words}");
    }

    #[test]
    fn a_size_is_written_in_a_line() {
        let size = Size {
            frequencies: 100,
            iterations: 2000,
            gib: 0.5,
            hours: 0.25,
        };
        let expected = "100 frequencies, 2000 steps: about 5.00e-1 GiB and 2.50e-1 hours";
        assert_eq!(size.to_string(), expected);
    }
}
