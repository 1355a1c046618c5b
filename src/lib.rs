//! Executable theorem checks for the Polyak–Łojasiewicz theory of very deep
//! residual networks.

pub mod arithmetic;
pub mod bounds;
pub mod claims;
pub mod data;
pub mod evidence;
pub mod features;
pub mod flow;
pub mod gram;
pub mod kernel;
mod linalg;
pub mod resnet;
pub mod spectrum;
