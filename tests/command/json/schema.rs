//! The few keywords of JSON Schema that `docs/schema` uses, and no others.
//!
//! Stricter than the schemas in one thing: a field that is not among the `properties` is a fault, so that no field is
//! written that they do not know. `tests/schema` holds the same documents against them by an independent validator.

use serde_json::{Map, Value};
use std::path::PathBuf;

/// A schema of `docs/schema`.
pub struct Schema {
    pub name: &'static str,
    pub root: Value,
}

impl Schema {
    pub fn load(name: &'static str) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
        let text = std::fs::read_to_string(folder.join(name).with_extension("json")).unwrap();
        let root = serde_json::from_str(&text).unwrap();
        Self { name, root }
    }

    /// What is wrong with a document, each with its place.
    pub fn faults(&self, document: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.check(&self.root, document, "", &mut faults);
        faults
    }

    /// What `#/$defs/name` refers to.
    pub fn definition(&self, reference: &str) -> &Value {
        let pointer = reference.strip_prefix('#').unwrap();
        let found = self.root.pointer(pointer);
        found.unwrap_or_else(|| panic!("{}: {reference} refers to nothing", self.name))
    }

    fn check(&self, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        for (keyword, argument) in schema.as_object().unwrap() {
            let kept = match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" => true,
                "$ref" => {
                    let definition = self.definition(argument.as_str().unwrap());
                    self.check(definition, value, place, faults);
                    true
                }
                "anyOf" => argument.as_array().unwrap().iter().any(|one| {
                    let mut inner = Vec::new();
                    self.check(one, value, place, &mut inner);
                    inner.is_empty()
                }),
                "type" => match argument {
                    Value::Array(names) => names.iter().any(|name| is_of_type(value, name)),
                    name => is_of_type(value, name),
                },
                "const" => value == argument,
                "enum" => argument.as_array().unwrap().contains(value),
                "minimum" => limited(value, argument, |x, limit| x >= limit),
                "maximum" => limited(value, argument, |x, limit| x <= limit),
                "exclusiveMinimum" => limited(value, argument, |x, limit| x > limit),
                "exclusiveMaximum" => limited(value, argument, |x, limit| x < limit),
                "minItems" => counted(value, argument, |n, limit| n >= limit),
                "maxItems" => counted(value, argument, |n, limit| n <= limit),
                "items" => {
                    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(argument, item, &format!("{place}[{i}]"), faults);
                    }
                    true
                }
                "required" => {
                    self.check_required(argument, value, place, faults);
                    true
                }
                "properties" => {
                    let known = argument.as_object().unwrap();
                    for (name, inner) in fields(value) {
                        let place = format!("{place}.{name}");
                        match known.get(name) {
                            Some(schema) => self.check(schema, inner, &place, faults),
                            None => faults.push(format!("{place}: is not in {}", self.name)),
                        }
                    }
                    true
                }
                // Of objects without known names.
                "additionalProperties" => {
                    for (name, inner) in fields(value) {
                        self.check(argument, inner, &format!("{place}.{name}"), faults);
                    }
                    true
                }
                other => panic!("{}: the keyword {other} is not checked", self.name),
            };
            if !kept {
                faults.push(format!("{place}: {value} is against {keyword} {argument}"));
            }
        }
    }

    fn check_required(&self, names: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        for name in names.as_array().unwrap() {
            let name = name.as_str().unwrap();
            if value.is_object() && value.get(name).is_none() {
                faults.push(format!("{place}.{name}: is missing"));
            }
        }
    }
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn is_of_type(value: &Value, name: &Value) -> bool {
    match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type is called {other}"),
    }
}

fn limited(value: &Value, limit: &Value, keeps: fn(f64, f64) -> bool) -> bool {
    let limit = limit.as_f64().unwrap();
    value.as_f64().is_none_or(|x| keeps(x, limit))
}

fn counted(value: &Value, limit: &Value, keeps: fn(usize, usize) -> bool) -> bool {
    let limit = limit.as_u64().unwrap() as usize;
    value
        .as_array()
        .is_none_or(|items| keeps(items.len(), limit))
}

mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_keyword_finds_its_fault() {
        for (schema, good, bad) in [
            (json!({"type": "integer"}), json!(3), json!(3.5)),
            (json!({"type": ["number", "null"]}), json!(null), json!("3")),
            (json!({"const": 1}), json!(1), json!(2)),
            (json!({"enum": ["a", null]}), json!("a"), json!("b")),
            (
                json!({"anyOf": [{"type": "null"}, {"minimum": 2}]}),
                json!(2),
                json!(1),
            ),
            (json!({"minimum": 0}), json!(0), json!(-1)),
            (json!({"maximum": 1}), json!(1), json!(1.5)),
            (json!({"exclusiveMinimum": 0}), json!(0.1), json!(0)),
            (json!({"exclusiveMaximum": 1}), json!(0.9), json!(1)),
            (
                json!({"items": {"type": "string"}}),
                json!(["a"]),
                json!(["a", 1]),
            ),
            (json!({"minItems": 1}), json!([1]), json!([])),
            (json!({"maxItems": 1}), json!([1]), json!([1, 2])),
            (json!({"required": ["a"]}), json!({"a": 1}), json!({"b": 1})),
            (
                json!({"properties": {"a": {"const": 1}}}),
                json!({"a": 1}),
                json!({"a": 2}),
            ),
            (
                json!({"properties": {"a": {}}}),
                json!({}),
                json!({"a": 1, "b": 1}),
            ),
            (
                json!({"additionalProperties": {"const": 1}}),
                json!({"x": 1}),
                json!({"x": 2}),
            ),
            (
                json!({"$ref": "#/$defs/one", "$defs": {"one": {"const": 1}}}),
                json!(1),
                json!(2),
            ),
        ] {
            let name = "test";
            let schema = Schema { name, root: schema };
            assert_eq!(schema.faults(&good), Vec::<String>::new());
            assert_eq!(schema.faults(&bad).len(), 1, "{bad}");
        }
    }
}
