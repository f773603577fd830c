//! What to change about a task that should have ended.

use crate::fact::finding::Finding;
use crate::fact::id::TaskKind;
use crate::fact::subject::{Condition, TaskProblem, TaskSubject};
use crate::report::case::Case;
use crate::report::remedy::Remedy;
use crate::report::{blockage, spin};
use crate::stack::Class;
use crate::vocabulary::WaitKind;

pub(super) fn help(case: Case<'_>, subject: &TaskSubject, found: &[Finding]) -> String {
    let remedy = Remedy::new(case, found);
    match &subject.problem {
        TaskProblem::Alive { .. } => remedy.end_supervised().unwrap_or_else(|| remedy.end()),
        TaskProblem::Thread => remedy.stop_thread(),
        TaskProblem::Stuck => match &subject.closed {
            Some(closed) => spin::remedy_of_end(closed, &remedy.here),
            None => remedy.register_waker(),
        },
        TaskProblem::Busy | TaskProblem::WasBusy(_) => remedy.move_blocking_work(&[]),
        TaskProblem::Receives | TaskProblem::Sends => {
            let known = || case.blockage.and_then(|b| blockage::remedy(b, &remedy.here));
            remedy.go_on().or_else(known).unwrap_or_else(|| remedy.end_wait())
        }
        TaskProblem::IgnoresToken(_) => remedy.check_token(),
        TaskProblem::IgnoresStop => remedy.heed_stop(),
        TaskProblem::LostWakeup(_) => remedy.store_waker(),
        TaskProblem::Panicked(_) => remedy.join(),
        TaskProblem::Spins(spin) => spin::remedy(spin, &remedy.here),
    }
}

impl Remedy<'_> {
    fn end(&self) -> String {
        let Remedy { spawn, case, .. } = self;
        match (case.condition, case.class()) {
            (Condition::NeverBegun(_), _) => format!(
                "nothing polls the task of {spawn}: keep its runtime or `LocalSet` running until it has ended, or abort it"
            ),
            (Condition::Stuck, _) => self.register_waker(),
            (Condition::Busy(_), _) => self.move_blocking_work(&[]),
            _ if case.renewed_sleep().is_some() => self.keep_sleep().unwrap_or_default(),
            (Condition::Running, _) | (_, Class::Yield) => self.stop_loop(),
            _ if self.can_be_cancelled() => self.cancel(),
            (_, Class::Timer | Class::Io) if self.is_loop() => self.stop_loop(),
            (_, Class::Timer) if self.case.may_retry() => {
                self.tie_to_owner() + ", or let it stop after some attempts"
            }
            (_, Class::Timer) => self.tie_to_owner(),
            (_, Class::Io) => self.tie_to_owner() + &self.or_deadline(),
            _ => self.end_wait(),
        }
    }

    /// Beside its other waits it waits for the cancellation of a token, so that it has a way to stop.
    fn can_be_cancelled(&self) -> bool {
        let stacks = self.case.task.stacks();
        stacks.len() > 1 && stacks.iter().any(|stack| stack.wait() == WaitKind::Cancellation)
    }

    fn cancel(&self) -> String {
        format!(
            "cancel the token that the task of {} also waits for, before `{}` returns",
            self.spawn,
            self.owner()
        )
    }

    /// Its wait is one that programs have in endless loops.
    fn is_loop(&self) -> bool {
        use WaitKind::{DelayQueue, IntervalTick, TcpAccept, UnixAccept};
        matches!(self.case.task.wait(), Some(IntervalTick | DelayQueue | TcpAccept | UnixAccept))
    }

    fn or_deadline(&self) -> String {
        // A signal of the operating system is not late.
        match self.knows_wait && self.case.task.wait() != Some(WaitKind::Signal) {
            true => format!(", or put a deadline around {}", self.wait),
            false => String::new(),
        }
    }

    /// A task without a handle that the user could keep.
    fn end_supervised(&self) -> Option<String> {
        let (spawn, owner) = (&self.spawn, self.owner());
        match self.case.task.site.callee() {
            "Monitor::call" | "Monitor::call_local" => Some(format!(
                "the caller of {spawn} no longer waits: let its monitor cancel such calls with `cancel_abandoned(true)`, or give the call the time it needs"
            )),
            "leakguard::supervise::restart" => Some(format!(
                "stop the supervision of {spawn}, and await its end before `{owner}` returns"
            )),
            _ => None,
        }
    }

    fn heed_stop(&self) -> String {
        format!(
            "put what {} waits for into a `tokio::select!` with `stop.stopped()`, or let the supervision of {} abort it: `abort_ignoring(true)`",
            self.wait, self.spawn
        )
    }

    fn check_token(&self) -> String {
        match self.knows_wait {
            true => format!(
                "put the wait of {} into a `tokio::select!` with `token.cancelled()`, and return when that is ready",
                self.wait
            ),
            false => format!(
                "let the task of {} check its token, and return when it is cancelled",
                self.spawn
            ),
        }
    }

    fn join(&self) -> String {
        let join = match self.case.task.kind {
            TaskKind::Thread => "`join()` it",
            _ => "await it",
        };
        format!("the handle is dropped at {}: keep it, {join} and handle its error", self.spawn)
    }

    fn stop_thread(&self) -> String {
        let (spawn, function) = (&self.spawn, self.case.finding.function());
        match (self.case.task.kind, self.case.condition) {
            (TaskKind::Blocking, Condition::NeverBegun(_)) => format!(
                "no blocking thread is free for the closure of {spawn}: end the others first, or raise `max_blocking_threads`"
            ),
            (TaskKind::Thread, _) => format!(
                "make the thread of {spawn} stop, and `join()` it before `{function}` returns"
            ),
            _ => format!(
                "a blocking call cannot be aborted: give the closure of {spawn} a stop flag or a time limit, and await its handle"
            ),
        }
    }
}
