//! Networks that were trained elsewhere: what the theory says of them, and what it promises from where they stand.
//!
//! A file of named arrays becomes checkpoints ([`checkpoints`]), networks in the form that the theory has; how a block is
//! scaled in the code that trained it ([`Scaling`]) is said and mapped. A checkpoint on data becomes a [`Diagnosis`]: loss
//! and gradient, the spectra of its Gram matrices and of its tangent kernel, the PL constants, the smoothness, and for
//! every theorem an [`Outlook`], whether gradient descent from there provably reaches zero loss, how fast, and if not which
//! hypothesis fails and by what factor. [`Course`] is what is said of several checkpoints together, and [`Continuation`]
//! trains on from one of them, held to what is promised there.
//!
//! Every constant is one of [`bounds`](crate::bounds); nothing is stated here a second time.

mod continuation;
mod course;
mod diagnosis;
mod error;
mod grounds;
#[cfg(feature = "files")]
mod layout;
mod linear;
mod network;
mod outlook;
#[cfg_attr(not(feature = "files"), allow(dead_code))]
mod particles;
mod scaling;

pub use continuation::{Continuation, ContinuationError};
pub use course::{Course, Leg};
pub use diagnosis::{Diagnosis, DiagnosisOptions, LayerSpectrum, PlConstants, diagnose};
pub use error::CheckError;
#[cfg(feature = "files")]
pub use layout::{Checkpoint, CheckpointOptions, checkpoints, with_layers};
pub use linear::LinearNetwork;
pub use network::CheckedNetwork;
pub use outlook::{Basis, Missing, Outlook, Prospect, Way};
pub use particles::ParticleNetwork;
pub use scaling::{Scaling, ScalingError};
