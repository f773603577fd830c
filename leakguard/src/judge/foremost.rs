//! Which of a task's stacks is that of the wait that a finding is about.

use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::position::Position;
use crate::fact::resource::{ResourceFacts, WaitFacts};
use crate::fact::task::{ProbeOutcome, TaskFacts};
use crate::stack::Stack;
use crate::vocabulary::WaitKind;

/// Puts that stack first, because the first one gives a finding its place and its words.
pub(super) fn put_first(task: &mut TaskFacts, wait: &WaitFacts, resource: &ResourceFacts) {
    let ProbeOutcome::Pending(answer) = &mut task.answer else {
        return;
    };
    let best = answer.stacks.iter().enumerate().max_by_key(|(at, stack)| {
        // Of equal ones, the first.
        (likeness(stack, wait, resource.kind), std::cmp::Reverse(*at))
    });
    if let Some((at, _)) = best {
        answer.stacks[..=at].rotate_right(1);
    }
}

/// How much of the wait a stack has: its line, and what it waits for.
fn likeness(stack: &Stack, wait: &WaitFacts, kind: ResourceKind) -> (bool, bool) {
    let place = stack.place().and_then(Position::of_frame);
    let line = Position::of_location(wait.at);
    let same_line = place.is_some_and(|p| (p.file(), p.line()) == (line.file(), line.line()));
    (same_line, words_for(stack.wait(), kind, wait.operation))
}

/// Whether a stack that waits for `wait` may be in such an operation.
fn words_for(wait: WaitKind, kind: ResourceKind, operation: Operation) -> bool {
    use ResourceKind as R;
    use WaitKind as W;
    let own: &[WaitKind] = match (kind, operation) {
        (R::Mpsc | R::UnboundedMpsc, Operation::Receive) => &[W::MpscReceive],
        (R::Mpsc, Operation::Send) => &[W::MpscSend],
        (R::Mpsc | R::UnboundedMpsc, Operation::Closed) => &[W::MpscClosed],
        (R::Oneshot, Operation::Closed) => &[W::OneshotClosed],
        (R::Oneshot, _) => &[W::OneshotReceive],
        (R::Broadcast, Operation::Closed) => &[W::BroadcastClosed],
        (R::Broadcast, _) => &[W::BroadcastReceive],
        (R::Watch, Operation::Closed) => &[W::WatchClosed],
        (R::Watch, _) => &[W::WatchChange],
        (R::Mutex, _) => &[W::MutexLock, W::Lock],
        (R::RwLock, Operation::Write) => &[W::RwLockWrite, W::RwLock, W::Lock],
        (R::RwLock, _) => &[W::RwLockRead, W::RwLock, W::Lock],
        (R::Semaphore, _) => &[W::SemaphoreAcquire],
        (R::Notify, _) => &[W::Notified],
        (R::Barrier, _) => &[W::Barrier],
        (R::OnceCell | R::SetOnce, _) => &[W::OnceCell],
        (R::Token, _) => &[W::Cancellation],
        (R::JoinTask, _) => &[W::Join],
        (R::JoinSet, _) => &[W::JoinSet],
        _ => &[],
    };
    own.contains(&wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::fixture::{channel, task, wait, with_leaf};

    const SEND: &str = "tokio::sync::mpsc::bounded::Sender::send";
    const CANCELLED: &str = "tokio_util::sync::cancellation_token::WaitForCancellationFuture";

    fn first(leaves: &[&str], operation: Operation) -> Option<WaitKind> {
        let mut task =
            leaves.iter().fold(task(2, leaves.len()), |task, leaf| with_leaf(task, leaf));
        let resource = channel(ResourceKind::Mpsc, 3, vec![], wait(2, operation));
        put_first(&mut task, &resource.waits[0], &resource);
        task.wait()
    }

    #[test]
    fn stack_of_the_wait_comes_first() {
        let branches = [CANCELLED, SEND];
        assert_eq!(first(&branches, Operation::Send), Some(WaitKind::MpscSend));
        // No stack fits, so that the order stays.
        assert_eq!(first(&branches, Operation::Receive), Some(WaitKind::Cancellation));
        assert_eq!(first(&[], Operation::Send), None);
    }
}
