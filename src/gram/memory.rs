//! Whether a Gram matrix fits, asked before it is touched.

use crate::kernel::KernelError;
use crate::memory::require;

/// Refuses a Gram matrix that a limit of this process leaves no room for.
pub(super) fn require_memory(order: usize) -> Result<(), KernelError> {
    let bytes = order.saturating_mul(order).saturating_mul(size_of::<f64>());
    require(bytes).map_err(|shortage| KernelError::Memory { order, shortage })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_petabyte_is_refused_before_it_is_touched() {
        assert_eq!(require_memory(100), Ok(()));
        let refused = require_memory(1 << 28).unwrap_err();
        assert!(matches!(refused, KernelError::Memory { order, shortage }
                if (order, shortage.needed) == (1 << 28, 1 << 59)));
        assert!(refused.to_string().contains("take fewer points"));
    }
}
