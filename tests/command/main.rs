//! The `polyak` command from outside.

#![cfg(feature = "cli")]

mod eig;
mod harness;
mod points;
mod recipe;
mod tables;
mod threads;
mod usage;
