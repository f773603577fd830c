//! Runs the body of an async call, and waits for its tasks when it has returned.

use crate::call::output::OutputSlot;
use crate::call::paused::PausedClock;
use crate::check::act;
use crate::fact::id::{Ending, Role, TaskKind};
use crate::fact::options::{Options, Rule};
use crate::record::progress::Waiter;
use crate::record::record_arc::RecordArc;
use crate::record::scope::ScopeRecord;
use crate::record::task::TaskMeta;
use crate::report::Report;
use crate::site::Site;
use crate::vocabulary::Action;
use crate::watch::future::poll_inside;
use crate::watch::inside::Inside;
use crate::{call, config, context, registry};
use pin_project_lite::pin_project;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Returns the report.
#[derive(Debug)]
pub enum Find {}
/// Panics with the report.
#[derive(Debug)]
pub enum Verify {}

pin_project! {
    /// Runs a body in its scope.
    ///
    /// One type, because rustc limits how deep futures may nest. An enum, so that the body can be dropped early and inside
    /// its call.
    #[project = Stage]
    #[project_ref = StageRef]
    pub enum Scoped<F: Future, K: OutputSlot<F::Output>, M> {
        /// The body runs. Without a scope before the first poll, and if leakguard is off.
        Runs {
            #[pin]
            body: F,
            scope: Option<RecordArc<ScopeRecord>>,
            start: Option<CallStart>,
        },
        /// The body is done, and the call waits for its tasks.
        Waits { output: K, scope: Option<RecordArc<ScopeRecord>>, clock: Option<PausedClock> },
        /// The output was returned.
        Done { mode: PhantomData<M> },
    }

    impl<F: Future, K: OutputSlot<F::Output>, M> PinnedDrop for Scoped<F, K, M> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this;
            match this.as_mut().project() {
                Stage::Runs { scope: Some(scope), .. } => {
                    let panicking = std::thread::panicking();
                    let found = scope.progress.has_state().then(|| Arc::clone(scope));
                    this.cancel(if panicking { Ending::Panicked } else { Ending::Cancelled });
                    found.iter().for_each(pass_on);
                }
                Stage::Waits { scope: Some(scope), .. } => call::abandon(scope),
                _ => {}
            }
        }
    }
}

/// Passes on what was found in a call that was dropped before it could return that.
#[cold]
fn pass_on(scope: &Arc<ScopeRecord>) {
    act::collect_or_log(scope, scope.progress.take_findings());
}

/// What opens the scope of a function's call at its first poll. Until then an async function has not begun.
#[derive(Clone, Copy, Debug)]
pub struct CallStart {
    pub(crate) site: &'static Site,
    pub(crate) options: &'static Options,
}

/// Closes a scope even if a destructor of the body panics.
struct CloseOnDrop<'a>(&'a Arc<ScopeRecord>, Ending);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        call::close(self.0, self.1);
    }
}

impl<F: Future, K: OutputSlot<F::Output>, M> Scoped<F, K, M> {
    const META: TaskMeta = TaskMeta { kind: TaskKind::Call, type_name: std::any::type_name::<F> };

    pub(crate) fn new(
        site: &'static Site,
        options: &Options,
        rule: Rule,
        role: Role,
        body: F,
    ) -> Self {
        Scoped::Runs {
            body,
            scope: call::open(&Self::META, site, options, &rule, role).map(RecordArc),
            start: None,
        }
    }

    /// A call of a function, which begins at the first poll.
    pub(crate) fn call(start: CallStart, body: F) -> Self {
        Scoped::Runs { body, scope: None, start: Some(start) }
    }

    fn open(CallStart { site, options }: CallStart) -> Option<RecordArc<ScopeRecord>> {
        let rule = config::rule(options, Action::Log);
        call::open(&Self::META, site, options, &rule, Role::Call).map(RecordArc)
    }

    /// Drops what is left, and returns the scope.
    fn finish(mut self: Pin<&mut Self>) -> Option<RecordArc<ScopeRecord>> {
        let scope = match self.as_mut().project() {
            Stage::Runs { scope, .. } | Stage::Waits { scope, .. } => scope.take(),
            Stage::Done { .. } => None,
        };
        self.set(Scoped::Done { mode: PhantomData });
        scope
    }

    /// Drops the body inside its call, so that tasks spawned by its destructors belong to the scope.
    fn cancel(self: Pin<&mut Self>, how: Ending) {
        if let StageRef::Runs { scope: Some(scope), .. } = self.as_ref().project_ref() {
            let scope = Arc::clone(scope);
            let _close = CloseOnDrop(&scope, how);
            let inside = Inside::enter(&scope.call);
            self.finish();
            inside.leave();
        }
    }

    /// Returns no output if the body was cancelled, which always comes with a report.
    fn poll_call(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<(Option<F::Output>, Option<Report>)> {
        if let Stage::Runs { body, scope, start } = self.as_mut().project() {
            if let Some(start) = start.take() {
                *scope = Self::open(start);
            }
            let Some(scope) = scope else {
                return body.poll(cx).map(|output| (Some(output), None));
            };
            if let Some(report) = stopped(scope, cx) {
                self.cancel(Ending::Cancelled);
                return Poll::Ready((None, Some(report)));
            }
            let output = ready!(poll_inside(&**scope, body, cx));
            let how = match K::STORES {
                true => Ending::Returned,
                false => Ending::Left,
            };
            let listed = call::close(scope, how);
            if !K::STORES || call::is_over(scope) {
                scope.progress.drop_waiter();
                let report = call::report(scope);
                if let Some(RecordArc(scope)) = self.finish() {
                    registry::recycle(scope, listed);
                }
                return Poll::Ready((Some(output), report));
            }
            let (output, scope) = (K::store(output), self.as_mut().finish());
            self.set(Scoped::Waits { output, scope, clock: None });
        }
        let Stage::Waits { output, scope: Some(scope), clock } = self.as_mut().project() else {
            panic!("polled after it was ready");
        };
        if settled(scope, cx).is_pending() {
            // As for the waiter.
            if !context::is_capturing() {
                clock.get_or_insert_with(|| PausedClock::of(scope)).poll(scope, cx);
            }
            return Poll::Pending;
        }
        let given = (output.take(), call::report(scope));
        self.finish();
        Poll::Ready(given)
    }
}

/// The report that stops the call, on an overrun or on a deadlocked test. Otherwise the call is woken when there is one.
#[inline]
fn stopped(scope: &Arc<ScopeRecord>, cx: &mut Context<'_>) -> Option<Report> {
    let overruns = scope.rule.on_overrun == Action::Panic && scope.rule.overrun.is_some();
    let may_stop = overruns || scope.role == Role::Collect;
    if may_stop { stopped_by(overruns, scope, cx) } else { None }
}

/// As [`stopped`], for a call that something may stop.
#[cold]
fn stopped_by(overruns: bool, scope: &Arc<ScopeRecord>, cx: &mut Context<'_>) -> Option<Report> {
    wake_on_progress(scope, cx);
    let stopped = overruns && scope.progress.has_overrun() || scope.progress.is_dead();
    stopped.then(|| call::report(scope)).flatten()
}

/// Ready when nothing is left for which the return of the call waits.
fn settled(scope: &Arc<ScopeRecord>, cx: &mut Context<'_>) -> Poll<()> {
    if call::is_over(scope) {
        return Poll::Ready(());
    }
    wake_on_progress(scope, cx);
    // It may have settled before the waiter was set.
    match call::is_over(scope) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    }
}

/// Wakes the call when something is found. Not in a poll that captures stacks, because it would see this clone of the
/// waker as a wait. The waiter of the last poll stays then.
fn wake_on_progress(scope: &ScopeRecord, cx: &mut Context<'_>) {
    if !context::is_capturing() {
        scope.progress.wait_with(Waiter::Task(cx.waker().clone()));
    }
}

impl<F: Future, K: OutputSlot<F::Output>> Future for Scoped<F, K, Find> {
    type Output = (Option<F::Output>, Option<Report>);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_call(cx)
    }
}

/// See `call/failure.rs`.
mod __rust_end_short_backtrace {
    use super::{OutputSlot, Scoped, Verify};
    use crate::call::failure::panic_at_caller;
    use crate::report::emit;
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, ready};

    impl<F: Future, K: OutputSlot<F::Output>> Future for Scoped<F, K, Verify> {
        type Output = F::Output;

        // A panic is at the line of the caller that awaits.
        #[track_caller]
        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
            let (output, report) = match ready!(self.poll_call(cx)) {
                (Some(output), None) => return Poll::Ready(output),
                (output, Some(report)) => (output, report),
                (None, None) => panic!("polled after it was ready"),
            };
            let is_shown = emit::raise(&report);
            match output {
                Some(output) if !is_shown => Poll::Ready(output),
                _ => panic_at_caller(report),
            }
        }
    }
}
