//! The program's debug information, read shortly before the first report may need it.
//!
//! To read it takes 10 ms and more, in a large program ten times that. A process in which everything ends long before
//! its limit never needs it, and in one where something does not, the report is not to come that much later. What still
//! works may need that time to end within its limit: so it is read only beside tasks that wait, and where there is more
//! than one processor.

use crate::check::scope::Reason;
use crate::clock::{self, Instant};
use crate::record::live::Live;
use crate::record::scope::ScopeRecord;
use crate::stack;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// So long before a limit it is read at the earliest.
const AHEAD: Duration = Duration::from_millis(200);
/// What was not polled for so long waits.
const STILL: Duration = Duration::from_millis(10);

static IS_READ: AtomicBool = AtomicBool::new(false);

/// When to read it for a scope that is judged at `at`: not before half of its time has passed. `None` where nothing is
/// to be read, or no more.
pub(crate) fn read_at(scope: &ScopeRecord, at: Instant, reason: Reason) -> Option<Instant> {
    if IS_READ.load(Relaxed) || reason == Reason::Still || scope.is_foreseen() {
        return None;
    }
    let since = scope
        .returned()
        .map_or(scope.entered, |(returned, _)| returned);
    Some(read_between(since, at))
}

fn read_between(since: Instant, at: Instant) -> Instant {
    let left = at.since(since);
    at.minus(left / 2).max(at.minus(AHEAD))
}

/// Reads it if all of the scope waits, on a thread of its own: the watchdog has other deadlines to keep. It is asked once
/// for each scope.
pub(crate) fn read(scope: &ScopeRecord, tasks: &[Live]) {
    scope.set_foreseen();
    let now = clock::now();
    let inside = |task: &&Live| task.scope().is_some_and(|s| s.is_inside(scope.id()));
    let waits = |task: &Live| !task.is_polling() && now.since(task.since()) >= STILL;
    let is_alone = !thread::available_parallelism().is_ok_and(|count| count.get() > 1);
    if is_alone || !tasks.iter().filter(inside).all(waits) {
        return;
    }
    if !IS_READ.swap(true, Relaxed) {
        let named = thread::Builder::new().name("leakguard".to_owned());
        // Where there is no thread to be had, the first report reads it.
        drop(named.spawn(stack::read_ahead));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_in_the_second_half_and_not_long_before_the_limit() {
        let ms = |ms: u64| Instant::from_nanos(ms * 1_000_000);
        assert_eq!(read_between(ms(100), ms(200)), ms(150));
        assert_eq!(read_between(ms(100), ms(120)), ms(110));
        assert_eq!(read_between(ms(0), ms(60_000)), ms(59_800));
        assert_eq!(read_between(ms(7), ms(7)), ms(7));
    }
}
