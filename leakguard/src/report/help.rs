//! The one line of remedy: it names the user's own line and what to change there.

use crate::record::facts::{Answer, State, TaskFacts};
use crate::record::finding::{Code, Finding, Verdict};
use crate::record::scope::Ending;
use crate::record::task::TaskKind;
use crate::report::point::Point;
use crate::report::words::{Spot, function};
use crate::stack::Class;

/// The lines that a remedy may name, as the reader of this report would call them.
struct Lines<'a> {
    finding: &'a Finding,
    start: String,
    /// The line that waits; if it is not known, who waits.
    wait: String,
    knows_wait: bool,
    function: &'a str,
}

/// What to do, in one line.
pub(crate) fn help(finding: &Finding, spot: &Spot) -> String {
    let start = Point::of_location(finding.site().location()).seen_from(&spot.point);
    let function = function(finding);
    let wait = match (spot.is_wait, finding.task().kind.is_call()) {
        (true, _) => spot.point.seen_from(&spot.point),
        (false, true) => format!("`{function}` ({start})"),
        (false, false) => format!("the task of {start}"),
    };
    Lines {
        finding,
        start,
        wait,
        knows_wait: spot.is_wait,
        function,
    }
    .help()
}

impl Lines<'_> {
    fn help(&self) -> String {
        match self.finding.code {
            Code::SwallowedPanic => self.join_it(),
            Code::StuckTask => self.wake_it(),
            Code::LostWakeup => self.keep_the_waker(),
            Code::BusyExecutor => self.unblock(),
            Code::LeakedThread => self.stop_the_thread(),
            Code::Overrun => self.come_back(),
            Code::LeakedTask => self.end_it(),
        }
    }

    fn join_it(&self) -> String {
        let Lines { start, .. } = self;
        match self.finding.task().kind {
            TaskKind::Thread => {
                format!(
                    "the handle is thrown away at {start}: keep it, `join()` it and handle its error"
                )
            }
            _ => format!(
                "the handle is thrown away at {start}: keep it, await it and handle its error"
            ),
        }
    }

    fn wake_it(&self) -> String {
        let Lines { wait, .. } = self;
        format!(
            "{wait} awaits a future that never registers a waker: let its `poll` keep `cx.waker()`{}",
            self.or_abort()
        )
    }

    fn keep_the_waker(&self) -> String {
        let Lines { wait, .. } = self;
        format!(
            "let the future that {wait} awaits store the waker of each poll before it checks whether it is ready"
        )
    }

    /// A task that keeps the executor from polling the function.
    fn busy_task(&self) -> Option<&TaskFacts> {
        let in_poll = |t: &TaskFacts| matches!(t.state, State::Polling { .. });
        let silent = |t: &TaskFacts| !matches!(t.answer, Answer::Waits(_));
        let others = &self.finding.tasks[1..];
        others
            .iter()
            .find(|t| t.kind.is_polled() && in_poll(t) && silent(t))
    }

    fn unblock(&self) -> String {
        let busy = self
            .busy_task()
            .map(|t| Point::of_location(t.site.location()));
        let start = busy.map_or_else(|| self.start.clone(), |p| p.to_string());
        format!(
            "move the blocking work of {start} into `tokio::task::spawn_blocking`, or put `yield_now().await` into its loop"
        )
    }

    fn stop_the_thread(&self) -> String {
        let Lines {
            start, function, ..
        } = self;
        match (self.finding.task().kind, self.finding.verdict) {
            (TaskKind::Blocking, Verdict::NeverBegun(_)) => format!(
                "no blocking thread is free for the closure of {start}: end the others first, or raise `max_blocking_threads`"
            ),
            (TaskKind::Thread, _) => {
                format!(
                    "tell the thread of {start} to stop, and `join()` it before `{function}` returns"
                )
            }
            _ => format!(
                "a blocking call cannot be aborted: give the closure of {start} a stop flag or a time limit, and await its handle"
            ),
        }
    }

    /// The call itself lasts too long.
    fn come_back(&self) -> String {
        match (self.finding.verdict, self.class()) {
            (Verdict::Stuck, _) => self.wake_it(),
            (Verdict::WakeupLost(_), _) => self.keep_the_waker(),
            (Verdict::Busy(_), _) if self.finding.task().kind.is_polled() => self.unblock(),
            _ if self.busy_task().is_some() => self.unblock(),
            (Verdict::Blocked(_), Class::Lock) => self.let_go(),
            (Verdict::Blocked(_), Class::Channel) => self.close_it(),
            (Verdict::Blocked(_), Class::Join) => self.end_what_is_joined(),
            _ => self.set_a_deadline(),
        }
    }

    fn set_a_deadline(&self) -> String {
        let Lines {
            wait,
            start,
            function,
            ..
        } = self;
        if !self.knows_wait {
            return format!(
                "give what `{function}` does a time limit, or raise its `timeout` at {start}"
            );
        }
        format!(
            "put a deadline around {wait} with `tokio::time::timeout`, or raise the `timeout` of `{function}` at {start}"
        )
    }

    /// A task lives on.
    fn end_it(&self) -> String {
        let Lines {
            start,
            wait,
            function,
            ..
        } = self;
        match (self.finding.verdict, self.class()) {
            (Verdict::NeverBegun(_), _) => format!(
                "nothing polls the task of {start}: keep its runtime or `LocalSet` running until it has ended, or abort it"
            ),
            (Verdict::Stuck, _) => self.wake_it(),
            (Verdict::WakeupLost(_), _) => self.keep_the_waker(),
            (Verdict::Busy(_), _) => self.unblock(),
            (Verdict::Running, _) | (_, Class::Yield) => {
                format!(
                    "give the loop of {wait} a way to stop, such as a `CancellationToken` in a `select!`"
                )
            }
            (_, Class::Timer) => self.abort_before_return(),
            (_, Class::Io) => {
                format!("put a deadline around {wait} with `tokio::time::timeout`")
            }
            (_, Class::Lock) => self.let_go(),
            (_, Class::Channel) => self.close_it(),
            (_, Class::Join) => self.end_what_is_joined(),
            (_, Class::Signal) => {
                format!("give {wait} the signal it waits for before `{function}` returns")
            }
            _ => self.abort_before_return(),
        }
    }

    fn abort_before_return(&self) -> String {
        let Lines {
            start, function, ..
        } = self;
        match self.finding.scope.as_ref().and_then(|s| s.returned) {
            // There is no line behind which it could be aborted.
            Some((_, Ending::Cancelled | Ending::Panicked)) => {
                format!(
                    "keep the handle of {start} in a `tokio_util::task::AbortOnDropHandle`, so that it ends with `{function}`"
                )
            }
            _ if self.finding.task().detached => format!(
                "the handle is thrown away at {start}: keep it, and await or `abort()` it before `{function}` returns"
            ),
            _ => format!(
                "keep the handle of {start}, and await or `abort()` it before `{function}` returns"
            ),
        }
    }

    fn let_go(&self) -> String {
        let Lines { wait, .. } = self;
        format!(
            "let go of what {wait} waits for: drop that guard or permit before its holder awaits again"
        )
    }

    fn close_it(&self) -> String {
        let Lines { wait, .. } = self;
        let words = self.finding.wait().unwrap_or_default();
        if words.contains("oneshot receive") || words == "futures oneshot" {
            return format!("send the value that {wait} waits for, or drop its sender");
        }
        match words.rsplit(' ').next() {
            Some("send" | "write") => {
                format!("read the channel that {wait} sends to, or drop its receiver")
            }
            Some("closed") => format!("drop the other end of the channel that {wait} waits for"),
            _ => format!("drop the last sender of the channel that {wait} reads, once all is sent"),
        }
    }

    fn end_what_is_joined(&self) -> String {
        let Lines { wait, function, .. } = self;
        format!("end or abort what {wait} joins before `{function}` returns")
    }

    /// Only what was started has a handle.
    fn or_abort(&self) -> String {
        match self.finding.task().kind.is_call() {
            true => String::new(),
            false => format!(", or abort the task by its handle of {}", self.start),
        }
    }

    fn class(&self) -> Class {
        self.finding
            .task()
            .stacks()
            .first()
            .map_or(Class::Other, |s| s.wait().class())
    }
}
