//! Channels that keep their types: a line for each place that created one for a task that is alive.

use super::Dump;
use super::name::TaskNames;
use crate::fact::observed::ObservedFacts;
use crate::report::observed::{reason, what};
use crate::vocabulary::WaitKind;
use std::collections::HashSet;
use std::fmt::{self, Formatter};
use std::sync::Arc;

/// Maximum number of places shown. A program may have thousands.
const SHOWN: usize = 16;

/// Those on whose kind a task waits come first.
pub(super) fn write(f: &mut Formatter<'_>, dump: &Dump, names: &TaskNames<'_>) -> fmt::Result {
    if dump.observed.is_empty() {
        return Ok(());
    }
    let waits = waits(dump);
    let is_waited_on =
        |place: &ObservedFacts| waits.iter().any(|&wait| place.family.is_waited_on(wait));
    let relevant =
        |place: &&ObservedFacts| is_waited_on(place) || creator_is_alive(dump, place, names);
    let mut places: Vec<_> = dump.observed.iter().filter(relevant).collect();
    places.sort_by_key(|place| !is_waited_on(place));
    if places.is_empty() {
        return Ok(());
    }
    for place in places.iter().take(SHOWN) {
        write_one(f, names, place)?;
    }
    if let Some(more @ 1..) = places.len().checked_sub(SHOWN) {
        writeln!(f, "… and {more} more places")?;
    }
    writeln!(
        f,
        "note: of an observed channel only its place of creation is known; the facts on other channels are exact\n"
    )
}

/// What the tasks wait for, each once.
fn waits(dump: &Dump) -> HashSet<WaitKind> {
    let mut stacks: Vec<_> = dump.tasks.iter().flat_map(|task| task.stacks()).collect();
    // Tasks that were spawned together wait at one place, and share its stack.
    stacks.dedup_by(|one, other| Arc::ptr_eq(one, other));
    stacks.into_iter().map(|stack| stack.wait()).collect()
}

/// Whether a task or scope that created one is alive.
fn creator_is_alive(dump: &Dump, place: &ObservedFacts, names: &TaskNames<'_>) -> bool {
    let mut scopes = dump.scopes.iter().map(|s| s.id);
    place.task.is_some_and(|id| names.kind(id).is_some())
        || scopes.any(|id| place.scopes.contains(&id))
}

fn write_one(f: &mut Formatter<'_>, names: &TaskNames<'_>, place: &ObservedFacts) -> fmt::Result {
    let times = match place.times {
        1 => String::new(),
        times => format!(", {times} times, the last"),
    };
    writeln!(
        f,
        "observed: {} created at {}{times} by {}; {}",
        what(place),
        place.created,
        names.of(place.task),
        reason(place)
    )
}
