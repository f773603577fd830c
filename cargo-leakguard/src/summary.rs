//! One finding for each code, spawn and wait, and one screen of text.

use crate::gather::{Finding, Gathered, Place};
use crate::grade::{self, Grade};
use crate::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Maximum number of lines of all findings together.
const LINES: usize = 40;
/// Maximum number of tests that are named for a finding.
const TESTS: usize = 3;

/// Like findings, from all processes.
#[derive(Debug)]
pub struct Group {
    pub grade: Grade,
    pub first: Finding,
    pub count: u64,
    pub tests: BTreeSet<String>,
}

/// Groups the findings: bad ones first, then the user's own places, then those seen most.
pub fn groups(gathered: &Gathered) -> Vec<Group> {
    let mut groups: BTreeMap<_, Group> = BTreeMap::new();
    for finding in &gathered.findings {
        let spot =
            |place: &Option<Place>| place.as_ref().map(|place| (place.file.clone(), place.line));
        let key = (finding.code.clone(), spot(&finding.spawn), spot(&finding.wait));
        let group = groups.entry(key).or_insert_with(|| Group {
            grade: grade::grade(finding),
            first: finding.clone(),
            count: 0,
            tests: BTreeSet::new(),
        });
        group.count += finding.count;
        group.grade = group.grade.min(grade::grade(finding));
        group.tests.extend(finding.test.iter().map(|test| test.name.clone()));
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|group| {
        let is_foreign =
            group.first.spawn.as_ref().is_some_and(|spawn| grade::is_foreign(&spawn.file));
        (group.grade, is_foreign, std::cmp::Reverse(group.count))
    });
    groups
}

pub fn text(plan: &Plan, gathered: &Gathered, groups: &[Group], known: usize) -> String {
    let mut out = headline(gathered, groups, known);
    let mut left = LINES;
    for (at, group) in groups.iter().filter(|group| group.grade != Grade::Note).enumerate() {
        let text = block(plan, group);
        let lines = text.lines().count() + 1;
        if lines > left {
            let rest = groups.iter().filter(|group| group.grade != Grade::Note).count() - at;
            let _ = writeln!(out, "\n... and {rest} more: `--json FILE` writes all of them");
            break;
        }
        left -= lines;
        out.push('\n');
        out.push_str(&text);
    }
    out
}

fn headline(gathered: &Gathered, groups: &[Group], known: usize) -> String {
    let count = |grade| groups.iter().filter(|group| group.grade == grade).count();
    let [errors, warnings, notes] = [Grade::Error, Grade::Warning, Grade::Note].map(count);
    let mut out = format!(
        "leakguard: {}, {}, {}; watched {}\n",
        number(errors, "error"),
        number(warnings, "warning"),
        number(notes, "note"),
        watched(gathered),
    );
    if known > 0 {
        let _ = writeln!(out, "  {} in the baseline", number(known, "finding"));
    }
    if gathered.cut_off > 0 {
        let _ = writeln!(
            out,
            "  {} ended before its end was written: what it found last may be missing",
            number(gathered.cut_off, "process")
        );
    }
    if gathered.losses > 0 {
        let _ = writeln!(out, "  {} lost", number(gathered.losses as usize, "detail"));
    }
    out
}

/// A process that was killed has not written how many tasks it had.
fn watched(gathered: &Gathered) -> String {
    let processes = match gathered.processes {
        1 => "1 process".to_owned(),
        count => format!("{count} processes"),
    };
    if gathered.cut_off == gathered.processes {
        return processes;
    }
    format!("{} in {processes}", number(gathered.tasks as usize, "task"))
}

pub fn number(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ if noun.ends_with('s') => format!("{count} {noun}es"),
        _ => format!("{count} {noun}s"),
    }
}

/// A finding as rustc tells an error: `file:line` first, then what is known.
fn block(plan: &Plan, group: &Group) -> String {
    let finding = &group.first;
    let mut out =
        format!("{}[{}]: {}\n", group.grade.word(), finding.code, short(plan, &finding.message));
    for (at, mark) in finding.marks.iter().enumerate() {
        let arrow = if at == 0 { "-->" } else { ":::" };
        let label = mark.label.as_deref().map(|label| format!("  {label}")).unwrap_or_default();
        let _ = writeln!(out, "  {arrow} {}{label}", shown(plan, mark));
    }
    if let Some(spawn) = finding.spawn.as_ref().filter(|spawn| !is_marked(finding, spawn)) {
        let _ = writeln!(out, "   = spawned at {}", shown(plan, spawn));
    }
    if let Some(help) = &finding.help {
        let _ = writeln!(out, "   = help: {}", short(plan, help));
    }
    if !group.tests.is_empty() {
        let named: Vec<_> = group.tests.iter().take(TESTS).map(String::as_str).collect();
        let more = group.tests.len() - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(
            out,
            "   = in {}: {}{more}",
            number(group.tests.len(), "test"),
            named.join(", ")
        );
    }
    out
}

/// Whether a mark of the finding is in the line of `place`.
fn is_marked(finding: &Finding, place: &Place) -> bool {
    finding.marks.iter().any(|mark| (&mark.file, mark.line) == (&place.file, place.line))
}

fn shown(plan: &Plan, place: &Place) -> String {
    let file = short(plan, &place.file);
    match place.column {
        Some(column) => format!("{file}:{}:{column}", place.line),
        None => format!("{file}:{}", place.line),
    }
}

/// Paths as the user knows them: below the workspace's root, and `axum-0.8.9/src/extract/ws.rs` for a file of a library.
fn short(plan: &Plan, text: &str) -> String {
    let text = text.replace(&format!("{}/", plan.scratch().display()), "");
    let words = text.split(' ').map(|word| match word.split_once("/registry/src/") {
        Some((_, rest)) => rest.split_once('/').map_or(rest, |(_, file)| file),
        None => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_counted_only_where_a_process_told_them() {
        let mut gathered = Gathered { processes: 2, cut_off: 1, tasks: 3, ..Gathered::default() };
        assert_eq!(watched(&gathered), "3 tasks in 2 processes");
        gathered.cut_off = 2;
        assert_eq!(watched(&gathered), "2 processes");
    }
}
