//! `leakguard/schema/leakguard-1.json` describes every line, and demands every field.

use crate::golden::folder;
use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;
use std::fs;
use std::path::Path;

struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn read() -> Schema {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("leakguard/schema/leakguard-1.json");
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let index = compiler.compile(file.to_str().unwrap(), &mut schemas).unwrap();
        Schema { schemas, index }
    }

    fn complaint(&self, line: &Value) -> Option<String> {
        self.schemas.validate(line, self.index).err().map(|error| format!("{error:#}"))
    }
}

/// Every line of every golden file.
fn lines() -> Vec<Value> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.map(|file| fs::read_to_string(file).unwrap());
    let lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.map(|line| serde_json::from_str(&line).unwrap()).collect()
}

#[test]
fn golden_lines_are_valid() {
    let schema = Schema::read();
    for line in lines() {
        let complaint = schema.complaint(&line);
        assert_eq!(complaint, None, "{line}");
    }
}

/// Otherwise the schema could be one that takes anything.
#[test]
fn a_line_without_one_of_its_fields_is_not_valid() {
    let schema = Schema::read();
    for line in lines() {
        for name in line.as_object().unwrap().keys() {
            let mut less = line.clone();
            less.as_object_mut().unwrap().remove(name);
            assert!(schema.complaint(&less).is_some(), "`{name}` is not demanded: {line}");
        }
    }
}

#[test]
fn wrong_words_are_not_valid() {
    let schema = Schema::read();
    let finding = lines().into_iter().find(|line| line["type"] == "finding").unwrap();
    for (name, wrong) in [("certainty", "sure"), ("code", "LG2"), ("fingerprint", "xyz")] {
        let mut line = finding.clone();
        line[name] = Value::from(wrong);
        assert!(schema.complaint(&line).is_some(), "{name}");
    }
}

/// A field that the schema does not know has no page that describes it.
#[test]
fn each_field_is_described() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("leakguard/src/guide/json.md");
    let page = fs::read_to_string(page).unwrap();
    let mut names = Vec::new();
    lines().iter().for_each(|line| collect(line, &mut names));
    names.sort_unstable();
    names.dedup();
    let missing: Vec<_> =
        names.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "leakguard/src/guide/json.md does not describe {missing:?}");
}

fn collect(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            // Codes are values.
            if !name.starts_with("LG") {
                names.push(name.clone());
            }
            collect(value, names);
        }),
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        _ => {}
    }
}
