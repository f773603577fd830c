//! Reads what the processes wrote. The fields are those of `leakguard::guide::json`.

use crate::files;
use anyhow::Result;
use serde::Deserialize;
use std::path::Path;

/// What all processes of one run wrote.
#[derive(Debug, Default)]
pub struct Gathered {
    pub findings: Vec<Finding>,
    /// The lines of the findings, as they were written.
    pub lines: Vec<String>,
    pub processes: usize,
    /// Processes without a footer: they were killed, or aborted.
    pub cut_off: usize,
    pub tasks: u64,
    pub losses: u64,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Finding {
    pub code: String,
    pub certainty: Certainty,
    pub fingerprint: String,
    pub message: String,
    #[serde(default)]
    pub function: Option<String>,
    #[serde(default = "one")]
    pub count: u64,
    pub spawn: Option<Place>,
    pub wait: Option<Place>,
    /// Where the text points, the first first.
    #[serde(default)]
    pub marks: Vec<Place>,
    pub stack: Option<Vec<Frame>>,
    pub help: Option<String>,
    pub test: Option<Test>,
}

fn one() -> u64 {
    1
}

/// How sure leakguard is, from sure to unsure.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    Certain,
    Likely,
    Possible,
}

#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    pub file: String,
    pub line: u32,
    pub column: Option<u32>,
    pub function: Option<String>,
    pub kind: Option<String>,
    pub label: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Frame {
    pub origin: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Test {
    pub name: String,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line {
    Header,
    Finding(Box<Finding>),
    Repeat {
        fingerprint: String,
        more: u64,
    },
    Footer {
        tasks: Tasks,
        losses: std::collections::BTreeMap<String, u64>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Tasks {
    seen: u64,
}

pub fn read(directory: &Path) -> Result<Gathered> {
    let mut gathered = Gathered::default();
    if !directory.is_dir() {
        return Ok(gathered);
    }
    for name in files::entries(directory)? {
        let path = directory.join(&name);
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            gathered.take_in(&files::read(&path)?);
        }
    }
    Ok(gathered)
}

impl Gathered {
    fn take_in(&mut self, text: &str) {
        let start = self.findings.len();
        let mut is_closed = false;
        self.processes += 1;
        // The last line of a process that was killed may be half a line.
        for line in text.lines() {
            match serde_json::from_str(line) {
                Ok(Line::Finding(finding)) => {
                    self.findings.push(*finding);
                    self.lines.push(line.to_owned());
                }
                Ok(Line::Repeat { fingerprint, more }) => {
                    let written = self.findings[start..]
                        .iter_mut()
                        .find(|finding| finding.fingerprint == fingerprint);
                    if let Some(finding) = written {
                        finding.count += more;
                    }
                }
                Ok(Line::Footer { tasks, losses }) => {
                    is_closed = true;
                    self.tasks += tasks.seen;
                    self.losses += losses.values().sum::<u64>();
                }
                Ok(Line::Header | Line::Other) => {}
                Err(_) => self.losses += 1,
            }
        }
        self.cut_off += usize::from(!is_closed);
    }
}
