//! The theorem check: every claim on random instances, its control, its hostile
//! regimes, and the registry itself. See `tests/README.md`.

mod convergence;
mod flow;
mod harness;
mod hostile;
mod hypotheses;
mod links;
mod mean_field;
mod open;
mod pl;
mod registry;
mod sensitivity;
mod shrinking;
