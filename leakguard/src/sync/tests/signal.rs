//! Notifications, and waits for other tasks instead of messages.

use super::{Task, facts, lock, next_line, poll};
use crate::fact::kind::Operation;
use crate::fact::resource::{Detail, NotifyFacts};
use crate::sync::{Barrier, Notify, OnceCell, SetOnce};
use std::pin::pin;
use std::sync::Arc;

fn notifications(created: (&str, u32)) -> NotifyFacts {
    match facts(created).detail {
        Detail::Notify(facts) => facts,
        other => panic!("not {other:?}"),
    }
}

#[test]
fn early_notification_is_recorded() {
    let created = next_line();
    let notify = Arc::new(Notify::const_new());
    let early = pin!(notify.notified());
    let at = next_line();
    notify.notify_waiters();
    let mut late = Box::pin(notify.clone().notified_owned());
    assert!(poll(late.as_mut()).is_pending());
    let waiters = notifications(created).waiters.unwrap();
    assert_eq!((waiters.times, waiters.at.unwrap().line()), (1, at.1));
    let waits = facts(created).waits;
    assert_eq!((waits.len(), waits[0].seen), (1, 1), "all came before it");
    assert!(poll(early).is_ready());
    drop(late);
    assert_eq!(facts(created).waits, []);

    let mut wait = Task::new(notify.clone().notified_owned());
    assert!(wait.poll().is_pending());
    notify.notify_one();
    assert!(wait.poll().is_ready());
    notify.notify_last();
    let calls = notifications(created);
    assert!(calls.one.is_some() && calls.last.is_some());
    drop(wait);
    assert_eq!(facts(created).waits, []);
}

#[test]
fn barrier_lists_its_waiters() {
    let created = next_line();
    let barrier = Barrier::new(2);
    let line = next_line();
    let mut one = Box::pin(barrier.wait());
    assert!(poll(one.as_mut()).is_pending());
    let seen = facts(created);
    assert_eq!((seen.capacity, seen.waits.len()), (Some(2), 1));
    assert_eq!((seen.waits[0].operation, seen.waits[0].at.line()), (Operation::Barrier, line.1));
    assert!(poll(pin!(barrier.wait())).is_ready());
    assert!(poll(one.as_mut()).is_ready());
    assert_eq!(facts(created).waits, []);
}

#[test]
fn initialising_task_holds_the_cell_and_others_wait() {
    let created = next_line();
    let cell = OnceCell::new();
    let mut first = Task::new(async { *cell.get_or_init(std::future::pending::<u8>).await });
    assert!(first.poll().is_pending());
    let held = lock(created).holds;
    assert!(held.len() == 1 && held[0].task.is_some());
    assert_eq!(facts(created).waits, [], "its own initialisation is no wait");
    let mut second = pin!(cell.get_or_init(|| async { 2 }));
    assert!(poll(second.as_mut()).is_pending());
    assert_eq!(facts(created).waits[0].operation, Operation::Init);
    drop(first);
    assert_eq!(lock(created).holds, []);
    assert!(poll(second.as_mut()).is_ready());
    assert_eq!((lock(created).holds, facts(created).waits), (vec![], vec![]));

    let created = next_line();
    let once = SetOnce::new();
    let mut wait = pin!(once.wait());
    assert!(poll(wait.as_mut()).is_pending());
    assert_eq!(facts(created).waits.len(), 1);
    once.set(1).unwrap();
    assert!(poll(wait.as_mut()).is_ready());
}

#[cfg(feature = "tokio-util")]
#[test]
fn token_shows_its_cancellation_and_its_handles() {
    use crate::fact::resource::TokenFacts;
    use crate::sync::CancellationToken;

    fn token(created: (&str, u32)) -> TokenFacts {
        match facts(created).detail {
            Detail::Token(token) => token,
            other => panic!("not {other:?}"),
        }
    }

    let created = next_line();
    let parent = CancellationToken::new();
    let child_created = next_line();
    let child = parent.child_token();
    let clone = child.clone();
    let line = next_line();
    let mut task = Task::new(async { child.cancelled().await });
    assert!(task.poll().is_pending());
    let wait = facts(child_created).waits[0].clone();
    assert_eq!((wait.operation, wait.at.line()), (Operation::Cancelled, line.1));
    assert_eq!(token(child_created).handles.len(), 2);
    assert_eq!(token(child_created).parent, Some(facts(created).id));
    assert!(token(child_created).cancelled.is_none());
    let at = next_line();
    parent.cancel();
    parent.cancel();
    let cancel = token(child_created).cancelled.unwrap();
    assert_eq!((cancel.at.unwrap().line(), cancel.times), (at.1, 1));
    assert!(task.poll().is_ready());
    assert_eq!(facts(child_created).waits, []);
    drop(clone);
    assert_eq!(token(child_created).handles.len(), 1);

    let created = next_line();
    let other = CancellationToken::new();
    let mut run = Box::pin(other.run_until_cancelled(std::future::pending::<()>()));
    assert!(poll(run.as_mut()).is_pending());
    assert_eq!(facts(created).waits.len(), 1);
    drop(other.clone().drop_guard());
    assert!(token(created).cancelled.is_some());
    assert!(poll(run.as_mut()).is_ready());
}
