//! Reads the program's debug information shortly before the first report may need it.
//!
//! That takes 10 ms, and a second in a large program. A process in which everything ends long before its limit
//! never needs it. Otherwise the report should not be late by that time. Tasks that still work may need the processor to
//! end within their limit, so this happens only while all of them wait, if there is more than one processor, and if the process gets it.

use crate::check::due::Reason;
use crate::clock::{self, Instant, pulse};
use crate::record::live::Live;
use crate::record::scope::ScopeRecord;
use crate::stack;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// How long before a limit the information is read at the earliest.
const AHEAD: Duration = Duration::from_millis(200);
/// How long ago the last poll of a waiting task was.
const STILL: Duration = Duration::from_millis(10);

static IS_READ: AtomicBool = AtomicBool::new(false);

/// When to read it for a scope that is judged at `at`: not before half of its time has passed. `None` if there is
/// nothing left to read.
pub(crate) fn read_at(scope: &ScopeRecord, at: Instant, reason: Reason) -> Option<Instant> {
    let is_judged = matches!(reason, Reason::Overrun | Reason::Limit);
    if IS_READ.load(Relaxed) || !is_judged || scope.is_foreseen() {
        return None;
    }
    let since = scope.returned().map_or(scope.entered, |(returned, _)| returned);
    Some(read_between(since, at))
}

fn read_between(since: Instant, at: Instant) -> Instant {
    let left = at.since(since);
    at.minus(left / 2).max(at.minus(AHEAD))
}

/// Reads it on a thread of its own if all tasks of the scope wait, because the watchdog has other deadlines to keep.
/// Does so at most once for each scope.
pub(crate) fn read(scope: &ScopeRecord, tasks: &[Live]) {
    scope.set_foreseen();
    let now = clock::now();
    let inside = |task: &&Live| task.scope().is_some_and(|s| s.is_inside(scope.id()));
    let waits = |task: &Live| !task.is_polling() && now.since(task.since()) >= STILL;
    let is_starved = pulse::overslept_since(scope.entered) >= STILL;
    let is_alone = !thread::available_parallelism().is_ok_and(|count| count.get() > 1);
    if is_alone || is_starved || !tasks.iter().filter(inside).all(waits) {
        return;
    }
    if !IS_READ.swap(true, Relaxed) {
        let named = thread::Builder::new().name("leakguard".to_owned());
        // If no thread can be started, the first report reads it.
        drop(named.spawn(stack::read_ahead));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scope;
    use crate::vocabulary::Code;
    use std::future::poll_fn;
    use std::sync::mpsc;
    use std::task::Poll;
    use tokio::runtime::Builder;
    use tokio::sync::oneshot;

    /// The lock is held as long as it takes to read the debug information of a large program. If the probed poll waited
    /// for it, this test would not end.
    #[test]
    fn probed_task_responds_while_debug_information_is_read() {
        let reading = stack::hold_symbols();
        let (responded, response) = mpsc::channel();
        let program = thread::spawn(move || {
            let (polled, is_polled) = oneshot::channel();
            let mut polled = Some(polled);
            let waits = poll_fn(move |cx| {
                drop(cx.waker().clone());
                match polled.take() {
                    Some(polled) => polled.send(()).unwrap(),
                    None => drop(responded.send(())),
                }
                Poll::<()>::Pending
            });
            let body = async {
                drop(crate::task::spawn(waits));
                is_polled.await.unwrap();
            };
            let runtime = Builder::new_current_thread().enable_time().build().unwrap();
            let scope = Scope::new("while names are read").grace(Duration::from_millis(1));
            runtime.block_on(scope.find(body)).unwrap_err()
        });
        response.recv().unwrap();
        drop(reading);
        let report = program.join().unwrap();
        let codes: Vec<_> = report.iter().map(|finding| finding.code()).collect();
        assert_eq!(codes, [Code::LeakedTask], "{report}");
        assert!(!report.render(false).contains("busy"), "{report}");
    }

    #[test]
    fn reading_starts_in_the_second_half_and_shortly_before_the_limit() {
        let ms = |ms: u64| Instant::from_nanos(ms * 1_000_000);
        assert_eq!(read_between(ms(100), ms(200)), ms(150));
        assert_eq!(read_between(ms(100), ms(120)), ms(110));
        assert_eq!(read_between(ms(0), ms(60_000)), ms(59_800));
        assert_eq!(read_between(ms(7), ms(7)), ms(7));
    }
}
