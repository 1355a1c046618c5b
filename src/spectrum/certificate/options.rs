//! What is asked of a certificate, and what it may cost.

use super::error::CertificateError;
use crate::memory::require;
use std::time::Duration;

/// The narrowest relative width: end points have 53 bits.
pub const NARROWEST: f64 = 1e-14;

/// Fewest bits of an entry in fixed point.
pub const LEAST_BITS: usize = 128;

/// Most bits of an entry that there are.
pub const MOST_BITS: usize = 8192;

/// What a certificate may cost.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Budget {
    /// Most bits of an entry, [`MOST_BITS`] at most; below [`LEAST_BITS`] only f64 is tried.
    pub max_bits: usize,
    /// Most time; looked at between columns of a factorisation, not within products or
    /// the evaluation of kernels.
    pub max_time: Option<Duration>,
    /// Most memory of matrices, in bytes.
    pub max_bytes: usize,
}

impl Budget {
    /// Tells whether that many bytes of matrices are allowed, and there.
    pub(super) fn allows(&self, bytes: usize) -> bool {
        bytes <= self.max_bytes && require(bytes).is_ok()
    }
}

impl Default for Budget {
    /// 4096 bits, 8 GiB, no limit of time.
    fn default() -> Self {
        Self {
            max_bits: 4096,
            max_time: None,
            max_bytes: 8 << 30,
        }
    }
}

impl Budget {
    setters! {
        with_max_bits, max_bits: usize;
        with_max_time, max_time: impl Into<Option<Duration>>;
        with_max_bytes, max_bytes: usize;
    }
}

/// What is asked of a certificate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct CertificateOptions {
    /// The wanted `(hi − lo)/max(|lo|, |hi|)`, between [`NARROWEST`] and 1.
    pub relative_width: f64,
    /// What it may cost.
    pub budget: Budget,
}

impl Default for CertificateOptions {
    /// Six digits.
    fn default() -> Self {
        Self {
            relative_width: 1e-6,
            budget: Budget::default(),
        }
    }
}

impl CertificateOptions {
    setters! {
        with_relative_width, relative_width: f64;
        with_budget, budget: Budget;
    }

    pub(super) fn check(&self, order: usize) -> Result<(), CertificateError> {
        let relative_width = self.relative_width;
        if !(NARROWEST..1.0).contains(&relative_width) {
            return Err(CertificateError::Width { relative_width });
        }
        let bytes = matrix_and_factor_bytes(order);
        let limit = self.budget.max_bytes;
        if bytes > limit {
            return Err(CertificateError::TooLarge {
                order,
                bytes,
                limit,
            });
        }
        require(bytes).map_err(|shortage| CertificateError::Memory { order, shortage })
    }
}

/// Bytes of a matrix in f64 and its factor.
pub(crate) fn matrix_and_factor_bytes(order: usize) -> usize {
    order.saturating_mul(order).saturating_mul(16)
}

/// Bytes of a matrix in f64, a principal block of it and the factor of that.
pub(super) fn block_bytes(order: usize) -> usize {
    order.saturating_mul(order).saturating_mul(24)
}

/// Bytes of the fixed-point stage: half a matrix, a factor, and its f64 copy, with
/// the f64 matrix still there.
pub(super) fn multi_bytes(order: usize, limbs: usize) -> usize {
    let number = 8 * limbs + 8;
    let square = order.saturating_mul(order);
    square.saturating_mul(number / 2 + number + 16)
}
