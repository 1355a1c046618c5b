//! Executable theorem checks for the Polyak–Łojasiewicz theory of very deep
//! residual networks.

pub mod arithmetic;
pub mod bounds;
#[cfg(feature = "strategies")]
pub mod campaign;
pub mod claims;
pub mod data;
pub mod evidence;
pub mod features;
pub mod flow;
pub mod gram;
pub mod kernel;
mod linalg;
#[cfg(feature = "cli")]
pub mod report;
pub mod resnet;
pub mod spectrum;
