//! The files that are written of a report beside its JSON.

use super::Failure;
use super::arguments::{Forge, ReportFiles};
use super::output::Output;
use crate::report::{Report, to_annotations, to_html, to_junit, to_summary};
use crate::theorem::Registry;
use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where they go.
pub struct Files {
    html: Option<Output>,
    junit: Option<Output>,
    annotate: Option<Annotations>,
}

/// What goes to a forge.
struct Annotations {
    /// The summary of the step, which others may have written to.
    summary: Option<(PathBuf, File)>,
}

impl Annotations {
    /// Opens the summary, where the forge has named one.
    fn try_new(forge: Forge) -> Result<Self, Failure> {
        let Forge::Github = forge;
        let named = env::var_os("GITHUB_STEP_SUMMARY").filter(|name| !name.is_empty());
        let opened = named.map(PathBuf::from).map(|path| -> Result<_, Failure> {
            let file = OpenOptions::new().append(true).create(true).open(&path);
            let file = file.map_err(|cause| unwritable(&path, cause))?;
            Ok((path, file))
        });
        let summary = opened.transpose()?;
        Ok(Self { summary })
    }

    /// Says what does not hold, and adds the summary.
    fn write(&self, report: &Report) -> Result<(), Failure> {
        // A forge reads both streams; the words are on the other one.
        let _ = io::stderr().write_all(to_annotations(report).as_bytes());
        let Some((path, file)) = &self.summary else {
            return Ok(());
        };
        let mut file = file;
        let written = file.write_all(to_summary(report).as_bytes());
        written.map_err(|cause| unwritable(path, cause))
    }
}

fn unwritable(path: &Path, cause: io::Error) -> Failure {
    Failure::Unwritable {
        file: path.display().to_string(),
        cause,
    }
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
        let annotate = asked.annotate.map(Annotations::try_new).transpose()?;
        Ok(Self {
            html,
            junit,
            annotate,
        })
    }

    /// Writes all that were asked for, each whole.
    pub fn write(&self, registry: &Registry, report: &Report) -> Result<(), Failure> {
        if let Some(html) = &self.html {
            html.write(to_html(registry, report).as_bytes())?;
        }
        if let Some(junit) = &self.junit {
            junit.write(to_junit(report).as_bytes())?;
        }
        if let Some(annotate) = &self.annotate {
            annotate.write(report)?;
        }
        Ok(())
    }
}

/// A file that nothing else has; it is taken from then on.
pub fn file<'a>(
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
