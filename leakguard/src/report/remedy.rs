//! Remedies that several subjects share. Each names the user's own lines and what to change there.

use crate::fact::finding::Finding;
use crate::fact::id::Ending;
use crate::fact::position::Position;
use crate::fact::task::{ProbeOutcome, TaskFacts, TaskState};
use crate::report::arrival;
use crate::report::blockage;
use crate::report::case::Case;
use crate::stack::Class;
use crate::vocabulary::WaitKind;

/// A case with the lines that its remedy may name, as a reader of the report would call them.
#[derive(Clone)]
pub(crate) struct Remedy<'a> {
    pub(crate) case: Case<'a>,
    /// All findings of the report.
    pub(crate) found: &'a [Finding],
    /// The position that the report points at.
    pub(crate) here: Position,
    pub(crate) spawn: String,
    /// The line that waits, or what waits if the line is not known.
    pub(crate) wait: String,
    pub(crate) knows_wait: bool,
}

impl<'a> Remedy<'a> {
    pub(crate) fn new(case: Case<'a>, found: &'a [Finding]) -> Self {
        Remedy::seen_from(case.anchor(), case, found)
    }

    pub(crate) fn seen_from(here: Position, case: Case<'a>, found: &'a [Finding]) -> Self {
        let spawn = case.spawn_position().seen_from(&here);
        let wait = case.wait_position().map(|wait| wait.seen_from(&here));
        let knows_wait = wait.is_some();
        let unknown = || match case.task.kind.is_call() {
            true => format!("`{}` ({spawn})", case.finding.function()),
            false => format!("the task of {spawn}"),
        };
        Remedy { wait: wait.unwrap_or_else(unknown), case, found, here, spawn, knows_wait }
    }

    pub(crate) fn register_waker(&self) -> String {
        // Only what was spawned has a handle.
        let has_no_handle = self.case.task.kind.is_call() || self.case.task.site.is_visit();
        let abort = match has_no_handle {
            true => String::new(),
            false => format!(", or abort the task by its handle of {}", self.spawn),
        };
        format!(
            "{} awaits a future that never registers a waker: let its `poll` keep `cx.waker()`{abort}",
            self.wait
        )
    }

    /// Nothing is known of the futures in a set. A waker other than that of their own poll does not reach them.
    pub(crate) fn wake_set(&self) -> String {
        format!(
            "the set of {} polls a future again only when the waker of that future's own last poll is woken: end what the futures wait for, and let one that is written by hand wake the `cx.waker()` of its poll, and not that of its task",
            self.wait
        )
    }

    pub(crate) fn store_waker(&self) -> String {
        format!(
            "let the future that {} awaits store the waker of each poll before it checks whether it is ready",
            self.wait
        )
    }

    /// `beside` are the tasks one of which may keep the executor from polling this one.
    pub(crate) fn move_blocking_work(&self, beside: &[TaskFacts]) -> String {
        let busy = busy_task(beside).map(|t| {
            Position::of_wait(t).unwrap_or_else(|| Position::of_location(t.site.location()))
        });
        let work = match (busy, self.knows_wait) {
            (Some(busy), _) => busy.to_string(),
            (None, true) => self.wait.clone(),
            (None, false) => self.spawn.clone(),
        };
        let stack = busy_task(beside).map_or(self.case.task.native(), TaskFacts::native);
        if stack.is_some_and(|stack| stack.runs_in_await()) {
            return format!(
                "what {work} awaits computes, or is ready at once each time: await an empty set, such as a `FuturesUnordered`, or a closed stream only while it has something, or leave the loop when it returns `None`; move work that computes into `tokio::task::spawn_blocking`"
            );
        }
        format!(
            "move the blocking work of {work} into `tokio::task::spawn_blocking`, or put `yield_now().await` into its loop"
        )
    }

    /// Only the wait of a future in a set is known.
    pub(crate) fn end_inside(&self) -> Option<String> {
        let blockage = self.case.blockage.filter(|blockage| !blockage.inside.is_empty())?;
        blockage::remedy(blockage, &self.here)
    }

    /// A consumer has ended at `Lagged`.
    pub(crate) fn go_on(&self) -> Option<String> {
        blockage::go_on(self.case.blockage?, &self.here)
    }

    /// What it waits for comes from another part of the program.
    pub(crate) fn end_wait(&self) -> String {
        if let Some(known) = self.end_inside().or_else(|| self.go_on()).or_else(|| self.end_known())
        {
            return known;
        }
        match self.case.class() {
            Class::Join if self.case.polls_set() => self.wake_set(),
            Class::Lock => self.release_lock(),
            Class::Channel => self.close_channel(),
            Class::Join => {
                format!("end or abort what {} joins before `{}` returns", self.wait, self.owner())
            }
            Class::Signal => format!(
                "send the signal that {} waits for before `{}` returns",
                self.wait,
                self.owner()
            ),
            _ => self.abort_before_return(),
        }
    }

    /// What ends a wait inside a library, for permits or at a barrier.
    pub(crate) fn end_known(&self) -> Option<String> {
        let arrival = self.case.blockage.and_then(|b| arrival::remedy(b, &self.here));
        arrival.or_else(|| self.limit_library())
    }

    /// A library has the handle of the task, or a function without an attribute.
    fn stop_visited(&self) -> String {
        format!(
            "no handle of the task is known here: let {} end by a signal too, such as a `CancellationToken` in a `select!`, and let `{}` wait for that end, as with a `TaskTracker`",
            self.wait,
            self.owner()
        )
    }

    /// A loop creates the sleep anew in each turn.
    pub(crate) fn keep_sleep(&self) -> Option<String> {
        let at = Position::of_location(self.case.renewed_sleep()?.created).seen_from(&self.here);
        Some(format!(
            "create the `sleep` of {at} before the loop, and reset it only where its time is to start again: one that each turn creates anew is never due while something else is ready sooner"
        ))
    }

    pub(crate) fn stop_loop(&self) -> String {
        if self.case.task.site.is_visit() {
            return self.stop_visited();
        }
        format!(
            "give the loop of {} a way to stop (a `CancellationToken` in a `select!`), or keep the handle of {} and `abort()` it",
            self.wait, self.spawn
        )
    }

    /// The user's function that tasks should not outlive.
    pub(crate) fn owner(&self) -> &str {
        match &self.case.finding.scope {
            // A scope by hand is around the user's functions.
            Some(scope) if scope.site.function().starts_with("leakguard::") => {
                self.case.task.site.function()
            }
            _ => self.case.finding.function(),
        }
    }

    /// Right for a task that ends some day as for one that never does.
    pub(crate) fn tie_to_owner(&self) -> String {
        if self.case.task.site.is_visit() {
            return self.stop_visited();
        }
        let (spawn, owner) = (&self.spawn, self.owner());
        if self.case.finding.owner().is_some() {
            return format!(
                "keep the handle of {spawn} in `{owner}`, as an `AbortOnDropHandle`, so that the task ends with it"
            );
        }
        match self.case.task.detached {
            true => format!(
                "the handle is dropped at {spawn}: keep it in an `AbortOnDropHandle`, so that the task ends with `{owner}`"
            ),
            false => format!(
                "keep the handle of {spawn} in a `JoinSet` or `AbortOnDropHandle`, so that the task ends with `{owner}`"
            ),
        }
    }

    fn abort_before_return(&self) -> String {
        if self.case.task.site.is_visit() {
            return self.stop_visited();
        }
        let (spawn, owner) = (&self.spawn, self.owner());
        let finding = self.case.finding;
        match finding.scope.as_ref().and_then(|s| s.returned) {
            // There is no line before which it could be aborted.
            Some((_, Ending::Cancelled | Ending::Panicked)) => self.tie_to_owner(),
            _ if finding.owner().is_some() => self.tie_to_owner(),
            _ if self.case.task.detached => format!(
                "the handle is dropped at {spawn}: keep it, and await or `abort()` it before `{owner}` returns"
            ),
            _ => format!(
                "keep the handle of {spawn}, and await or `abort()` it before `{owner}` returns"
            ),
        }
    }

    pub(crate) fn release_lock(&self) -> String {
        let wait = &self.wait;
        match (self.case.task.wait(), self.other_lock()) {
            (Some(WaitKind::SemaphoreAcquire), _) => format!(
                "look for what keeps the permits that {wait} waits for: a holder that waits itself, or a `forget`"
            ),
            (Some(WaitKind::OnceCell), _) => format!(
                "set the cell that {wait} waits for, or put a deadline into its initialisation"
            ),
            (_, Some(other)) => format!(
                "{other} waits for a lock too: if each holds what the other wants, acquire both in the same order everywhere"
            ),
            (_, None) => format!(
                "drop the guard of the lock that {wait} waits for before its holder awaits again; if that await is for a lock too, acquire both in the same order everywhere"
            ),
        }
    }

    /// Another line where a task of the same scope waits for a lock, which hints at a deadlock.
    fn other_lock(&self) -> Option<String> {
        let scope = |f: &Finding| f.scope.as_ref().map(|s| s.id);
        let finding = self.case.finding;
        let found = self.found.iter().filter(|f| scope(f) == scope(finding));
        let tasks = finding.tasks().chain(found.flat_map(Finding::tasks));
        let own = Position::of_wait(self.case.task)?;
        let own_locks = tasks.filter(|t| waits_for_lock(t) && !is_in_library(t));
        let positions = own_locks.filter_map(Position::of_wait);
        // The same one in each run, whichever task came first.
        let other = positions.filter(|position| *position != own).min()?;
        Some(other.seen_from(&self.here))
    }

    pub(crate) fn close_channel(&self) -> String {
        use WaitKind as W;
        let wait = &self.wait;
        match self.case.task.wait().unwrap_or_default() {
            W::OneshotReceive | W::FuturesOneshot => {
                format!("send the value that {wait} waits for, or drop its sender")
            }
            W::MpscSend
            | W::FlumeSend
            | W::AsyncChannelSend
            | W::FuturesChannelSend
            | W::CrossbeamSend
            | W::StdChannelSend => {
                format!("read the channel that {wait} sends to, or drop its receiver")
            }
            W::MpscClosed
            | W::OneshotClosed
            | W::BroadcastClosed
            | W::WatchClosed
            | W::AsyncChannelClosed => {
                format!("drop the other half of the channel that {wait} waits for")
            }
            _ => format!(
                "drop the last sender of the channel that {wait} reads, once everything is sent"
            ),
        }
    }
}

/// A task that keeps its executor from polling others.
pub(crate) fn busy_task(tasks: &[TaskFacts]) -> Option<&TaskFacts> {
    let in_poll = |t: &TaskFacts| matches!(t.state, TaskState::Polling { .. });
    let silent = |t: &TaskFacts| !matches!(t.answer, ProbeOutcome::Pending(_));
    tasks.iter().find(|t| t.kind.is_polled() && in_poll(t) && silent(t))
}

/// Whether the lock belongs to a library.
fn is_in_library(task: &TaskFacts) -> bool {
    task.stacks().first().is_some_and(|stack| stack.library().is_some())
}

/// A lock with an owner, unlike a semaphore or a cell.
fn waits_for_lock(task: &TaskFacts) -> bool {
    use WaitKind::{MutexLock, RwLock, RwLockRead, RwLockWrite};
    matches!(task.wait(), Some(MutexLock | RwLock | RwLockRead | RwLockWrite))
}
