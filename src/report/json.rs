//! Reports as JSON.

use super::{ClaimEntry, InvalidReport, Report, SCHEMA};
use crate::theorem::Registry;
use serde::Deserialize;
use serde_json::Value;

/// Why a text is not a report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// Not JSON at all, or cut short.
    #[error(
        "{file}, line {line}, column {column}: not JSON ({cause}); write the file again with `polyak baseline write` or `polyak verify --json`"
    )]
    NotJson {
        /// The file.
        file: String,
        /// 1-based line.
        line: usize,
        /// Column.
        column: usize,
        /// What the parser said.
        cause: serde_json::Error,
    },
    /// JSON of another schema, or of none.
    #[error(
        "{file}: the schema is {found}, this version of polyak reads {SCHEMA}; write the file again with `polyak baseline write` or `polyak verify --json`"
    )]
    WrongSchema {
        /// The file.
        file: String,
        /// The field `schema`, or `missing`.
        found: String,
    },
    /// A field is missing or of a wrong type.
    #[error(
        "{file}: {}not a report of polyak ({cause}); write the file again with `polyak baseline write` or `polyak verify --json`",
        .claim.as_ref().map_or_else(String::new, |id| format!("{id}: "))
    )]
    NotReport {
        /// The file.
        file: String,
        /// The claim's id, if its entry is to blame.
        claim: Option<String>,
        /// What the parser said.
        cause: serde_json::Error,
    },
    /// The report contradicts itself: the file was edited.
    #[error(transparent)]
    Invalid(#[from] InvalidReport),
}

/// Writes a report, indented, with a line break at the end.
#[must_use]
pub fn to_json(report: &Report) -> String {
    serde_json::to_string_pretty(report).expect("a report is plain data") + "\n"
}

/// Reads a report back and checks it against itself; `file` is named in errors, and `registry` says what its selection
/// selects. Unknown fields are left out.
///
/// # Errors
/// See [`ReportError`].
pub fn from_json(registry: &Registry, file: &str, text: &str) -> Result<Report, ReportError> {
    let file = file.to_owned();
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(cause) => {
            return Err(ReportError::NotJson {
                file,
                line: cause.line(),
                column: cause.column(),
                cause,
            });
        }
    };
    match value.get("schema") {
        Some(schema) if schema.as_u64() == Some(u64::from(SCHEMA)) => (),
        schema => {
            let found = schema.map_or_else(|| "missing".to_owned(), Value::to_string);
            return Err(ReportError::WrongSchema { file, found });
        }
    }
    let report = Report::deserialize(&value).map_err(|cause| ReportError::NotReport {
        claim: unreadable(&value),
        file: file.clone(),
        cause,
    })?;
    report.validate(registry, &file)?;
    Ok(report)
}

/// The id of the first claim whose entry is none.
fn unreadable(report: &Value) -> Option<String> {
    let mut claims = report.get("claims")?.as_array()?.iter();
    let claim = claims.find(|&claim| ClaimEntry::deserialize(claim).is_err())?;
    claim.get("id")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::registry;
    use crate::report::fixture::report;

    #[test]
    fn a_report_is_read_back() {
        let report = report();
        assert_eq!(
            from_json(registry(), "r", &to_json(&report)).unwrap(),
            report
        );
    }

    #[test]
    fn the_fields_of_schema_1_are_there_under_their_names() {
        let value: Value = serde_json::from_str(&to_json(&report())).unwrap();
        assert_eq!(value["schema"], 1);
        assert_eq!(value["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(value["seed"], 5);
        for claim in value["claims"].as_array().unwrap() {
            for text in ["id", "statement"] {
                assert!(claim[text].is_string(), "{text}");
            }
            assert_eq!(
                (&claim["kind"], &claim["verdict"]),
                (&"rounded".into(), &"holds".into())
            );
            for count in [
                "checked",
                "vacuous",
                "undecided",
                "inapplicable",
                "violated",
                "seed",
            ] {
                assert!(claim[count].is_u64(), "{count}");
            }
            for number in ["worst_margin", "tolerance", "tightness"] {
                assert!(claim[number].is_f64(), "{number}");
            }
            assert_eq!(claim["control_rejected"], true);
            assert!(claim["stages"]["pinned"]["checked"].is_u64());
        }
    }

    #[test]
    fn absent_numbers_are_null() {
        let mut report = report();
        report.claims[0].stages.random.tightness = None;
        let value: Value = serde_json::from_str(&to_json(&report)).unwrap();
        let random = &value["claims"][0]["stages"]["random"];
        assert!(random.get("tightness").is_some_and(Value::is_null));
    }

    #[test]
    fn other_texts_are_refused_with_the_remedy() {
        let text = to_json(&report());
        let cut = &text[..text.len() / 2];
        let wrong = text.replacen("\"schema\": 1", "\"schema\": 2", 1);
        let bare = "{\"schema\": 1}";
        let checked = report().claims[0].total.checked;
        let edited = text.replacen(
            &format!("\"checked\": {checked}"),
            &format!("\"checked\": {}", checked + 1),
            1,
        );
        let error = |text: &str| from_json(registry(), "m.json", text).unwrap_err();
        assert!(matches!(error(cut), ReportError::NotJson { line, .. } if line > 10));
        assert!(matches!(error(&wrong), ReportError::WrongSchema { found, .. } if found == "2"));
        assert!(
            matches!(error("[]"), ReportError::WrongSchema { found, .. } if found == "missing")
        );
        assert!(matches!(error(bare), ReportError::NotReport { .. }));
        assert!(matches!(error(&edited), ReportError::Invalid(_)));
        let mistyped = text.replacen("\"kind\": \"rounded\"", "\"kind\": \"guessed\"", 1);
        let mistyped = error(&mistyped).to_string();
        assert!(
            mistyped.starts_with("m.json: K4.lipschitz: not a report"),
            "{mistyped}"
        );
        // A control that was not rejected, or none at all, of a claim all of whose controls were.
        let mut loose = report();
        loose.claims[1].control[0].rejected = false;
        let mut none = report();
        none.claims[0].control.clear();
        none.claims[0].dropped.clear();
        for edited in [loose, none] {
            let error = error(&to_json(&edited));
            let error = error.to_string();
            assert!(error.contains("control_rejected is true"), "{error}");
        }
        for text in [cut, &wrong, bare, &edited] {
            let message = error(text).to_string();
            assert!(message.starts_with("m.json"), "{message}");
            assert!(message.contains("polyak baseline write"), "{message}");
        }
    }
}
