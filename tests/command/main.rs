//! The `polyak` command from outside.

#![cfg(feature = "cli")]

mod harness;
mod recipe;
mod tables;
mod threads;
mod usage;
