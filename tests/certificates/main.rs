//! Certified eigenvalues (claim E1) against independent references.

mod kernels;
mod known;
mod limits;
mod random;
mod singular;

use polyak::spectrum::certificate::{Certificate, Reference};

/// Tells whether the number, known to 60 digits, lies in the interval.
fn contains(certificate: &Certificate, reference: &Reference) -> bool {
    certificate.lo <= reference.hi && reference.lo <= certificate.hi
}
