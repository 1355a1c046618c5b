//! The threads that everything is shared among, started before anything else.

use super::failure::Failure;
use crate::{linalg, memory};
use std::env;
use std::ffi::OsStr;
use std::num::NonZero;
use std::thread::available_parallelism;

/// Names the number of threads.
const VARIABLE: &str = "RAYON_NUM_THREADS";

/// More threads than this, and than there are processors, are refused: what they share takes longer to deal out than to do, and a hundred
/// thousand do not start within a minute.
const MOST: usize = 1024;

/// The stack of a thread.
const STACK: usize = 2 << 20;

/// Starts as many threads as asked for, else as `RAYON_NUM_THREADS` says, or as there are processors.
///
/// Where addresses are counted, it refuses first what does not fit: a thread that starts and finds no room ends the process. Then
/// every thread takes what it keeps, with its first allocation and its first product, before anybody asks what is left.
pub fn start(asked: Option<u32>) -> Result<(), Failure> {
    let wanted = match asked {
        Some(number) => number as usize,
        None => wanted(env::var_os(VARIABLE).as_deref())?,
    };
    let processors = available_parallelism().map_or(1, NonZero::get);
    let number = match wanted {
        0 => processors,
        number => number,
    };
    let most = MOST.max(processors);
    if number > most {
        return Err(Failure::TooManyThreads { number, most });
    }
    let counted = memory::require_threads(number as u64, STACK as u64);
    counted.map_err(|shortage| Failure::Workspace { shortage })?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(number)
        .stack_size(STACK);
    pool.build_global()
        .map_err(|cause| Failure::Threads { cause })?;
    if memory::addresses_left().is_some() {
        rayon::broadcast(|_| linalg::take_workspace());
    }
    Ok(())
}

/// The number asked for; 0 leaves it to the machine.
fn wanted(value: Option<&OsStr>) -> Result<usize, Failure> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok(0);
    };
    let number = value.to_str().and_then(|text| text.parse().ok());
    number.ok_or_else(|| Failure::ThreadCount {
        value: value.to_string_lossy().into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_number() {
        let of = |text: &str| wanted(Some(OsStr::new(text)));
        assert!(matches!(wanted(None), Ok(0)));
        assert!(matches!(of(""), Ok(0)) && matches!(of("0"), Ok(0)) && matches!(of("8"), Ok(8)));
        for text in ["two", "-1", "1.5", " 2"] {
            let failure = of(text).unwrap_err();
            assert!(matches!(&failure, Failure::ThreadCount { value } if value == text));
        }
    }
}
