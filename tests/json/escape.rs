//! What the library's writer writes, serde_json reads back as it was.

// The writer knows nothing of the library.
#[path = "../../leakguard/src/json/mod.rs"]
mod json;

use json::{Json, fields, list, object};
use proptest::prelude::*;
use serde_json::Value;

/// A value of any shape.
#[derive(Clone, Debug)]
enum Any {
    Text(String),
    Number(u64),
    Truth(bool),
    Null,
    List(Vec<Any>),
    Fields(Vec<(String, Any)>),
}

impl Json for &Any {
    fn write(self, text: &mut String) {
        match self {
            Any::Text(value) => value.clone().write(text),
            Any::Number(value) => value.write_number(text),
            Any::Truth(value) => value.write(text),
            Any::Null => None::<bool>.write(text),
            Any::List(items) => list(items).write(text),
            Any::Fields(all) => fields(|o| {
                for (name, value) in all {
                    o.field(name, value);
                }
            })
            .write(text),
        }
    }
}

trait WriteNumber {
    fn write_number(&self, text: &mut String);
}

impl WriteNumber for u64 {
    /// By the smallest type that has it.
    fn write_number(&self, text: &mut String) {
        match (u32::try_from(*self), usize::try_from(*self)) {
            (Ok(number), _) => number.write(text),
            (_, Ok(number)) if number % 2 == 0 => number.write(text),
            _ => self.write(text),
        }
    }
}

impl From<&Any> for Value {
    fn from(any: &Any) -> Value {
        match any {
            Any::Text(text) => Value::from(text.as_str()),
            Any::Number(number) => Value::from(*number),
            Any::Truth(truth) => Value::from(*truth),
            Any::Null => Value::Null,
            Any::List(items) => items.iter().map(Value::from).collect(),
            Any::Fields(all) => {
                let all = all.iter().map(|(name, value)| (name.clone(), Value::from(value)));
                Value::Object(all.collect())
            }
        }
    }
}

/// Any text, and often what has to be escaped.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[\\x00-\\x20\"\\\\/\u{7f}-\u{a0}\u{2028}\u{2029}é日🦀]*"]
}

fn anything() -> impl Strategy<Value = Any> {
    let leaf = prop_oneof![
        text().prop_map(Any::Text),
        any::<u64>().prop_map(Any::Number),
        any::<u32>().prop_map(|number| Any::Number(number.into())),
        any::<bool>().prop_map(Any::Truth),
        Just(Any::Null),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Any::List),
            prop::collection::btree_map(text(), inner, 0..8)
                .prop_map(|fields| Any::Fields(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn anything_is_read_back_as_it_was(any in anything()) {
        let line = object(|o| {
            o.field("value", &any);
        });
        let read: Value = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(&read["value"], &Value::from(&any));
        // It is one line for every reader, and can do nothing to a terminal.
        let is_seen = |c: char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
        prop_assert!(line.chars().all(is_seen));
    }
}

#[test]
fn fields_stand_in_the_order_in_which_they_are_written() {
    let line = object(|o| {
        o.field("z", 1_usize).field("a", Some("x")).field("m", list([true, false]));
    });
    assert_eq!(line, r#"{"z":1,"a":"x","m":[true,false]}"#);
}
