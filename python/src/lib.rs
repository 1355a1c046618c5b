//! The compiled half of the Python package `polyak`: every function takes arrays that the Python half has checked,
//! lets go of the interpreter, and returns plain numbers.
//!
//! * `work`: Rust work that hears Ctrl-C, says how far it is, and never panics into Python;
//! * `threads`: the pool that the work runs on;
//! * `array`: arrays of NumPy as they lie;
//! * `refusal`: errors of the crate as exceptions of `polyak.errors`;
//! * the others: one subject each.

mod array;
mod check;
mod claims;
mod eigenvalue;
mod end;
mod factor;
mod features;
mod gram;
mod recipe;
mod refusal;
mod room;
mod threads;
mod transport;
mod verification;
mod width;
mod work;

use pyo3::prelude::*;

/// Functions for the Python half; not an interface of their own.
#[pymodule]
mod _polyak {
    #[pymodule_export]
    use crate::check::check;
    #[pymodule_export]
    use crate::claims::claims;
    #[pymodule_export]
    use crate::eigenvalue::{
        certify_matrix, certify_points, estimate_matrix, estimate_points, jitter_matrix,
        jitter_points,
    };
    #[pymodule_export]
    use crate::factor::{conclude_parts, prove_part};
    #[pymodule_export]
    use crate::features::{draw_frequencies, fourier_features};
    #[pymodule_export]
    use crate::gram::{gram, resolve_kernel};
    #[pymodule_export]
    use crate::recipe::{read_recipe, recipe, train};
    #[pymodule_export]
    use crate::room::shortage;
    #[pymodule_export]
    use crate::threads::{number_of_threads, set_number_of_threads};
    #[pymodule_export]
    use crate::transport::{conditional, proved, wasserstein};
    #[pymodule_export]
    use crate::verification::{compare, merge, read_report, report_text, verify};
    #[pymodule_export]
    use crate::width::width;
    #[pymodule_export]
    use crate::work::{endless, idle, mistaken};

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::work::keep_panics();
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("instruction_set", polyak::arithmetic::instruction_set())
    }
}
