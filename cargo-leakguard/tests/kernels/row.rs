//! Compares the findings on the forms of a kernel with its description.

use serde_json::Value;
use std::fmt;
use std::fs;
use std::path::Path;

/// A task or body that must be found, at the lines with its mark.
struct Place {
    mark: String,
    spawned: bool,
    blocks: bool,
    code: String,
}

pub struct Row {
    module: String,
    name: String,
    file: String,
    code: String,
    cause: String,
    places: Vec<Place>,
    silent: Vec<String>,
    source: Vec<String>,
}

/// The findings on a leaking form.
pub struct Outcome {
    pub row: String,
    threads: &'static str,
    expected: String,
    pub found: Vec<String>,
    pub code: bool,
    pub cause: bool,
    /// Findings beside those that are expected.
    pub extra: Vec<String>,
}

impl Row {
    pub fn parse(line: &str, directory: &Path) -> Self {
        let fields: Vec<_> = line.split('\t').map(str::to_owned).collect();
        let [module, name, file, code, cause, places, silent] =
            fields.try_into().expect("seven fields");
        let list = |text: &str| text.split(';').map(str::to_owned).collect::<Vec<_>>();
        let place = |text: &String| {
            let parts: Vec<_> = text.split(',').collect();
            let [mark, code, _, spawned, blocks] = parts[..] else { panic!("{text}") };
            let (mark, code) = (mark.to_owned(), code.to_owned());
            Place { mark, code, spawned: spawned == "true", blocks: blocks == "true" }
        };
        let text = fs::read_to_string(directory.join(&file)).expect("the kernel's file");
        let places = list(&places).iter().map(place).collect();
        let source = text.lines().map(str::to_owned).collect();
        let cause = snake(&cause);
        Row { places, silent: list(&silent), source, module, name, file, code, cause }
    }

    /// On one thread and on two.
    pub fn outcomes(&self, findings: &[Value]) -> Vec<Outcome> {
        ["One", "Two"].into_iter().map(|threads| self.outcome(findings, threads)).collect()
    }

    fn outcome(&self, findings: &[Value], threads: &'static str) -> Outcome {
        let own: Vec<_> = of_test(findings, &format!("{}::leaking::{threads}", self.module));
        let is_cycle = self.cause == "cycle";
        let roots = if is_cycle { &self.places[..] } else { &self.places[..1] };
        let rooted = own.iter().filter(|f| roots.iter().any(|place| self.is_at(f, place)));
        let matching: Vec<_> = rooted.filter(|f| f["code"] == self.code).collect();
        let is_known = |f: &Value| {
            let right = f["code"] == self.code
                || self.places.iter().any(|p| f["code"] == p.code)
                || ["LG003", "LG004", "LG009", "LG017"].iter().any(|code| f["code"] == *code);
            right && self.places.iter().any(|place| self.is_at(f, place))
        };
        let mut extra: Vec<_> = own.iter().filter(|f| !is_known(f)).map(|f| brief(f)).collect();
        if own.len() > self.places.len() {
            extra.push(format!("{} findings for {} places", own.len(), self.places.len()));
        }
        Outcome {
            row: self.name.clone(),
            threads,
            expected: format!("{} {}", self.code, self.cause),
            found: own.iter().map(|f| brief(f)).collect(),
            code: !matching.is_empty(),
            cause: matching.iter().any(|f| cause(f) == self.cause),
            extra,
        }
    }

    /// The findings on its forms that have no bug.
    pub fn noise(&self, findings: &[Value]) -> Vec<String> {
        let names = self.silent.iter().flat_map(|form| {
            ["One", "Two"].map(|threads| format!("{}::{form}::{threads}", self.module))
        });
        let noise = |name: String| -> Vec<_> {
            let found = of_test(findings, &name);
            found.into_iter().map(|f| format!("{name} has no bug: {}", brief(f))).collect()
        };
        names.flat_map(noise).collect()
    }

    fn is_at(&self, finding: &Value, place: &Place) -> bool {
        let (spawn, wait) = (self.line("spawn", place), self.line("wait", place));
        if finding["code"] == "LG009" {
            return self.names(finding, wait) && (!place.spawned || self.names(finding, spawn));
        }
        let at = &finding["wait"]["line"];
        let waits = if at.is_null() { place.blocks } else { *at == wait };
        waits && (!place.spawned || finding["spawn"]["line"] == spawn)
    }

    /// Whether any place of the finding is that line.
    fn names(&self, finding: &Value, line: usize) -> bool {
        match finding {
            Value::Object(fields) => {
                let is_here = fields.get("line").is_some_and(|at| *at == line)
                    && fields["file"].as_str().is_some_and(|file| file.ends_with(&self.file));
                is_here || fields.values().any(|value| self.names(value, line))
            }
            Value::Array(all) => all.iter().any(|value| self.names(value, line)),
            _ => false,
        }
    }

    /// The number of the kernel's line that ends in `// what: mark` or, without such a line, in `// what`.
    fn line(&self, what: &str, place: &Place) -> usize {
        let head = format!("mod {} {{", self.module);
        let first = self.source.iter().position(|line| *line == head).expect("the kernel");
        let lines: Vec<_> = self.source[first..].iter().take_while(|line| *line != "}").collect();
        let ends = |end: &str| lines.iter().position(|line| line.ends_with(end));
        ends(&format!("// {what}: {}", place.mark))
            .or_else(|| ends(&format!("// {what}")))
            .map_or(0, |at| first + at + 1)
    }
}

impl Outcome {
    /// The code and the cause are those that are expected, and nothing else is told.
    pub fn is_right(&self) -> bool {
        self.code && self.cause && self.extra.is_empty()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match (self.code, self.cause, self.extra.is_empty()) {
            (true, true, true) => "right",
            (true, true, false) => "MORE",
            (true, false, _) => "CAUSE",
            (false, ..) => "CODE",
        };
        let found = self.found.join(" | ");
        write!(f, "{:<32} {} {:<26} {word:<6} {found}", self.row, self.threads, self.expected)?;
        self.extra.iter().try_for_each(|extra| write!(f, "\n        beside: {extra}"))
    }
}

fn of_test<'a>(findings: &'a [Value], name: &str) -> Vec<&'a Value> {
    findings.iter().filter(|finding| finding["test"]["name"] == name).collect()
}

/// A wait for I/O is known by its verdict.
fn cause(finding: &Value) -> String {
    match finding["cause"].as_str() {
        None if finding["verdict"]["kind"] == "timer_or_io" => "io".into(),
        cause => cause.unwrap_or("none").into(),
    }
}

fn brief(finding: &Value) -> String {
    let at = |place: &Value| place["line"].to_string();
    let (code, count) = (finding["code"].as_str().unwrap_or_default(), &finding["count"]);
    let places = format!("{}->{}", at(&finding["spawn"]), at(&finding["wait"]));
    format!("{code} {} {count}x {places}", cause(finding))
}

/// `HeldByItself` as `held_by_itself`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}
