//! The `polyak` command.
fn main() {}
