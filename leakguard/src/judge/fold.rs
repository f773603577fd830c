//! Many findings of one kind at one place become one with a count, in a stable order.

use crate::fact::finding::Finding;
use crate::fact::position::Position;
use crate::fact::story::Story;
use crate::vocabulary::Code;
use std::collections::BTreeMap;
use std::sync::Arc;

type Key = (Code, Position, Option<Position>);

fn key(finding: &Finding) -> Key {
    let started = Position::of_location(finding.site().location());
    (finding.code(), started, finding.wait_place())
}

/// Folds `finding` into `first`; gives it back where the two differ in code, spawn site or wait.
pub(crate) fn try_absorb(first: &mut Finding, finding: Finding) -> Option<Finding> {
    if finding.is_overrun() || key(first) != key(&finding) {
        return Some(finding);
    }
    absorb(first, finding);
    None
}

fn absorb(first: &mut Finding, finding: Finding) {
    match (&mut first.story, &finding.story) {
        (Some(Story::Channel(story)), Some(Story::Channel(more))) => {
            Arc::make_mut(story).absorb(more);
        }
        (Some(Story::Value(story)), Some(Story::Value(more))) => story.values += more.values,
        _ => {}
    }
    first.tasks.extend(finding.tasks);
}

/// Folds findings with the same code, spawn site and wait; orders them by these.
pub(crate) fn fold(findings: Vec<Finding>) -> Vec<Finding> {
    let mut folded: BTreeMap<Key, Finding> = BTreeMap::new();
    let mut whole = Vec::new();
    for finding in findings {
        // The tasks of an overrun are not of one kind.
        if finding.is_overrun() {
            whole.push(finding);
            continue;
        }
        match folded.entry(key(&finding)) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(finding);
            }
            std::collections::btree_map::Entry::Occupied(mut first) => {
                absorb(first.get_mut(), finding);
            }
        }
    }
    whole.sort_by_key(key);
    whole.extend(folded.into_values());
    whole
}
