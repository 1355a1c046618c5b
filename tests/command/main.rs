//! The `polyak` command from outside.

#![cfg(feature = "cli")]

#[path = "../../src/data/files/fixture.rs"]
mod arrays;
mod attack;
mod browser;
mod check;
mod columns;
mod documented;
mod eig;
mod endings;
mod factor;
mod formats;
mod harness;
mod json;
mod manners;
mod points;
mod recipe;
mod reports;
mod sheets;
mod tables;
mod threads;
mod train_from;
mod transport;
mod usage;
