//! `polyak`, with one more claim.

use std::process::ExitCode;

fn main() -> ExitCode {
    polyak::command::run(own_object::registry())
}
