//! What a check leaves behind: comparisons, verdicts, evidence.
//!
//! A check turns an instance into [`Comparison`]s, each a quantity beside its
//! bound, both [`Ball`](crate::arithmetic::Ball)s: the tolerance of a
//! comparison is the sum of the two radii, and nothing else. [`Evidence`] is
//! the judgement of all comparisons of one instance. Where the quantity is random the radius
//! is that of a test of [`statistics`], with a stated false-alarm probability.

mod comparison;
mod judgement;
mod kind;
mod pool;
pub mod statistics;
mod tally;

pub use comparison::{Comparison, LARGEST_TOLERANCE, SMALLEST_TIGHTNESS, Sampling};
pub use judgement::{Evidence, Finding};
pub use kind::{Kind, Verdict};
pub use pool::{Pool, Pooled};
pub use tally::Tally;
