//! Tests of random quantities, with error probabilities that hold for every number of draws.
//!
//! * [`Frequency`]: an exact binomial test, its Clopper–Pearson interval and what it detects;
//! * [`Sample`]: mean of bounded draws, by Bernstein's inequality with the variance of the null law, or
//!   with the empirical variance where that is not known;
//! * [`Sequential`]: a test that stops early, valid at every time it may stop;
//! * [`normal_variance`]: variance of normal draws, by the law χ²;
//! * [`Rate`]: slopes of straight lines, with an interval, and the points that they were fitted to ([`Trend`]).
//!
//! No statement here is asymptotic: at the level of a single test,
//! [`FALSE_ALARM`], a normal approximation would be wrong by orders of magnitude.

mod frequency;
mod quantile;
mod rate;
mod sample;
mod sequential;
mod trend;
mod variance;

pub use frequency::Frequency;
pub use rate::{Rate, RateError, Scatter, two_sided};
pub use sample::{Sample, bernstein, bernstein_tail, empirical_bernstein};
pub use sequential::{Decision, Sequential};
pub use trend::Trend;
pub use variance::{normal_variance, normal_variance_missed};

/// The false-alarm probability of a single test: a million of them raise a false alarm with
/// probability at most 1e-9.
pub const FALSE_ALARM: f64 = 1e-15;

/// The probability with which a test may miss what it is said to detect.
pub const MISS: f64 = 1e-6;

/// The probability with which a fresh seed may leave a true claim open, or a control not rejected: at most this, each.
pub const FLAKE: f64 = 1e-9;
