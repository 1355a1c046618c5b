//! The theorem check: every claim on random instances, its control, its hostile
//! regimes, and the registry itself. See `tests/README.md`.

mod convergence;
mod flow;
mod harness;
mod hostile;
mod hypotheses;
mod kernel;
mod pl;
mod random_features;
mod registry;
mod shrinking;
mod spectrum;
