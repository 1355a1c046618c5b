//! The room against slow, obvious and independent solvers.

mod clouds;
mod covariance;
mod optimality;
mod shapes;
