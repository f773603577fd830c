//! What a finding means for a suite: most suites leave servers running.

use crate::gather::{Certainty, Finding};

/// From bad to harmless.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Grade {
    Error,
    Warning,
    Note,
}

impl Grade {
    pub fn word(self) -> &'static str {
        match self {
            Grade::Error => "error",
            Grade::Warning => "warning",
            Grade::Note => "note",
        }
    }
}

pub fn grade(finding: &Finding) -> Grade {
    let is_certain = finding.certainty == Certainty::Certain;
    match finding.code.as_str() {
        "LG007" | "LG009" | "LG014" | "LG017" => Grade::Error,
        "LG003" | "LG004" | "LG006" if is_certain => Grade::Error,
        "LG002" | "LG013" if serves(finding) || is_a_librarys(finding) => Grade::Note,
        _ => Grade::Warning,
    }
}

/// What an accept loop waits for.
const ACCEPTS: [&str; 3] = ["tcp accept", "unix accept", "udp receive"];

/// Whether the task waits for new peers.
fn serves(finding: &Finding) -> bool {
    let kind = finding.wait.as_ref().and_then(|wait| wait.kind.as_deref());
    kind.is_some_and(|kind| ACCEPTS.contains(&kind))
}

/// Whether no line of the user's has to do with the task.
fn is_a_librarys(finding: &Finding) -> bool {
    let is_users = |file: &str| !is_foreign(file);
    let spawned = finding.spawn.as_ref().is_some_and(|spawn| is_users(&spawn.file));
    let waits = finding.wait.as_ref().is_some_and(|wait| is_users(&wait.file));
    let stacked =
        finding.stack.iter().flatten().any(|frame| frame.origin.as_deref() == Some("user"));
    !(spawned || waits || stacked)
}

/// Whether cargo or rustup, and not the user, has the file.
pub fn is_foreign(file: &str) -> bool {
    file.contains("/registry/src/")
        || file.contains("/git/checkouts/")
        || file.starts_with("/rustc/")
}
