//! Two theorems of a stranger, a file each: one about points, one about a network of the crate.

mod growth;
mod rows;

use polyak::theorem::Registry;
use std::sync::LazyLock;

/// What the command, and every printed test, works on.
pub fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
        Registry::new()
            .with(rows::theorem())
            .and_then(|registry| registry.with(growth::theorem(1.0, growth::constant_field)))
            .expect("every id is given once")
    });
    &REGISTRY
}

/// The theorem about the loss with its factor changed, false of a smaller one, and without its sharp instance.
pub fn weakened(factor: f64) -> Registry {
    let registry = Registry::new().with(growth::theorem(factor, Vec::new));
    registry.expect("a single id")
}
