//! `polyak`, with the theorems of this package in the place of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    polyak::command::run(own_theorem::registry())
}
