//! Which tasks a runtime left behind before, so that a test that creates a thousand runtimes need not wait for each.

use crate::lock::Lock;
use crate::record::live::Live;
use crate::record::scope::ScopeRecord;
use crate::registry;
use std::collections::{HashMap, HashSet};
use std::ptr;

/// How often tasks of one place are judged in one test.
const TIMES: u32 = 2;

/// The addresses of the sites of a scope and of a task.
type Place = (usize, usize);

static TOLD: Lock<Option<HashMap<Place, u32>>> = Lock::new(None);

/// Whether all tasks that `scope` leaves behind are of places that were judged often enough in the same test.
pub(super) fn is_told(scope: &ScopeRecord) -> bool {
    let places = places(scope);
    let told = TOLD.lock();
    let often = |place| told.as_ref().and_then(|told| told.get(place)) >= Some(&TIMES);
    !places.is_empty() && places.iter().all(often)
}

/// Notes that the tasks that `scope` leaves behind were judged.
pub(super) fn note(scope: &ScopeRecord) {
    let places = places(scope);
    let mut told = TOLD.lock();
    let told = told.get_or_insert_default();
    places.into_iter().for_each(|place| *told.entry(place).or_default() += 1);
}

fn places(scope: &ScopeRecord) -> HashSet<Place> {
    let inside = |task: &Live| task.scope().is_some_and(|s| s.is_inside(scope.id()));
    let tasks = registry::global().tasks().into_iter().filter(inside);
    let left = tasks.filter(|task| !task.is_background() && !task.kind().is_call());
    let own = ptr::from_ref(scope.site()).addr();
    left.map(|task| (own, ptr::from_ref(task.site).addr())).collect()
}
