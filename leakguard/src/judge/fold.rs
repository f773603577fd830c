//! Many findings of one kind at one place become one with a count, in a stable order.

use crate::record::finding::{Code, Finding};
use std::collections::BTreeMap;

type Key = (Code, (String, u32, u32), Option<(String, u32, u32)>);

fn key(finding: &Finding) -> Key {
    let site = finding.site().location();
    let started = (site.file().to_owned(), site.line(), site.column());
    (finding.code(), started, finding.place())
}

/// Folds findings with the same code, spawn site and wait; orders them by these.
pub(crate) fn fold(findings: Vec<Finding>) -> Vec<Finding> {
    let mut folded: BTreeMap<Key, Finding> = BTreeMap::new();
    let mut whole = Vec::new();
    for finding in findings {
        // The tasks of an overrun are not of one kind.
        if finding.code == Code::Overrun {
            whole.push(finding);
            continue;
        }
        match folded.entry(key(&finding)) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(finding);
            }
            std::collections::btree_map::Entry::Occupied(mut first) => {
                first.get_mut().tasks.extend(finding.tasks);
            }
        }
    }
    whole.sort_by_key(key);
    whole.extend(folded.into_values());
    whole
}
