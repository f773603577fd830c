//! The deadlocks of threads that leakguard did not see start.

use crate::clock::Instant;
use crate::fact::finding::Finding;
use crate::fact::subject::{CallProblem, CallSubject, Subject};
use crate::fact::task::{ScopeFacts, TaskFacts};
use crate::judge::counterpart::COARSE;
use crate::judge::graph::Graph;
use crate::judge::leak::leak;
use crate::vocabulary::WaitKind;

/// The deadlocks of threads outside of every task alone, which have waited since the scope began.
pub(crate) fn deadlocks(
    scope: &ScopeFacts,
    threads: &[TaskFacts],
    graph: &Graph<'_>,
    now: Instant,
) -> Vec<Finding> {
    let of_threads = |f: &Finding| match &f.subject {
        Subject::Deadlock(deadlock) => deadlock.members().iter().all(|id| id.is_thread()),
        _ => false,
    };
    // The wait has the coarse time.
    let own = threads.iter().filter(|thread| thread.began.plus(COARSE) >= scope.entered);
    own.map(|thread| leak(scope, thread, graph, now)).filter(of_threads).collect()
}

/// Makes the overrun of a call a line of the first of `deadlocks`, if the call waits for threads that leakguard did not see
/// start. Returns any other finding.
pub(crate) fn join(call: Finding, deadlocks: &mut [Finding]) -> Option<Finding> {
    let first = deadlocks.first_mut().map(|first| &mut first.subject);
    match (&call.subject, first) {
        (Subject::Call(overrun), Some(Subject::Deadlock(deadlock)))
            if waits_for_threads(overrun) =>
        {
            deadlock.joiner = Some(overrun.call.clone());
            deadlock.beside.extend(overrun.beside.iter().cloned());
            None
        }
        _ => Some(call),
    }
}

/// Whether its thread joins others, or waits inside of a library, such as a pool of threads. Where it waits for a lock or
/// channel that is known, that tells more.
fn waits_for_threads(overrun: &CallSubject) -> bool {
    let is_plain = matches!(overrun.problem, CallProblem::Overruns) && overrun.blockage.is_none();
    let native = overrun.call.native().filter(|_| is_plain);
    native.is_some_and(|stack| match stack.wait() {
        WaitKind::ThreadJoin | WaitKind::ThreadScope => true,
        WaitKind::Condvar | WaitKind::ThreadPark => stack.library().is_some(),
        _ => false,
    })
}
