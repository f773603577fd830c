//! A wait inside a library for what the library itself made. The user can change neither half of it.

use crate::fact::subject::Condition;
use crate::report::case::Case;
use crate::report::note::Note;
use crate::report::remedy::Remedy;
use crate::stack::{Class, LibraryCall};
use crate::vocabulary::WaitKind;

impl Case<'_> {
    /// The call of the library, if the task waits in one for neither a timer nor I/O. A pool may have a deadline beside its
    /// permits.
    pub(crate) fn library(&self) -> Option<LibraryCall> {
        let is_wait = match self.condition {
            Condition::Blocked(_) => true,
            Condition::TimerOrIo(_) => self.task.wait() == Some(WaitKind::SemaphoreAcquire),
            _ => false,
        };
        let blocked = is_wait && self.blockage.is_none();
        let own = !matches!(self.class(), Class::Timer | Class::Io | Class::Yield);
        let stack = self.task.stacks().first().filter(|_| blocked && own)?;
        stack.library()
    }

    pub(crate) fn library_note(&self) -> Option<Note> {
        let call = self.library()?;
        let version = call.version.map_or_else(String::new, |version| format!(" {version}"));
        let (package, function) = (call.package, call.function);
        let text =
            format!("`{package}`{version}, in `{function}`, waiting for its own {}", self.own());
        Some(("inside", vec![text]))
    }

    /// What the library waits for.
    fn own(&self) -> &'static str {
        use WaitKind as W;
        match self.task.wait().unwrap_or_default() {
            W::OneshotReceive | W::OneshotClosed | W::FuturesOneshot => "oneshot",
            W::MpscReceive | W::MpscSend | W::MpscClosed => "channel",
            W::BroadcastReceive | W::BroadcastClosed => "broadcast channel",
            W::WatchChange | W::WatchClosed => "watch channel",
            W::MutexLock => "mutex",
            W::RwLock | W::RwLockRead | W::RwLockWrite => "rwlock",
            W::SemaphoreAcquire => "semaphore",
            W::Join | W::JoinSet | W::TaskTracker => "tasks",
            W::Notified | W::EventListener | W::Cancellation => "signal",
            _ => "future",
        }
    }
}

impl Remedy<'_> {
    /// What the user can do about it.
    pub(crate) fn limit_library(&self) -> Option<String> {
        // A peer may end what is not known, and a library that has the task may wait for another signal of the user's.
        let is_known = !matches!(self.case.task.wait(), None | Some(WaitKind::Unknown));
        if self.case.task.site.is_visit() && !is_known {
            return None;
        }
        let (package, wait) = (self.case.library()?.package, &self.wait);
        let deadline = match self.knows_wait {
            true => format!("put a deadline around {wait} with `tokio::time::timeout`"),
            false => format!("give {wait} a deadline"),
        };
        Some(match self.case.task.wait() {
            Some(WaitKind::SemaphoreAcquire) => format!(
                "look for what else holds the permits of `{package}`, such as a connection, transaction or guard that is kept across {wait}, or {deadline}"
            ),
            _ => format!(
                "only `{package}` could end its wait: {deadline}, or end it by what `{package}` has for that, such as its own shut-down"
            ),
        })
    }
}
