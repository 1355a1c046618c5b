//! The pool of threads that all work runs on.
//!
//! It is this package's own, so that it can be made anew: with another number of threads, in a child that was forked
//! (where the threads of the parent are not), and where work was left behind on the old one.

use crate::refusal::{Class, Refusal};
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::process;
use std::sync::{Arc, Mutex, PoisonError};

/// The stack of a thread: that of a first thread elsewhere.
const STACK: usize = 8 << 20;

/// The names of the threads begin so.
pub const NAME: &str = "polyak";

struct Pool {
    process: u32,
    /// As asked for; 0 for `RAYON_NUM_THREADS`, or as many as there are processors.
    asked: usize,
    threads: Arc<ThreadPool>,
}

/// It is locked by whoever holds the interpreter, and let go before that does: nobody forks in between.
static POOL: Mutex<Option<Pool>> = Mutex::new(None);

fn build(asked: usize) -> Result<Pool, Refusal> {
    let builder = ThreadPoolBuilder::new()
        .num_threads(asked)
        .stack_size(STACK);
    let built = builder
        .thread_name(|number| format!("{NAME}-{number}"))
        .build();
    let threads = built.map_err(|cause| {
        let message = format!(
            "the threads cannot be started ({cause}): a limit of the system is met, of processes (ulimit -u), of \
             address space (ulimit -v) or of a container; start fewer with set_num_threads(1), or raise the limit"
        );
        Refusal::new(Class::Thread, message)
    })?;
    Ok(Pool {
        process: process::id(),
        asked,
        threads: Arc::new(threads),
    })
}

/// The pool of this process.
pub fn pool(_: Python<'_>) -> Result<Arc<ThreadPool>, Refusal> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if pool
        .as_ref()
        .is_some_and(|pool| pool.process != process::id())
    {
        // Its threads are those of the parent: to end them would be to wait for nobody.
        let inherited = pool.take();
        let asked = inherited.as_ref().map_or(0, |pool| pool.asked);
        std::mem::forget(inherited);
        *pool = Some(build(asked)?);
    }
    if pool.is_none() {
        *pool = Some(build(0)?);
    }
    let pool = pool.as_ref().expect("a pool that was built");
    Ok(Arc::clone(&pool.threads))
}

/// A pool of as many threads as that of this process, for work during which others go on there.
pub fn another(py: Python<'_>) -> Result<Arc<ThreadPool>, Refusal> {
    pool(py)?;
    let asked = {
        let pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
        pool.as_ref().map_or(0, |pool| pool.asked)
    };
    Ok(build(asked)?.threads)
}

/// Leaves a pool to the work that does not end on it; if it is that of this process, the next work gets a new one.
pub fn abandon(_: Python<'_>, left: &Arc<ThreadPool>) {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = pool.as_ref()
        && Arc::ptr_eq(&known.threads, left)
    {
        *pool = build(known.asked).ok();
    }
}

/// The number of threads of the next work.
#[pyfunction]
pub fn number_of_threads(py: Python<'_>) -> PyResult<usize> {
    let pool = pool(py).map_err(|refusal| refusal.raised(py))?;
    Ok(pool.current_num_threads())
}

/// Another number of threads for the next work; 0 for as many as there are processors.
#[pyfunction]
pub fn set_number_of_threads(py: Python<'_>, number: usize) -> PyResult<()> {
    // One of a forked parent is left alone.
    let current = pool(py).map_err(|refusal| refusal.raised(py))?;
    drop(current);
    let built = build(number).map_err(|refusal| refusal.raised(py))?;
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    *pool = Some(built);
    Ok(())
}
