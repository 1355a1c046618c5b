//! Memory for matrices of costs, kept from one to the next.
//!
//! A matrix beyond what the allocator keeps comes as fresh pages, and touching these costs several
//! times what is computed on them; a flow asks for the same size again and again. Each thread
//! keeps the last one it gave back.

use std::cell::RefCell;

/// The most entries that are kept: 64 MiB a thread.
const KEPT: usize = 8_388_608;

thread_local! {
    static SPARE: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

/// Entries whose values mean nothing until they are written.
pub(super) struct Buffer(Vec<f64>);

impl Buffer {
    /// Takes the kept memory, or asks for it; `None` if the system refuses.
    pub(super) fn try_new(length: usize) -> Option<Self> {
        let mut entries = SPARE.take();
        if entries.capacity() < length {
            entries = vec![];
            entries.try_reserve_exact(length).ok()?;
        }
        // Zeroed where it was never written, left alone where it was.
        entries.truncate(length);
        entries.resize(length, 0.0);
        Some(Self(entries))
    }

    pub(super) fn entries(&self) -> &[f64] {
        &self.0
    }

    pub(super) fn entries_mut(&mut self) -> &mut [f64] {
        &mut self.0
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let entries = std::mem::take(&mut self.0);
        if entries.capacity() <= KEPT {
            // At the end of a thread there is no place to keep it.
            let _ = SPARE.try_with(|spare| spare.replace(entries));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_kept_up_to_a_size() {
        let address = |length: usize| {
            let mut buffer = Buffer::try_new(length).unwrap();
            assert_eq!(buffer.entries().len(), length);
            buffer.entries_mut().fill(1.0);
            buffer.entries().as_ptr()
        };
        let first = address(1000);
        assert_eq!(address(1000), first);
        assert_eq!(address(10), first);
        assert_eq!(address(1000), first);
        drop(Buffer::try_new(KEPT + 1).unwrap());
        assert!(SPARE.with_borrow(|spare| spare.capacity() <= KEPT));
        drop(Buffer::try_new(KEPT).unwrap());
        assert_eq!(SPARE.with_borrow(|spare| spare.capacity()), KEPT);
        assert!(Buffer::try_new(usize::MAX / 16).is_none());
    }
}
