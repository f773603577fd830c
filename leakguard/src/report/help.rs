//! The one line of remedy: it names the user's own line and what to change there.

use crate::fact::finding::Finding;
use crate::fact::id::{Ending, TaskKind};
use crate::fact::position::Position;
use crate::fact::task::{ProbeOutcome, TaskFacts, TaskState};
use crate::report::words::{Anchor, function, owner as owner_of};
use crate::report::{blockage, channel, spin, unreaped, value};
use crate::stack::Class;
use crate::vocabulary::{Code, Verdict, WaitKind};

/// The lines that a remedy may name, as the reader of this report would call them.
struct Lines<'a> {
    finding: &'a Finding,
    /// All that was found together with it, itself included.
    found: &'a [Finding],
    /// Where the reader looks.
    here: &'a Position,
    start: String,
    /// The line that waits; if it is not known, who waits.
    wait: String,
    knows_wait: bool,
    function: &'a str,
}

/// What to do, in one line.
pub(crate) fn help(finding: &Finding, spot: &Anchor, found: &[Finding]) -> String {
    if let Some(story) = finding.channel() {
        return channel::remedy(story, &spot.point);
    }
    if let Some(story) = finding.value() {
        return value::remedy(finding, story, &spot.point);
    }
    if let Some(story) = finding.unreaped() {
        return unreaped::remedy(story, &spot.point);
    }
    let start = Position::of_location(finding.site().location()).seen_from(&spot.point);
    let function = function(finding);
    let wait = match (spot.is_wait, finding.task().kind.is_call()) {
        (true, _) => spot.point.seen_from(&spot.point),
        (false, true) => format!("`{function}` ({start})"),
        (false, false) => format!("the task of {start}"),
    };
    Lines {
        finding,
        found,
        here: &spot.point,
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
            Code::SpinOnClosed => self.leave_the_loop(),
            Code::LeakedThread => self.stop_the_thread(),
            Code::Overrun => self.come_back(),
            Code::LeakedTask => self.supervised().unwrap_or_else(|| self.end_it()),
            Code::GrowingTasks => self.bound_them(),
            Code::IgnoredCancellation if self.finding.token().is_none() => self.heed(),
            Code::IgnoredCancellation => self.look_at_the_token(),
            Code::LostMessage | Code::BrokenPromise | Code::OverBound => self.end_it(),
            Code::KeptResource | Code::UnreapedTasks => self.end_it(),
            Code::AbandonedReceiver | Code::ForgottenSender | Code::Deadlock => {
                self.remedy_of_blockage().unwrap_or_else(|| self.give_it())
            }
        }
    }

    fn remedy_of_blockage(&self) -> Option<String> {
        blockage::remedy(self.finding.blockage.as_deref()?, self.here)
    }

    fn leave_the_loop(&self) -> String {
        let spin = self.finding.spin();
        spin.map_or_else(
            || self.stop_the_loop(),
            |spin| spin::remedy(spin, self.here),
        )
    }

    fn look_at_the_token(&self) -> String {
        let Lines { wait, start, .. } = self;
        match self.knows_wait {
            true => format!(
                "put the wait of {wait} into a `tokio::select!` with `token.cancelled()`, and return when that is ready"
            ),
            false => format!(
                "let the task of {start} look at its token, and return when it is cancelled"
            ),
        }
    }

    fn bound_them(&self) -> String {
        let Lines { wait, start, .. } = self;
        let deadline = match self.knows_wait {
            true => format!("put a deadline around {wait}, or "),
            false => String::new(),
        };
        format!(
            "{deadline}have a permit of a `Semaphore` taken before {start}, so that it starts no more than can end"
        )
    }

    /// A task whose handle the user never had.
    fn supervised(&self) -> Option<String> {
        let (start, owner) = (&self.start, self.owner());
        match self.finding.site().callee() {
            "Monitor::call" | "Monitor::call_local" => Some(format!(
                "nobody waits for the call of {start} any more: let its monitor cancel such calls with `cancel_abandoned(true)`, or give it the time it needs"
            )),
            "leakguard::supervise::restart" => Some(format!(
                "tell the supervision of {start} to stop, and await its end before `{owner}` returns"
            )),
            _ => None,
        }
    }

    fn heed(&self) -> String {
        let Lines { wait, start, .. } = self;
        format!(
            "put what {wait} waits for into a `tokio::select!` with `stop.stopped()`, or let the supervision of {start} abort it: `abort_ignoring(true)`"
        )
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
        let in_poll = |t: &TaskFacts| matches!(t.state, TaskState::Polling { .. });
        let silent = |t: &TaskFacts| !matches!(t.answer, ProbeOutcome::Pending(_));
        let others = &self.finding.tasks[1..];
        others
            .iter()
            .find(|t| t.kind.is_polled() && in_poll(t) && silent(t))
    }

    fn unblock(&self) -> String {
        let busy = self.busy_task().map(|t| {
            Position::of_wait(t).unwrap_or_else(|| Position::of_location(t.site.location()))
        });
        let own = match self.knows_wait {
            true => &self.wait,
            false => &self.start,
        };
        let work = busy.map_or_else(|| own.clone(), |p| p.to_string());
        format!(
            "move the blocking work of {work} into `tokio::task::spawn_blocking`, or put `yield_now().await` into its loop"
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
            (Verdict::Blocked(_), Class::Join) => self
                .end_the_last()
                .unwrap_or_else(|| self.end_what_is_joined()),
            _ if !self.finding.task().kind.is_polled() => self.limit_the_call(),
            _ => self.set_a_deadline(),
        }
    }

    /// A sync function, of which it may be known where its thread is.
    fn limit_the_call(&self) -> String {
        let Lines {
            wait,
            start,
            function,
            ..
        } = self;
        let stack = self.finding.task().native();
        if stack.is_some_and(|stack| stack.wait() == WaitKind::RuntimeShutdown) {
            return format!(
                "the runtime that is dropped at {wait} waits for its blocking calls: give each a stop flag or a time limit, or end the runtime with `shutdown_timeout`"
            );
        }
        let what = match self.knows_wait {
            true => format!("give the call at {wait}"),
            false => format!("give what `{function}` does"),
        };
        format!("{what} a time limit, or raise the `timeout` of `{function}` at {start}")
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
        let Lines { start, .. } = self;
        match (self.finding.verdict, self.class()) {
            (Verdict::NeverBegun(_), _) => format!(
                "nothing polls the task of {start}: keep its runtime or `LocalSet` running until it has ended, or abort it"
            ),
            (Verdict::Stuck, _) => self.wake_it(),
            (Verdict::WakeupLost(_), _) => self.keep_the_waker(),
            (Verdict::Busy(_), _) => self.unblock(),
            (Verdict::Running, _) | (_, Class::Yield) => self.stop_the_loop(),
            (_, Class::Timer | Class::Io) if self.is_a_loop() => self.stop_the_loop(),
            (_, Class::Timer) => self.tie_it(),
            (_, Class::Io) => self.tie_it() + &self.or_a_deadline(),
            _ => self.give_it(),
        }
    }

    /// What it waits for, from another part of the program.
    fn give_it(&self) -> String {
        let Lines { wait, .. } = self;
        match self.class() {
            Class::Lock => self.let_go(),
            Class::Channel => self.close_it(),
            Class::Join => self.end_what_is_joined(),
            Class::Signal => format!(
                "give {wait} the signal it waits for before `{}` returns",
                self.owner()
            ),
            _ => self.abort_before_return(),
        }
    }

    /// Its wait is one that programs have in loops without an end.
    fn is_a_loop(&self) -> bool {
        matches!(
            self.finding.wait(),
            Some(
                WaitKind::IntervalTick
                    | WaitKind::DelayQueue
                    | WaitKind::TcpAccept
                    | WaitKind::UnixAccept
            )
        )
    }

    fn stop_the_loop(&self) -> String {
        let Lines { wait, start, .. } = self;
        format!(
            "give the loop of {wait} a way to stop (a `CancellationToken` in a `select!`), or keep the handle of {start} and `abort()` it"
        )
    }

    /// The user's function that tasks should not outlive.
    fn owner(&self) -> &str {
        match &self.finding.scope {
            // A scope by hand is around the user's functions and is none.
            Some(scope) if scope.site.function().starts_with("leakguard::") => {
                self.finding.site().function()
            }
            _ => self.function,
        }
    }

    /// Right for a task that ends some day as for one that never does.
    fn tie_it(&self) -> String {
        let (start, owner) = (&self.start, self.owner());
        if owner_of(self.finding).is_some() {
            return format!(
                "keep the handle of {start} in `{owner}`, as an `AbortOnDropHandle`, so that the task ends with it"
            );
        }
        match self.finding.task().detached {
            true => format!(
                "the handle is thrown away at {start}: keep it in an `AbortOnDropHandle`, so that the task ends with `{owner}`"
            ),
            false => format!(
                "keep the handle of {start} in a `JoinSet` or `AbortOnDropHandle`, so that the task ends with `{owner}`"
            ),
        }
    }

    fn or_a_deadline(&self) -> String {
        // A signal of the operating system is not late.
        match self.knows_wait && self.finding.wait() != Some(WaitKind::Signal) {
            true => format!(", or put a deadline around {}", self.wait),
            false => String::new(),
        }
    }

    fn abort_before_return(&self) -> String {
        let (start, owner) = (&self.start, self.owner());
        match self.finding.scope.as_ref().and_then(|s| s.returned) {
            // There is no line behind which it could be aborted.
            Some((_, Ending::Cancelled | Ending::Panicked)) => self.tie_it(),
            _ if owner_of(self.finding).is_some() => self.tie_it(),
            _ if self.finding.task().detached => format!(
                "the handle is thrown away at {start}: keep it, and await or `abort()` it before `{owner}` returns"
            ),
            _ => format!(
                "keep the handle of {start}, and await or `abort()` it before `{owner}` returns"
            ),
        }
    }

    fn let_go(&self) -> String {
        let Lines { wait, .. } = self;
        match self.finding.wait() {
            Some(WaitKind::SemaphoreAcquire) => {
                format!("give back the permit that {wait} waits for before its holder awaits again")
            }
            Some(WaitKind::OnceCell) => {
                format!(
                    "set the cell that {wait} waits for, or put a deadline into its initialisation"
                )
            }
            _ => self.order_locks(),
        }
    }

    fn order_locks(&self) -> String {
        let Lines { wait, .. } = self;
        match self.other_lock() {
            Some(other) => format!(
                "{other} waits for a lock too: if each holds what the other wants, take both in the same order everywhere"
            ),
            None => format!(
                "drop the guard of the lock that {wait} waits for before its holder awaits again; if that await is for a lock too, take both in the same order everywhere"
            ),
        }
    }

    /// Another line where a task of the same scope waits for a lock: a hint at a deadlock, and no more than a hint.
    fn other_lock(&self) -> Option<String> {
        let scope = |f: &Finding| f.scope.as_ref().map(|s| s.id);
        let own = scope(self.finding);
        let found = self.found.iter().filter(|f| scope(f) == own);
        let tasks = self
            .finding
            .tasks
            .iter()
            .chain(found.flat_map(|f| &f.tasks));
        let mut points = tasks
            .filter(|t| waits_for_a_lock(t))
            .filter_map(Position::of_wait);
        let own = Position::of_wait(self.finding.task())?;
        let other = points.find(|p| *p != own)?;
        Some(other.seen_from(self.here))
    }

    fn close_it(&self) -> String {
        let Lines { wait, .. } = self;
        use WaitKind as W;
        match self.finding.wait().unwrap_or_default() {
            W::OneshotReceive | W::FuturesOneshot => {
                format!("send the value that {wait} waits for, or drop its sender")
            }
            W::MpscSend
            | W::FlumeSend
            | W::AsyncChannelSend
            | W::FuturesChannelSend
            | W::CrossbeamSend
            | W::StdChannelSend
            | W::DuplexWrite => {
                format!("read the channel that {wait} sends to, or drop its receiver")
            }
            W::MpscClosed
            | W::OneshotClosed
            | W::BroadcastClosed
            | W::WatchClosed
            | W::AsyncChannelClosed => {
                format!("drop the other end of the channel that {wait} waits for")
            }
            _ => format!("drop the last sender of the channel that {wait} reads, once all is sent"),
        }
    }

    fn end_what_is_joined(&self) -> String {
        let Lines { wait, .. } = self;
        match self.finding.code {
            // It cannot return: it joins.
            Code::Overrun => format!("end or abort what {wait} joins, or put a deadline around it"),
            _ => format!(
                "end or abort what {wait} joins before `{}` returns",
                self.owner()
            ),
        }
    }

    /// The call joins a task, and one is left that it can be: what that one waits for is what the call lacks.
    fn end_the_last(&self) -> Option<String> {
        let [call, last] = self.finding.tasks.as_slice() else {
            return None;
        };
        let class = class(last);
        if call.scope != last.scope || last.kind != TaskKind::Async {
            return None;
        }
        let wait = Position::of_wait(last)?.seen_from(self.here);
        let start = Position::of_location(last.site.location()).seen_from(self.here);
        let last = Finding {
            code: Code::LeakedTask,
            tasks: vec![last.clone()],
            blockage: None,
            ..self.finding.clone()
        };
        let lines = Lines {
            finding: &last,
            wait: wait.clone(),
            start: start.clone(),
            ..*self
        };
        let remedy = match class {
            Class::Lock | Class::Channel | Class::Signal => lines.give_it(),
            _ => "put a deadline there".to_owned(),
        };
        Some(format!(
            "{} joins a task; the only one left is that of {start}, which waits at {wait}: {remedy}",
            self.wait
        ))
    }

    /// Only what was started has a handle.
    fn or_abort(&self) -> String {
        match self.finding.task().kind.is_call() {
            true => String::new(),
            false => format!(", or abort the task by its handle of {}", self.start),
        }
    }

    fn class(&self) -> Class {
        class(self.finding.task())
    }
}

fn class(task: &TaskFacts) -> Class {
    let first = task.stacks().first();
    first.map_or(Class::Other, |s| s.wait().class())
}

/// A lock that has an owner, as a semaphore or a cell has not.
fn waits_for_a_lock(task: &TaskFacts) -> bool {
    use WaitKind::{MutexLock, RwLock, RwLockRead, RwLockWrite};
    let first = task.stacks().first().map(|s| s.wait());
    matches!(first, Some(MutexLock | RwLock | RwLockRead | RwLockWrite))
}
