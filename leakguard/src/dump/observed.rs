//! Channels that keep their types: a line for each place that made one for somebody who still lives.

use super::Dump;
use super::resource::Names;
use crate::fact::observed::ObservedFacts;
use crate::report::observed::{reason, what};
use crate::vocabulary::WaitKind;
use std::collections::HashSet;
use std::fmt::{self, Formatter};
use std::sync::Arc;

/// So many places are shown; a program has more than anybody reads at night.
const SHOWN: usize = 16;

/// Those on whose kind a task waits come first.
pub(super) fn write(f: &mut Formatter<'_>, dump: &Dump, names: &Names<'_>) -> fmt::Result {
    if dump.observed.is_empty() {
        return Ok(());
    }
    let waits = waits(dump);
    let is_waited_on =
        |place: &ObservedFacts| waits.iter().any(|&wait| place.family.is_waited_on(wait));
    let relevant = |place: &&ObservedFacts| is_waited_on(place) || maker_lives(dump, place, names);
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
        "note: of an observed channel is known where it was created, not who has its ends; what is said of others is exact\n"
    )
}

/// What the tasks wait for, each once.
fn waits(dump: &Dump) -> HashSet<WaitKind> {
    let mut stacks: Vec<_> = dump.tasks.iter().flat_map(|task| task.stacks()).collect();
    // Tasks that were started together wait at one place, and share its stack.
    stacks.dedup_by(|one, other| Arc::ptr_eq(one, other));
    stacks.into_iter().map(|stack| stack.wait()).collect()
}

/// Whether somebody lives that made one.
fn maker_lives(dump: &Dump, place: &ObservedFacts, names: &Names<'_>) -> bool {
    let mut scopes = dump.scopes.iter().map(|s| s.id);
    place.task.is_some_and(|id| names.kind(id).is_some())
        || scopes.any(|id| place.scopes.contains(&id))
}

fn write_one(f: &mut Formatter<'_>, names: &Names<'_>, place: &ObservedFacts) -> fmt::Result {
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
