//! Which tasks could end a wait, by the facts on one resource.

use super::fixture::*;
use crate::fact::id::TaskId;
use crate::fact::kind::{Operation, ResourceKind, Side};
use crate::fact::resource::{Detail, NotifyFacts, OccurrenceFacts, ResourceFacts, WaitFacts};
use crate::judge::counterpart::{Needs, counterpart};
use crate::vocabulary::Cause;

/// The holders that the first wait depends on.
fn holders(resource: &ResourceFacts) -> Vec<Option<TaskId>> {
    let end = counterpart(resource, &resource.waits[0], |_| true);
    end.holders.iter().map(|h| h.task).collect()
}

fn cause(resource: &ResourceFacts) -> Option<Cause> {
    counterpart(resource, &resource.waits[0], |_| true).cause
}

#[test]
fn lock_depends_on_its_holders() {
    let lock = mutex(2, &[3]);
    assert_eq!(holders(&lock), [TaskId::new(2)]);
    let end = counterpart(&lock, &lock.waits[0], |_| true);
    assert_eq!((end.needs, end.is_shared), (Needs::All, false));
}

#[test]
fn request_for_too_many_permits_has_no_holder() {
    let wants = WaitFacts { permits: 3, ..wait(2, Operation::Acquire) };
    let permits = lock(ResourceKind::Semaphore, 2, vec![hold(3, 2)], vec![wants]);
    assert_eq!((holders(&permits), cause(&permits)), (vec![], Some(Cause::TooFew)));
}

#[test]
fn cell_depends_on_its_initialising_task() {
    let cell = lock(ResourceKind::OnceCell, 1, vec![hold(2, 1)], vec![wait(3, Operation::Init)]);
    assert_eq!(holders(&cell), [TaskId::new(2)]);
}

#[test]
fn receive_on_an_empty_queue_depends_on_its_senders() {
    let senders = vec![endpoint(Side::Sender, 3), endpoint(Side::Sender, 4)];
    let mut queue = channel(ResourceKind::Mpsc, 2, senders, wait(2, Operation::Receive));
    assert_eq!(holders(&queue), [TaskId::new(3), TaskId::new(4)]);
    if let Detail::Channel(channel) = &mut queue.detail {
        channel.depth = 1;
    }
    assert_eq!(holders(&queue), []);
    queue.waits[0].operation = Operation::Send;
    assert_eq!(holders(&queue), [TaskId::new(2)]);
}

#[test]
fn early_notification_is_the_cause() {
    let notified = |seen, times| {
        let mark =
            (times > 0).then_some(OccurrenceFacts { task: None, at: None, when: at(1), times });
        let facts = NotifyFacts { one: None, last: None, waiters: mark };
        let waits = WaitFacts { seen, ..wait(2, Operation::Notified) };
        cause(&thing(ResourceKind::Notify, vec![waits], Detail::Notify(facts)))
    };
    assert_eq!(notified(0, 0), Some(Cause::NeverSignalled));
    assert_eq!(notified(1, 1), Some(Cause::NotifiedTooEarly));
    assert_eq!(notified(0, 1), None);
}
