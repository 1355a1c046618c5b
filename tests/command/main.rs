//! The `polyak` command from outside.

#![cfg(feature = "cli")]

mod arrays;
mod attack;
mod check;
mod eig;
mod endings;
mod formats;
mod harness;
mod json;
mod points;
mod recipe;
mod tables;
mod threads;
mod usage;
