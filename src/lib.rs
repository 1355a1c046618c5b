//! Executable theorem checks for the Polyak–Łojasiewicz theory of very deep
//! residual networks.
//!
//! *Claims are data*: every theorem is one entry of [`claims::registry`], with its
//! statement, hypotheses, check, sharp instances and proof page. A check puts a
//! network next to a bound; both are [`arithmetic::Ball`]s, numbers that carry a
//! bound of their own error, and what the check returns is [`evidence`].
//!
//! Every room uses only rooms of the levels before its own: `arithmetic`, `linalg`, `memory`, `text`, `watch`; `evidence`,
//! `factor`, `transport`; `kernel`; `gram`; `spectrum`; `features`; `meanfield`, `resnet`; `bounds`, `data`; `flow`, `theorem`; `check`, `recipe`; `claims`;
//! `campaign`; `pages`; `report`; `command`.
//!
//! A test reads this sentence and the sources. What each room holds is in `docs/architecture.md`.
//!
//! # Example
//! The smallest eigenvalue of a Gram matrix with proof, and a theorem on a network
//! trained on real data:
//! ```
//! use polyak::claims::{TrainingSizes, find};
//! use polyak::evidence::Verdict;
//! use polyak::kernel::KernelName;
//!
//! let data = polyak::data::digits().subsample(20, 0)?;
//! let kernel = "gaussian:0.35*auto".parse::<KernelName>()?.resolve(&data.inputs)?;
//! let gram = polyak::gram::kernel_gram(&kernel, &data.inputs);
//! let enclosure = polyak::spectrum::smallest_eigenvalue(&gram)?;
//! assert!(enclosure.lo > 0.0);
//!
//! let training = TrainingSizes::default().with_frequencies(100).with_depth(4);
//! let instance = training.instance(&data, kernel, 0)?;
//! let evidence = find("P8.convergence")?.evaluate(&instance.into());
//! assert_eq!(evidence.verdict, Verdict::Holds);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Panics
//! Data from outside (files, names, matrices handed to a constructor) give `Err`
//! with the place and the remedy; shapes that the programmer mixes up panic with
//! the shapes in the message.

#![cfg_attr(docsrs, feature(doc_cfg))]

/// Writes the setters of a struct of options: `with_x` takes `self` and another value of the field `x`.
macro_rules! setters {
    ($($setter:ident, $field:ident: $given:ty;)+) => {
        $(
            #[doc = concat!("Returns these options with another `", stringify!($field), "`.")]
            #[must_use]
            pub fn $setter(mut self, $field: $given) -> Self {
                self.$field = $field.into();
                self
            }
        )+
    };
}

pub mod arithmetic;
pub mod bounds;
#[cfg(all(feature = "claims", feature = "strategies"))]
pub mod campaign;
pub mod check;
#[cfg(feature = "claims")]
pub mod claims;
#[cfg(feature = "cli")]
pub mod command;
pub mod data;
pub mod evidence;
pub mod factor;
pub mod features;
pub mod flow;
pub mod gram;
pub mod kernel;
mod linalg;
pub mod meanfield;
pub mod memory;
#[cfg(feature = "html")]
pub mod pages;
pub mod recipe;
#[cfg(feature = "report")]
pub mod report;
pub mod resnet;
pub mod spectrum;
pub mod text;
#[cfg(feature = "claims")]
pub mod theorem;
pub mod transport;
pub mod watch;

/// The matrices in the signatures of this crate are those of this version.
pub use nalgebra;

/// The examples of the README are doctests.
#[cfg(all(doctest, feature = "claims", feature = "files"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// So are those of the page about the library.
#[cfg(all(doctest, feature = "claims", feature = "files", feature = "strategies"))]
#[doc = include_str!("../docs/library.md")]
struct Library;
