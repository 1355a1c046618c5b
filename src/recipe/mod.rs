//! From data and a kernel to a network whose training is guaranteed (P10).
//!
//! A recipe returns the width, the lift, the scale of the readout, the step, and the rate at which the loss
//! falls at least, with every constant on the way: a [`TrainingCertificate`]. There are two kinds:
//! * *a priori* ([`Plan::a_priori`]): the width and all constants are computed before any frequency is
//!   drawn, and hold with a stated probability (R4, R4b, R8, R8b);
//! * *realised* ([`Plan::realised`]): the width is chosen, the frequencies are drawn, and the constants are
//!   certified as drawn. No probability is claimed.
//!
//! [`recheck`] proves a certificate again, from data and frequencies, by other means. [`Training`] trains the
//! network and holds it to the promise at every step. [`mean_field`] is the recipe of Paper B,
//! and [`width`] says how many random features a kernel needs.

mod a_priori;
mod certificate;
mod checkpoint;
mod choice;
mod error;
mod filtered;
pub(crate) mod fingerprint;
mod ingredients;
pub mod mean_field;
mod plan;
mod recheck;
mod search;
mod size;
mod training;
pub mod width;

pub use crate::flow::{TrainingEnd, TrainingProgress};
pub use certificate::{
    Architecture, Constants, DataSeen, DataSource, FilteredPromise, Probability, Promise,
    RecipeKind, SCHEMA, ScaleSearch, Side, Stated, TrainingCertificate,
};
pub use checkpoint::CheckpointError;
pub use choice::{Choice, SmallestScale, TOLERANCE};
pub use error::RecipeError;
pub use fingerprint::fingerprint;
pub use ingredients::Ingredients;
pub use plan::{Plan, SoFar};
pub use recheck::{Discrepancy, recheck, recheck_cost, recheck_watched};
pub use size::{SPEED, Size};
pub use training::Training;
