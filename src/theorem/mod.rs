//! The form of a theorem, which knows no network: what every claim of this crate is, and what a claim of yours can be.
//!
//! A [`Theorem`] says what is claimed ([`About`]) of a [`Subject`], checks it on one, and brings along everything that
//! keeps the check honest: instances on which its bounds are sharp, random ones, those built on a table of data, and
//! [`Control`]s that it must reject. Erased to a [`Claim`] it goes into a [`Registry`], a value that can be extended
//! and handed to the campaign and to the command.
//!
//! # Example
//! A theorem about something that this crate has never heard of: the mean of numbers lies between the extremes.
//! ```
//! use polyak::arithmetic::Ball;
//! use polyak::evidence::{Comparison, Finding, Kind, Verdict};
//! use polyak::theorem::{About, BuildError, Claim, Draws, Object, Registry, Subject, Theorem};
//!
//! #[derive(Clone, Debug)]
//! struct Numbers(Vec<f64>);
//!
//! impl Object for Numbers {
//!     // Nothing is drawn by a check.
//!     fn reseed(&mut self, _: u64) {}
//! }
//!
//! impl Subject for Numbers {
//!     type Spec = Vec<f64>;
//!     const HYPOTHESIS: &'static str = "object: a list of numbers";
//!     fn build(spec: &Vec<f64>) -> Result<Self, BuildError> {
//!         if spec.is_empty() {
//!             return Err("a mean needs a number".into());
//!         }
//!         Ok(Self(spec.clone()))
//!     }
//! }
//!
//! fn between(numbers: &Numbers) -> Finding {
//!     let balls = || numbers.0.iter().map(|&x| Ball::from(x));
//!     let mean = balls().fold(Ball::from(0.0), |a, b| a + b) / Ball::from(numbers.0.len() as f64);
//!     let largest = balls().reduce(Ball::max).expect("a number");
//!     Finding::Compared(vec![Comparison::at_most("mean ≤ largest", mean, largest)])
//! }
//!
//! let about = About {
//!     family: "means",
//!     statement: "the mean is at most the largest",
//!     slack: Some(1e-9),
//!     ..About::new("M1.mean", Kind::Rounded)
//! };
//! let draws = Draws::new("random: up to nine numbers", || {
//!     use proptest::strategy::Strategy;
//!     proptest::collection::vec(1.0..2.0, 1..10).boxed()
//! });
//! let theorem = Theorem::new(about, between, || vec![Numbers(vec![3.0])], draws);
//! let registry = Registry::new().with(theorem)?;
//!
//! let claim: &dyn Claim = registry.find("M1.mean")?;
//! assert!(claim.control().unwrap().rejected());
//! assert_eq!(claim.evaluate(&Numbers(vec![1.0, 2.0]).into()).verdict, Verdict::Holds);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod about;
mod claim;
mod control;
mod data;
mod draws;
mod hostile;
mod object;
mod registry;
mod sensitivity;
mod subject;
#[cfg(test)]
mod tests;
#[expect(
    clippy::module_inception,
    reason = "the room is named after what it is about"
)]
mod theorem;

pub use about::{About, Iterates, snake};
pub use claim::{Claim, ControlReport};
pub use control::{Control, Dropped, Expectation, Seen};
pub use data::{DataPlan, Labelled, Planned};
pub use draws::Draws;
pub use hostile::{Demand, Hardened, HostileRegime};
pub use object::{Instance, Object};
pub use registry::{Registry, Repeated, UnknownClaim};
pub use sensitivity::{LADDER, Sensitivity, SensitivityError};
pub use subject::{BuildError, Spec, Subject, Written};
pub use theorem::Theorem;
