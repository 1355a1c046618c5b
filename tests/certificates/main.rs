//! Certified eigenvalues (claim E1) against independent references.

mod known;
mod limits;
mod random;
mod reference;
