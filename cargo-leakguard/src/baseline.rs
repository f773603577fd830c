//! Findings that are known, one entry each, with a reason. Keyed by fingerprint, which does not move with lines.

use crate::files;
use crate::summary::Group;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::path::Path;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

const HEAD: &str = "# Findings of leakguard that are known. Say why each may stay.\n\n";
const ENTRY: &str = "finding";

pub struct Baseline {
    document: DocumentMut,
}

impl Baseline {
    /// A file that does not exist is an empty baseline.
    pub fn read(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(Baseline { document: HEAD.parse().unwrap_or_default() });
        }
        let text = files::read(path)?;
        let document: DocumentMut = text
            .parse()
            .with_context(|| format!("cannot parse the baseline {}", path.display()))?;
        for entry in entries(&document) {
            if entry.get("fingerprint").and_then(Item::as_str).is_none() {
                bail!("an entry of the baseline {} has no `fingerprint`", path.display());
            }
        }
        Ok(Baseline { document })
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        files::write(path, &self.document.to_string())
    }

    /// What is not known yet, and how many are. Entries that were not seen are named on standard error.
    pub fn apply(&self, groups: Vec<Group>) -> (Vec<Group>, usize) {
        let known: BTreeSet<_> = entries(&self.document).filter_map(fingerprint).collect();
        let seen: BTreeSet<_> =
            groups.iter().map(|group| group.first.fingerprint.clone()).collect();
        for entry in entries(&self.document) {
            if fingerprint(entry).is_some_and(|print| !seen.contains(print)) {
                let text = |key| entry.get(key).and_then(Item::as_str).unwrap_or("?");
                eprintln!(
                    "leakguard: no longer seen: {} in {} ({})",
                    text("code"),
                    text("function"),
                    text("path")
                );
            }
        }
        let before = groups.len();
        let new: Vec<_> =
            groups.into_iter().filter(|group| !known.contains(&*group.first.fingerprint)).collect();
        let count = before - new.len();
        (new, count)
    }

    /// Adds what is new, and removes what was not seen.
    pub fn update(&mut self, groups: &[Group]) {
        let seen: BTreeSet<_> = groups.iter().map(|group| &*group.first.fingerprint).collect();
        let list =
            self.document.entry(ENTRY).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        let Some(list) = list.as_array_of_tables_mut() else {
            return;
        };
        list.retain(|entry| fingerprint(entry).is_some_and(|print| seen.contains(print)));
        let mut known: BTreeSet<String> =
            list.iter().filter_map(fingerprint).map(str::to_owned).collect();
        for group in groups {
            if known.insert(group.first.fingerprint.clone()) {
                list.push(entry(group));
            }
        }
    }
}

fn entries(document: &DocumentMut) -> impl Iterator<Item = &Table> {
    document.get(ENTRY).and_then(Item::as_array_of_tables).into_iter().flatten()
}

fn fingerprint(entry: &Table) -> Option<&str> {
    entry.get("fingerprint")?.as_str()
}

fn entry(group: &Group) -> Table {
    let finding = &group.first;
    let place = finding.spawn.as_ref().or(finding.wait.as_ref());
    let mut entry = Table::new();
    entry["code"] = value(&finding.code);
    entry["path"] = value(place.map_or("", |place| &place.file));
    entry["function"] = value(finding.function.as_deref().unwrap_or(""));
    entry["fingerprint"] = value(&finding.fingerprint);
    entry["reason"] = value("");
    entry
}
