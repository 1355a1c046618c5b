//! Which instructions the loops of this crate and the matrix products take.

#[cfg(feature = "report")]
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Returns the instruction set that products and loops are dispatched to on this processor, as in `x86_64-v3`
/// (AVX2 and FMA), `x86_64-v4` (AVX-512), `aarch64-neon`; `-scalar` where there is no wider one.
///
/// Wider registers add up in another order, and fused operations round once: results are the same, bit for bit, on
/// processors with the same instruction set, and agree within their tolerances on others.
///
/// # Example
/// ```
/// assert!(polyak::arithmetic::instruction_set().starts_with(std::env::consts::ARCH));
/// ```
pub fn instruction_set() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let dispatched = format!("{:?}", pulp::Arch::new());
        let name = dispatched.split(['(', ' ']).next().unwrap_or_default();
        format!("{}-{}", std::env::consts::ARCH, name.to_lowercase())
    })
}

/// All instruction sets of several lists, each once and in alphabetical order, as one list.
#[cfg(feature = "report")]
pub(crate) fn instruction_sets<'a>(lists: impl IntoIterator<Item = &'a str>) -> String {
    let names = lists.into_iter().flat_map(|list| list.split(", "));
    let names: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
    Vec::from_iter(names).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn the_name_is_that_of_what_the_processor_has() {
        let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq");
        let expected = match (wide, is_x86_feature_detected!("fma")) {
            (true, _) => "x86_64-v4",
            (false, true) => "x86_64-v3",
            (false, false) => "x86_64-scalar",
        };
        assert_eq!(instruction_set(), expected);
    }
}
