//! What is claimed.

use crate::refusal::{Class, Refusal};
use polyak::theorem::Claim;
use pyo3::prelude::*;

/// Id, family, kind, statement, source, hypotheses, tolerance, page.
type Stated = (
    &'static str,
    &'static str,
    String,
    &'static str,
    &'static str,
    Vec<&'static str>,
    &'static str,
    &'static str,
);

/// The claims that names select, in their order.
pub fn selected(names: &[String]) -> Result<Vec<&'static dyn Claim>, Refusal> {
    let selected = polyak::claims::registry().select(names);
    selected.map_err(|cause| Refusal::new(Class::Claim, cause))
}

#[pyfunction]
pub fn claims(py: Python<'_>, names: Vec<String>) -> PyResult<Vec<Stated>> {
    let claims = selected(&names).map_err(|refusal| refusal.raised(py))?;
    let stated = claims.into_iter().map(|claim| {
        let about = claim.about();
        (
            about.id,
            about.family,
            about.kind.to_string(),
            about.statement,
            about.source,
            about.hypotheses.to_vec(),
            about.tolerance,
            about.page,
        )
    });
    Ok(stated.collect())
}
