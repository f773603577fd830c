//! Folds alike findings into one with a count, in a stable order.

use crate::fact::cause::Edge;
use crate::fact::finding::Finding;
use crate::fact::position::Position;
use crate::fact::subject::{DeadlockSubject, Subject};
use crate::vocabulary::Code;
use std::cmp::Ordering;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What findings have in common that become one. Their order is the order of a report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FoldKey {
    code: Code,
    site: Position,
    wait: Option<Position>,
    cycle: Vec<Step>,
    /// A panic after the return of the test's function is not like one before.
    is_after: bool,
}

/// One edge of a deadlock: the site of its waiter, where it waits, and where the next one acquired that.
type Step = (Position, Option<Position>, Option<Position>);

impl FoldKey {
    pub(crate) fn of(finding: &Finding) -> Self {
        let cycle = match &finding.subject {
            Subject::Deadlock(deadlock) => rotated(deadlock),
            _ => Vec::new(),
        };
        let (site, wait) = match cycle.first() {
            Some((site, wait, _)) => (site.clone(), wait.clone()),
            None => (Position::of_location(finding.site().location()), finding.wait_place()),
        };
        let panic = match &finding.subject {
            Subject::Task(task) => task.problem.panic(),
            _ => None,
        };
        FoldKey {
            code: finding.code(),
            site,
            wait: panic.map_or(wait, |panic| panic.at.clone()),
            cycle,
            is_after: panic.is_some_and(|panic| panic.after.is_some()),
        }
    }
}

/// The cycle from the same edge on, whichever of its tasks it was found for.
fn rotated(deadlock: &DeadlockSubject) -> Vec<Step> {
    let step = |edge: &Edge| {
        let site = Position::of_location(edge.waiter.site.location());
        let at = [edge.wait_at, edge.held_at].map(|at| at.map(Position::of_location));
        let [wait, held] = at;
        (site, wait, held)
    };
    let mut steps: Vec<Step> = deadlock.blockage.cycle.iter().map(step).collect();
    let start = least_rotation(&steps);
    steps.rotate_left(start);
    steps
}

/// Where the rotation starts that is the least. Each comparison that finds a difference rules out all starts before it.
fn least_rotation<T: Ord>(all: &[T]) -> usize {
    let at = |n: usize| &all[n % all.len()];
    let (mut best, mut next, mut same) = (0, 1, 0);
    while next < all.len() && same < all.len() {
        match at(best + same).cmp(at(next + same)) {
            Ordering::Equal => {
                same += 1;
                continue;
            }
            Ordering::Less => next += same + 1,
            Ordering::Greater => {
                best = (best + same + 1).max(next);
                next = best + 1;
            }
        }
        same = 0;
    }
    best
}

/// The findings of one long cycle share its edges. They become one without a comparison of the edges.
fn merge_cycles(findings: Vec<Finding>) -> Vec<Finding> {
    let mut places: HashMap<*const Edge, usize> = HashMap::new();
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let cycle = match &finding.subject {
            Subject::Deadlock(deadlock) => Some(deadlock.blockage.cycle.as_ptr()),
            _ => None,
        };
        let place = cycle.map(|cycle| *places.entry(cycle).or_insert(merged.len()));
        let rest = match place.and_then(|place| merged.get_mut(place)) {
            Some(first) => absorb(first, finding),
            None => Some(finding),
        };
        merged.extend(rest);
    }
    merged
}

/// Folds `finding` into `first`. Returns it if the two differ in what is folded.
pub(crate) fn try_absorb(first: &mut Finding, finding: Finding) -> Option<Finding> {
    if FoldKey::of(first) != FoldKey::of(&finding) {
        return Some(finding);
    }
    absorb(first, finding)
}

/// Returns `finding` if it is of a kind that is not folded: the tasks of an overrun are not alike.
fn absorb(first: &mut Finding, finding: Finding) -> Option<Finding> {
    match (&mut first.subject, finding.subject) {
        (Subject::Task(own), Subject::Task(more)) => {
            own.tasks.absorb(more.tasks);
            own.behind.extend(more.behind);
        }
        (Subject::Deadlock(own), Subject::Deadlock(more)) => own.absorb(*more),
        (Subject::Channel(own), Subject::Channel(more)) => Arc::make_mut(own).absorb(&more),
        (Subject::Value(own), Subject::Value(more)) => own.values += more.values,
        (_, subject) => return Some(Finding { subject, ..finding }),
    }
    None
}

/// Folds findings with the same code, spawn site and wait, and deadlocks with the same cycle. Orders them by these, the
/// functions that overran first.
pub(crate) fn fold(findings: Vec<Finding>) -> Vec<Finding> {
    let mut folded: BTreeMap<FoldKey, Finding> = BTreeMap::new();
    let mut whole = Vec::new();
    for finding in merge_cycles(findings) {
        match folded.entry(FoldKey::of(&finding)) {
            _ if matches!(finding.subject, Subject::Call(_)) => whole.push(finding),
            Entry::Vacant(place) => {
                place.insert(finding);
            }
            Entry::Occupied(mut first) => whole.extend(absorb(first.get_mut(), finding)),
        }
    }
    whole.sort_by_cached_key(FoldKey::of);
    whole.extend(folded.into_values());
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_rotation_is_found_whatever_comes_first() {
        for count in 1..7 {
            for number in 0..3_usize.pow(count) {
                let all: Vec<usize> =
                    (0..count).map(|place| number / 3_usize.pow(place) % 3).collect();
                let turn = |by: usize| [&all[by..], &all[..by]].concat();
                let least = (0..all.len()).map(turn).min().unwrap();
                assert_eq!(turn(least_rotation(&all)), least, "{all:?}");
            }
        }
        assert_eq!(least_rotation::<u8>(&[]), 0);
    }
}
