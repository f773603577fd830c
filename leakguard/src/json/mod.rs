//! Writes JSON. A value is written straight into the text, and fields stand in the order in which they are written. Knows
//! nothing of what it writes.

/// What can be written as JSON.
pub(crate) trait Json {
    /// Appends itself to `text`.
    fn write(self, text: &mut String);
}

/// An object that is being written.
pub(crate) struct Object<'a> {
    text: &'a mut String,
    is_empty: bool,
}

/// An object with the fields that `write` writes.
pub(crate) fn object(write: impl FnOnce(&mut Object<'_>)) -> String {
    let mut text = String::new();
    fields(write).write(&mut text);
    text
}

/// An object as the value of a field or an item.
pub(crate) fn fields<W: FnOnce(&mut Object<'_>)>(write: W) -> Fields<W> {
    Fields(write)
}

/// An array as the value of a field or an item.
pub(crate) fn list<I: IntoIterator<Item: Json>>(items: I) -> List<I> {
    List(items)
}

/// See [`fields`].
pub(crate) struct Fields<W>(W);

/// See [`list`].
pub(crate) struct List<I>(I);

impl Object<'_> {
    pub(crate) fn field(&mut self, name: &str, value: impl Json) -> &mut Self {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.text.push(',');
        }
        name.write(self.text);
        self.text.push(':');
        value.write(self.text);
        self
    }
}

impl<W: FnOnce(&mut Object<'_>)> Json for Fields<W> {
    fn write(self, text: &mut String) {
        text.push('{');
        (self.0)(&mut Object { text, is_empty: true });
        text.push('}');
    }
}

impl<I: IntoIterator<Item: Json>> Json for List<I> {
    fn write(self, text: &mut String) {
        text.push('[');
        for (at, item) in self.0.into_iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            item.write(text);
        }
        text.push(']');
    }
}

impl<T: Json> Json for Option<T> {
    fn write(self, text: &mut String) {
        match self {
            Some(value) => value.write(text),
            None => text.push_str("null"),
        }
    }
}

impl Json for &str {
    fn write(self, text: &mut String) {
        text.push('"');
        self.chars().for_each(|c| push_escaped(text, c));
        text.push('"');
    }
}

impl Json for String {
    fn write(self, text: &mut String) {
        self.as_str().write(text);
    }
}

impl Json for bool {
    fn write(self, text: &mut String) {
        text.push_str(if self { "true" } else { "false" });
    }
}

impl Json for u64 {
    fn write(self, text: &mut String) {
        text.push_str(&self.to_string());
    }
}

impl Json for u32 {
    fn write(self, text: &mut String) {
        u64::from(self).write(text);
    }
}

impl Json for usize {
    fn write(self, text: &mut String) {
        text.push_str(&self.to_string());
    }
}

/// Escapes what JSON demands, and what a terminal, a web page or a reader of lines would take for something else.
fn push_escaped(text: &mut String, c: char) {
    match c {
        '"' => text.push_str("\\\""),
        '\\' => text.push_str("\\\\"),
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
            text.push_str(&format!("\\u{:04x}", u32::from(c)));
        }
        c => text.push(c),
    }
}
