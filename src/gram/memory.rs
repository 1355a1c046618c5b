//! Whether a matrix fits, asked before it is touched.

use crate::kernel::KernelError;

/// Tells whether the system gives that many bytes in one piece; none of them is touched.
pub(crate) fn is_allocatable(bytes: usize) -> bool {
    let mut probe: Vec<u8> = Vec::new();
    let given = probe.try_reserve_exact(bytes).is_ok();
    // The compiler may not take an unused piece for granted.
    std::hint::black_box(&mut probe);
    given
}

/// Refuses a Gram matrix that the system does not give.
pub(super) fn require_memory(order: usize) -> Result<(), KernelError> {
    let bytes = order.saturating_mul(order).saturating_mul(size_of::<f64>());
    if is_allocatable(bytes) {
        Ok(())
    } else {
        Err(KernelError::Memory { order, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_petabyte_is_refused_before_it_is_touched() {
        assert!(is_allocatable(0) && is_allocatable(1 << 20));
        assert!(!is_allocatable(1 << 60) && !is_allocatable(usize::MAX));
        assert_eq!(require_memory(100), Ok(()));
        let (order, bytes) = (1 << 28, 1 << 59);
        assert_eq!(
            require_memory(order),
            Err(KernelError::Memory { order, bytes })
        );
    }
}
