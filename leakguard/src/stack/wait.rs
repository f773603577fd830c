//! What a leaf waits for, in words, by one table of functions; knows nothing of stacks beyond their functions' names.

mod blocking;

use std::fmt;

use Class::{Channel, Io, Join, Lock, Other, Signal, Timer, Yield};

/// What kind of thing can end a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Class {
    /// Whoever holds the lock or the permit.
    Lock,
    /// The other end of a channel.
    Channel,
    /// The clock.
    Timer,
    /// The world outside: a peer, a file, a child process, a signal of the operating system.
    Io,
    /// Another task.
    Join,
    /// A call by another task, without a value: a notification, a cancellation, a barrier.
    Signal,
    /// Nothing: the task only let others go first.
    Yield,
    /// Unknown.
    Other,
}

/// What a [`Stack`](super::Stack) waits for, such as `mpsc receive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wait {
    words: &'static str,
    class: Class,
}

/// A pattern, the words for it, and its class.
type Row = (&'static str, &'static str, Class);

/// The first row that matches wins, so what is built on something else
/// stands above it.
///
/// A pattern is the start of a function's path, then perhaps the start of its last segment; `in` joins two patterns
/// that must both occur. Where a module does one thing only, its path alone is the better pattern: types and async
/// functions have no names with `debug = "line-tables-only"`. Where it does several, a row for each stands above one
/// that says no more than is sure.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("tokio::task::yield_now", "yield", Yield),
    ("tokio::task::coop poll_proceed", "yield", Yield),
    ("tokio::runtime::context defer", "yield", Yield),
    // What libraries build on channels and locks.
    ("reqwest::async_impl::client", "http request", Io),
    ("hyper_util::client::legacy::client", "http request", Io),
    ("hyper::body", "http body", Io),
    ("tower::buffer", "tower buffer", Channel),
    ("tokio_util::sync::cancellation_token", "cancellation", Signal),
    ("tokio_util::task::task_tracker", "task tracker", Join),
    ("tokio_util::time::delay_queue", "delay queue", Timer),
    ("tokio::process", "process wait", Io),
    ("tokio::signal", "signal", Io),
    ("tokio::task::join_set", "join set", Join),
    ("tokio::fs", "file", Io),
    ("tokio::io::blocking", "blocking I/O", Io),
    ("tokio::io::util::mem poll_write", "duplex write", Channel),
    ("tokio::io::util::mem", "duplex read", Channel),
    // Channels.
    ("tokio::sync::notify in tokio::sync::mpsc", "mpsc closed", Channel),
    ("tokio::sync::mpsc::chan recv", "mpsc receive", Channel),
    ("tokio::sync::mpsc::bounded", "mpsc send", Channel),
    ("tokio::sync::oneshot poll_closed", "oneshot closed", Channel),
    ("tokio::sync::oneshot", "oneshot receive", Channel),
    ("tokio::sync::broadcast closed", "broadcast closed", Channel),
    ("tokio::sync::broadcast", "broadcast receive", Channel),
    ("tokio::sync::barrier", "barrier", Signal),
    ("tokio::sync::watch closed", "watch closed", Channel),
    ("tokio::sync::watch", "watch change", Channel),
    ("flume::async::RecvFut", "flume receive", Channel),
    ("flume::async::RecvStream", "flume receive", Channel),
    ("flume::async::SendFut", "flume send", Channel),
    ("flume:: recv", "flume receive", Channel),
    ("flume:: send", "flume send", Channel),
    ("flume::", "flume channel", Channel),
    ("async_channel::Recv", "async-channel receive", Channel),
    ("async_channel::Send", "async-channel send", Channel),
    ("async_channel::Closed", "async-channel closed", Channel),
    ("async_channel", "async-channel", Channel),
    ("futures_channel::mpsc::Sender", "futures channel send", Channel),
    ("futures_channel::mpsc::BoundedSenderInner", "futures channel send", Channel),
    ("futures_channel::mpsc poll_ready", "futures channel send", Channel),
    ("futures_channel::mpsc", "futures channel receive", Channel),
    ("futures_channel::oneshot", "futures oneshot", Channel),
    // Locks, and what is like them.
    // Twins of locks are built from tokio's semaphore.
    ("leakguard::sync::lock::mutex", "mutex lock", Lock),
    ("leakguard::sync::lock::rwlock read", "rwlock read", Lock),
    ("leakguard::sync::lock::rwlock write", "rwlock write", Lock),
    ("leakguard::sync::lock", "lock", Lock),
    ("tokio::sync::mutex", "mutex lock", Lock),
    ("tokio::sync::rwlock read", "rwlock read", Lock),
    ("tokio::sync::rwlock write", "rwlock write", Lock),
    ("tokio::sync::rwlock", "rwlock", Lock),
    ("tokio::sync::once_cell", "once cell", Lock),
    ("tokio::sync::set_once", "once cell", Lock),
    ("tokio::sync::semaphore", "semaphore acquire", Lock),
    ("tokio::sync::batch_semaphore", "semaphore acquire", Lock),
    ("async_lock::mutex", "mutex lock", Lock),
    ("async_lock::rwlock", "rwlock", Lock),
    ("async_lock::semaphore", "semaphore acquire", Lock),
    ("async_lock::once_cell", "once cell", Lock),
    ("async_lock::barrier", "barrier", Signal),
    ("futures_util::lock", "mutex lock", Lock),
    ("tokio::sync::notify", "notified", Signal),
    ("event_listener", "event listener", Signal),
    ("tokio::runtime::task::join", "join", Join),
    // The network.
    ("tokio::net::tcp::listener", "tcp accept", Io),
    ("tokio::net::tcp::stream connect", "tcp connect", Io),
    ("tokio::net::udp recv", "udp receive", Io),
    ("tokio::net::udp poll_recv", "udp receive", Io),
    ("tokio::net::udp send", "udp send", Io),
    ("tokio::net::udp poll_send", "udp send", Io),
    ("tokio::net::udp", "udp", Io),
    ("tokio::net::unix::listener", "unix accept", Io),
    ("tokio::net::unix::stream connect", "unix connect", Io),
    ("tokio::net::unix::stream poll_read", "unix read", Io),
    ("tokio::net::unix::stream readable", "unix read", Io),
    ("tokio::net::unix::stream poll_write", "unix write", Io),
    ("tokio::net::unix::stream writable", "unix write", Io),
    ("tokio::net::unix::datagram", "unix datagram", Io),
    ("tokio::net::unix::pipe poll_read", "pipe read", Io),
    ("tokio::net::unix::pipe readable", "pipe read", Io),
    ("tokio::net::unix::pipe poll_write", "pipe write", Io),
    ("tokio::net::unix::pipe writable", "pipe write", Io),
    ("tokio::net::unix", "unix socket", Io),
    ("tokio::net::tcp poll_read", "socket read", Io),
    ("tokio::net::tcp readable", "socket read", Io),
    ("tokio::net::tcp peek", "socket read", Io),
    ("tokio::net::tcp poll_peek", "socket read", Io),
    ("tokio::net::tcp poll_write", "socket write", Io),
    ("tokio::net::tcp writable", "socket write", Io),
    ("tokio::net::tcp", "tcp socket", Io),
    // The optimiser may leave no more than this of a read or write.
    ("tokio::io::poll_evented poll_read", "I/O read", Io),
    ("tokio::io::poll_evented poll_write", "I/O write", Io),
    ("tokio::runtime::io", "I/O", Io),
    // The clock.
    ("tokio::time::interval", "interval tick", Timer),
    ("tokio::time::sleep in tokio::time::timeout", "timeout", Timer),
    ("tokio::time::sleep", "sleep", Timer),
    ("tokio::runtime::time", "sleep", Timer),
    ("futures_timer", "sleep", Timer),
    // What polls others with wakers of its own.
    ("futures_util::future::future::shared", "shared future", Join),
    ("futures_util::stream::futures_unordered", "futures unordered", Join),
    ("tokio::task::local", "local set", Join),
];

impl Wait {
    const UNKNOWN: Self = Self {
        words: "async wait",
        class: Other,
    };

    /// A thread that is not known to wait for anything.
    const RUNNING: Self = Self {
        words: "running",
        class: Other,
    };

    /// Judges by the functions between the leaf and the user's await.
    pub(super) fn of<'a>(functions: impl Iterator<Item = &'a str>) -> Self {
        Self::by(TABLE, functions).unwrap_or(Self::UNKNOWN)
    }

    /// Judges by the functions that the user's own has called on a thread.
    pub(super) fn of_thread<'a>(functions: impl Iterator<Item = &'a str>) -> Self {
        Self::by(blocking::TABLE, functions).unwrap_or(Self::RUNNING)
    }

    fn by<'a>(table: &[Row], functions: impl Iterator<Item = &'a str>) -> Option<Self> {
        let functions: Vec<(&str, &str)> = functions.map(split).collect();
        let row = table
            .iter()
            .find(|(pattern, ..)| is_met(pattern, &functions))?;
        Some(Self {
            words: row.1,
            class: row.2,
        })
    }

    /// Whether a thread waits for the blocking calls of a runtime that is dropped.
    pub(crate) fn is_shutdown(self) -> bool {
        self.words == blocking::SHUTDOWN
    }

    /// Whether a thread was found to wait for nothing that is known.
    pub(crate) fn is_running(self) -> bool {
        self == Self::RUNNING
    }

    /// The words, such as `mutex lock`.
    pub fn kind(self) -> &'static str {
        self.words
    }

    /// What kind of thing can end this wait.
    pub fn class(self) -> Class {
        self.class
    }
}

impl Default for Wait {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words)
    }
}

fn is_met(pattern: &str, functions: &[(&str, &str)]) -> bool {
    pattern.split(" in ").all(|part| {
        let (path, last) = part.split_once(' ').unwrap_or((part, ""));
        functions
            .iter()
            .any(|(whole, end)| whole.starts_with(path) && end.starts_with(last))
    })
}

/// A function's path without `<` and `&`, and its last segment that is not a closure.
fn split(function: &str) -> (&str, &str) {
    let named = function.strip_suffix("::{closure}").unwrap_or(function);
    let last = named.rsplit("::").next().unwrap_or(named);
    (
        named
            .trim_start_matches(['<', '&'])
            .trim_start_matches("mut "),
        last,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(functions: &[&str]) -> (&'static str, Class) {
        let wait = Wait::of(functions.iter().copied());
        (wait.kind(), wait.class())
    }

    #[test]
    fn what_is_built_on_something_else_goes_first() {
        let acquire = "<tokio::sync::batch_semaphore::Acquire as Future>::poll";
        assert_eq!(of(&[acquire]), ("semaphore acquire", Lock));
        assert_eq!(
            of(&[acquire, "tokio::sync::mutex::Mutex::lock"]),
            ("mutex lock", Lock)
        );
        assert_eq!(
            of(&[acquire, "tokio::sync::mpsc::bounded::Sender::send"]),
            ("mpsc send", Channel)
        );
        assert_eq!(
            of(&[acquire, "tokio::sync::rwlock::RwLock::read::{closure}"]),
            ("rwlock read", Lock)
        );
    }

    #[test]
    fn a_timeout_names_its_own_timer_and_not_what_it_wraps() {
        let timeout = "<tokio::time::timeout::Timeout as Future>::poll";
        let sleep = "<tokio::time::sleep::Sleep as Future>::poll";
        assert_eq!(of(&[sleep, timeout]), ("timeout", Timer));
        assert_eq!(of(&[sleep]), ("sleep", Timer));
        assert_eq!(
            of(&["tokio::sync::mpsc::chan::Rx::recv", timeout]),
            ("mpsc receive", Channel)
        );
        assert_eq!(
            of(&["<my::Fut as Future>::poll", timeout]),
            ("async wait", Other)
        );
    }

    #[test]
    fn a_thread_waits_for_the_innermost_call_that_is_known() {
        let of = |functions: &[&str]| Wait::of_thread(functions.iter().copied()).kind();
        let park = "std::thread::thread::Thread::park";
        let inner = "std::sync::mpmc::context::Context::wait_until";
        assert_eq!(of(&[park]), "thread park");
        assert_eq!(
            of(&[park, inner, "std::sync::mpsc::Receiver::recv"]),
            "std channel receive"
        );
        assert_eq!(
            of(&["std::sync::poison::condvar::Condvar::wait"]),
            "condvar"
        );
        assert_eq!(of(&["core::hint::spin_loop"]), "running");
    }

    #[test]
    fn no_row_hides_a_later_one() {
        none_hides_a_later_one(TABLE);
        none_hides_a_later_one(blocking::TABLE);
    }

    fn none_hides_a_later_one(table: &[Row]) {
        for (at, (later, words, _)) in table.iter().enumerate() {
            let hidden_by = table[..at]
                .iter()
                .find(|(earlier, ..)| hides(earlier, later));
            assert_eq!(hidden_by, None, "{later} ({words}) can never match");
        }
    }

    fn hides(earlier: &str, later: &str) -> bool {
        later.starts_with(earlier) && !later[earlier.len()..].starts_with(" in ")
    }
}
