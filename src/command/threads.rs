//! The threads that everything is shared among, started before anything else.

use super::failure::Failure;
use crate::{linalg, memory};
use std::env;
use std::ffi::OsStr;

/// Names the number of threads.
const VARIABLE: &str = "RAYON_NUM_THREADS";

/// Starts as many threads as asked for, else as `RAYON_NUM_THREADS` says, or as there are processors.
pub fn start(asked: Option<u32>) -> Result<(), Failure> {
    let wanted = match asked {
        Some(number) => number as usize,
        None => wanted(env::var_os(VARIABLE).as_deref())?,
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(wanted);
    pool.build_global()
        .map_err(|cause| Failure::Threads { cause })?;
    take_addresses()
}

/// Where addresses are counted, every thread takes what it keeps, with its first allocation and its first product, before anybody asks
/// what is left.
fn take_addresses() -> Result<(), Failure> {
    let Some(left) = memory::addresses_left() else {
        return Ok(());
    };
    let needed = memory::workspace() * rayon::current_num_threads() as u64;
    if left < needed {
        let limit = memory::Limit::AddressSpace;
        let left = Some(left);
        let shortage = memory::Shortage {
            needed,
            left,
            limit,
        };
        return Err(Failure::Workspace { shortage });
    }
    rayon::broadcast(|_| linalg::take_workspace());
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
