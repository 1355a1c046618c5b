//! The files that are written of a report beside its JSON.

use super::Failure;
use super::arguments::ReportFiles;
use super::output::Output;
use crate::report::{Report, to_html, to_junit};
use crate::theorem::Registry;
use std::path::Path;

/// Where they go.
pub struct Files {
    html: Option<Output>,
    junit: Option<Output>,
}

impl Files {
    /// Makes sure that they can be written, and that none takes the place of another or of a file that is read.
    pub fn try_new(
        asked: &ReportFiles,
        json: Option<&Path>,
        inputs: &[&Path],
    ) -> Result<Self, Failure> {
        let mut taken: Vec<&Path> = inputs.iter().copied().chain(json).collect();
        let html = file("--report", asked.report.as_deref(), &mut taken)?;
        let junit = file("--junit", asked.junit.as_deref(), &mut taken)?;
        Ok(Self { html, junit })
    }

    /// Writes all that were asked for, each whole.
    pub fn write(&self, registry: &Registry, report: &Report) -> Result<(), Failure> {
        if let Some(html) = &self.html {
            html.write(to_html(registry, report).as_bytes())?;
        }
        if let Some(junit) = &self.junit {
            junit.write(to_junit(report).as_bytes())?;
        }
        Ok(())
    }
}

/// A file that nothing else has; it is taken from then on.
fn file<'a>(
    option: &'static str,
    path: Option<&'a Path>,
    taken: &mut Vec<&'a Path>,
) -> Result<Option<Output>, Failure> {
    let Some(path) = path else {
        return Ok(None);
    };
    let output = Output::try_new(path, taken)?;
    if output.is_stdout() {
        return Err(Failure::Idle {
            option,
            why: "needs a file: the standard output has the words",
        });
    }
    taken.push(path);
    Ok(Some(output))
}
