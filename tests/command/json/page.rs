//! `docs/json.md` says of every field what its schema says.

use super::SCHEMAS;
use super::schema::Schema;
use serde_json::Value;
use std::fmt::Write;
use std::path::PathBuf;

/// Everything below this line is made of the schemas.
const MADE: &str = "<!-- What follows is made of docs/schema by `UPDATE_EXPECT=1 cargo test --test command json`. -->";

/// The kind of a value in words.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema.get("$ref") {
        let name = reference.as_str().unwrap().rsplit('/').next().unwrap();
        return format!("[{name}]");
    }
    if let Some(one) = schema.get("const") {
        return format!("`{one}`");
    }
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        let choices: Vec<String> = choices.iter().map(kind).collect();
        return choices.join(" or ");
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        let choices: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
        return choices.join(", ").replace("`null`", "null");
    }
    let names = match &schema["type"] {
        Value::Array(names) => names.iter().map(|name| name.as_str().unwrap()).collect(),
        name => vec![name.as_str().unwrap()],
    };
    let words = names.into_iter().map(|name| match name {
        "array" => {
            let items = kind(&schema["items"]);
            match (schema.get("minItems"), schema.get("maxItems")) {
                (Some(least), most) if Some(least) == most => format!("{least} × {items}"),
                _ => format!("list of {items}"),
            }
        }
        "object" => format!("names with {}", kind(&schema["additionalProperties"])),
        "number" | "integer" => name.to_owned() + &limits(schema),
        name => name.to_owned(),
    });
    words.collect::<Vec<String>>().join(" or ")
}

/// The range of a number.
fn limits(schema: &Value) -> String {
    let words = [
        ("minimum", "≥"),
        ("exclusiveMinimum", ">"),
        ("maximum", "≤"),
        ("exclusiveMaximum", "<"),
    ]
    .map(|(keyword, sign)| {
        let limit = schema.get(keyword);
        limit.map_or_else(String::new, |limit| format!(" {sign} {limit}"))
    });
    words.concat()
}

fn table(schema: &Value) -> String {
    let required = schema["required"].as_array().unwrap();
    let mut text = String::from("| field | value | meaning |\n|---|---|---|\n");
    for (name, field) in schema["properties"].as_object().unwrap() {
        let absent = if required.iter().any(|known| known == name) {
            ""
        } else {
            ", or absent"
        };
        let meaning = field["description"].as_str().unwrap();
        let _ = writeln!(text, "| `{name}` | {}{absent} | {meaning} |", kind(field));
    }
    text
}

fn section(schema: &Schema) -> String {
    let root = &schema.root;
    let [title, meaning] = ["title", "description"].map(|name| root[name].as_str().unwrap());
    let file = schema.name;
    let mut text = format!(
        "\n## {title}\n\n{meaning} Schema: [`schema/{file}.json`](schema/{file}.json).\n\n{}",
        table(root)
    );
    let none = serde_json::Map::new();
    let definitions = root
        .get("$defs")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    for (name, definition) in definitions {
        let meaning = definition["description"].as_str().unwrap();
        let _ = write!(text, "\n**[{name}]**: {meaning}\n\n{}", table(definition));
    }
    text
}

#[test]
fn the_page_is_that_of_the_schemas() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (head, _) = page.split_once(MADE).expect("a line above what is made");
    let sections: String = SCHEMAS
        .iter()
        .map(|name| section(&Schema::load(name)))
        .collect();
    let made = format!("{head}{MADE}\n{sections}");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    assert!(
        page == made,
        "docs/json.md is not what docs/schema says: see the line below its head"
    );
}
