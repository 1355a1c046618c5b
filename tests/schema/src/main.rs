//! Holds every document `NAME.WHAT.json` of one folder against the schema `NAME.json` of another, with fields that the
//! schema does not know for faults, and every schema against the one of schemas. Every schema needs a document.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let folders: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [schemas, documents] = &folders[..] else {
        eprintln!("usage: polyak-schema-test SCHEMAS DOCUMENTS");
        return ExitCode::from(2);
    };
    let (mut held, mut faults) = (0, Vec::new());
    for file in files(schemas) {
        let name = stem(&file);
        let mut schema = read(&file);
        if let Err(fault) = jsonschema::meta::validate(&schema) {
            faults.push(format!("{name}: {fault}"));
        }
        close(&mut schema);
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let before = held;
        for document in files(documents) {
            if stem(&document).split('.').next() != Some(&name) {
                continue;
            }
            held += 1;
            for fault in validator.iter_errors(&read(&document)) {
                let place = fault.instance_path();
                faults.push(format!("{}: {place}: {fault}", document.display()));
            }
        }
        if held == before {
            faults.push(format!("{name}: there is no document to hold against it"));
        }
    }
    faults.iter().for_each(|fault| println!("{fault}"));
    println!("{held} documents, {} faults", faults.len());
    ExitCode::from(u8::from(!faults.is_empty()))
}

/// Lets no object have fields beside those that are named.
fn close(schema: &mut Value) {
    if let Some(fields) = schema.as_object_mut() {
        if fields.get("type") == Some(&"object".into()) && fields.contains_key("properties") {
            fields.insert("additionalProperties".to_owned(), false.into());
        }
        fields.values_mut().for_each(close);
    }
    if let Some(items) = schema.as_array_mut() {
        items.iter_mut().for_each(close);
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}
