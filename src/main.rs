//! The `polyak` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    polyak::command::run(polyak::claims::registry())
}
