//! The deadlocks of threads that leakguard did not see start.

use crate::clock::Instant;
use crate::fact::finding::Finding;
use crate::fact::subject::Subject;
use crate::fact::task::{ScopeFacts, TaskFacts};
use crate::judge::counterpart::COARSE;
use crate::judge::graph::Graph;
use crate::judge::leak::leak;

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
