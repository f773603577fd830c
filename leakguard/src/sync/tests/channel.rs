//! Depth, ends, waits, and what is lost.

use super::{Task, channel, events, facts, find, me, next_line, poll, rule};
use crate::fact::kind::Operation;
use crate::fact::story::Happening;
use crate::sync::{broadcast, mpsc, oneshot, watch};
use std::pin::pin;
use std::task::Poll;

#[test]
fn counts_and_places() {
    let made = next_line();
    let (sender, mut receiver) = mpsc::channel(5);
    let first = next_line();
    sender.try_send(1).unwrap();
    sender.try_send(2).unwrap();
    sender.try_send(3).unwrap();
    assert_eq!(receiver.try_recv(), Ok(1));
    let seen = channel(made);
    assert_eq!((seen.sent, seen.received, seen.lost), (3, 1, 0));
    assert_eq!((seen.depth, seen.high), (2, 3));
    let lines: Vec<_> = seen.queued_at.iter().map(|at| at.line()).collect();
    assert_eq!(lines, [first.1 + 1, first.1 + 2]);
    assert_eq!(facts(made).capacity, Some(5));
    drop((sender, receiver));
    assert!(find(made).is_none());
}

#[test]
fn ends_and_who_touched_them() {
    let made = next_line();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let cloned = next_line();
    let other = sender.clone();
    let sent = next_line();
    let mut task = Task::new(async move { (other.send(7).unwrap(), me(), other) });
    let Poll::Ready((_, id, other)) = task.poll() else {
        panic!("a send to an unbounded channel waits");
    };
    let seen = channel(made);
    assert_eq!(seen.senders.len(), 2);
    assert_eq!(seen.senders[1].made.line(), cloned.1);
    assert_eq!(seen.senders[1].last_task, Some(id));
    assert_eq!(seen.senders[1].last_at.unwrap().line(), sent.1);
    drop(sender);
    assert_eq!(channel(made).senders.len(), 1);
    let weak = other.downgrade();
    let third = weak.upgrade().unwrap();
    assert_eq!(channel(made).senders.len(), 2);
    drop((other, third));
    assert_eq!(channel(made).senders, []);
    assert_eq!(receiver.try_recv(), Ok(7));
    for _ in 0..3 {
        assert!(receiver.try_recv().is_err());
    }
    assert_eq!(channel(made).receivers[0].refused, 3);
}

#[test]
fn waits_stand_in_line() {
    let made = next_line();
    let (sender, mut receiver) = mpsc::channel(1);
    sender.try_send(0).unwrap();
    let line = next_line();
    let mut first = pin!(sender.send(1));
    let mut second = Task::new(async { sender.send(2).await });
    let mut third = Box::pin(sender.reserve_many(1));
    assert!(poll(first.as_mut()).is_pending());
    assert!(second.poll().is_pending());
    assert!(poll(third.as_mut()).is_pending());
    let waits = facts(made).waits;
    let lines: Vec<_> = waits.iter().map(|w| w.at.line()).collect();
    assert_eq!(lines, [line.1, line.1 + 1, line.1 + 2]);
    assert!(waits.iter().all(|w| w.operation == Operation::Send));
    assert!(waits[0].task.is_none() && waits[1].task.is_some());
    assert_eq!(waits[1].polls, 1);
    assert!(second.poll().is_pending());
    assert_eq!(facts(made).waits[1].polls, 2);

    drop(third);
    assert_eq!(facts(made).waits.len(), 2);
    assert_eq!(receiver.try_recv(), Ok(0));
    assert!(poll(first.as_mut()).is_ready());
    assert_eq!(facts(made).waits.len(), 1);
    drop(second);
    assert_eq!(facts(made).waits, []);
    assert_eq!(channel(made).high, 1);
}

#[test]
fn a_receiver_waits_in_whatever_form() {
    let made = next_line();
    let (sender, mut receiver) = mpsc::channel::<u8>(1);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(receiver.poll_recv(&mut cx).is_pending());
    assert_eq!(facts(made).waits[0].operation, Operation::Receive);
    {
        let mut recv = pin!(receiver.recv());
        assert!(poll(recv.as_mut()).is_pending());
        assert_eq!(facts(made).waits.len(), 1);
    }
    assert_eq!(facts(made).waits, []);
    let thread = std::thread::spawn(move || receiver.blocking_recv());
    while find(made).is_some_and(|f| f.waits.is_empty()) {
        std::thread::yield_now();
    }
    assert!(facts(made).waits[0].thread.is_some());
    sender.blocking_send(3).unwrap();
    assert_eq!(thread.join().unwrap(), Some(3));
    assert_eq!(channel(made).received, 1);
}

#[test]
fn reserved_slots_have_holders() {
    let made = next_line();
    let (sender, mut receiver) = mpsc::channel(3);
    let at = next_line();
    let permit = sender.try_reserve().unwrap();
    let mut two = sender.try_reserve_many(2).unwrap();
    let held = channel(made).reserved;
    assert_eq!(held.iter().map(|h| h.permits).sum::<usize>(), 3);
    assert_eq!(held[0].at.unwrap().line(), at.1);
    permit.send(1);
    two.next().unwrap().send(2);
    assert_eq!(channel(made).reserved.len(), 1);
    drop(two);
    assert_eq!(channel(made).reserved, []);
    let owned = sender.clone().try_reserve_owned().unwrap();
    assert_eq!(channel(made).reserved.len(), 1);
    drop(owned.send(3));
    assert_eq!(channel(made).depth, 3);
    assert_eq!(receiver.try_recv(), Ok(1));
    assert_eq!(channel(made).senders.len(), 1);
}

#[test]
fn failed_sends_are_lost() {
    let made = next_line();
    let (sender, receiver) = mpsc::channel(1);
    receiver.charge(rule());
    drop(receiver);
    let at = next_line();
    let send = |n| sender.try_send(n).unwrap_err();
    send(1);
    send(2);
    let seen = channel(made);
    assert_eq!((seen.sent, seen.lost), (0, 2));
    let failed = seen.failed.unwrap();
    assert_eq!((failed.times, failed.at.unwrap().line()), (2, at.1));
    let events = events(made);
    assert_eq!(events.len(), 1);
    assert!(matches!(events[0].what, Happening::SendFailed { count: 2 }));
    assert_eq!(events[0].at.unwrap().line(), at.1);
}

#[test]
fn messages_die_inside() {
    let made = next_line();
    let (sender, receiver) = mpsc::channel(20);
    receiver.charge(rule());
    let at = next_line();
    (0..20).for_each(|n| sender.try_send(n).unwrap());
    drop(receiver);
    let events = events(made);
    let [event] = &events[..] else {
        panic!("one event, not {events:?}");
    };
    let Happening::DiedInside { count, sent_at } = &event.what else {
        panic!("not {event:?}");
    };
    assert_eq!(*count, 20);
    assert!(sent_at.iter().all(|place| place.line() == at.1));
    assert_eq!(channel(made).lost, 20);
}

#[test]
fn without_a_rule_nothing_is_noted() {
    let made = next_line();
    let (sender, receiver) = mpsc::channel(1);
    sender.try_send(1).unwrap();
    drop(receiver);
    assert!(sender.try_send(2).is_err());
    assert!(events(made).is_empty());
}

#[test]
fn a_receiver_that_said_so_loses_nothing() {
    let made = next_line();
    let (sender, mut receiver) = mpsc::channel(2);
    receiver.charge(rule());
    sender.try_send(1).unwrap();
    receiver.close();
    assert!(sender.try_send(2).is_err());
    assert_eq!(receiver.try_recv(), Ok(1));
    drop(receiver);
    assert!(sender.try_send(3).is_err());
    assert!(events(made).is_empty());
}

#[test]
fn a_promise_is_broken_once_the_receiver_hears_of_it() {
    let made = next_line();
    let (sender, receiver) = oneshot::channel::<u8>();
    receiver.charge(rule());
    let line = next_line();
    let mut task = Task::new(async move { receiver.await.is_err() });
    assert!(task.poll().is_pending());
    drop(sender);
    assert!(events(made).is_empty());
    assert_eq!(task.poll(), Poll::Ready(true));
    let broken = events(made);
    let [event] = &broken[..] else {
        panic!("one event, not {broken:?}");
    };
    let Happening::BrokenPromise { since } = &event.what else {
        panic!("not {event:?}");
    };
    assert_eq!(event.at.unwrap().line(), line.1);
    assert!(since.is_some());
    assert!(find(made).is_none());
}

#[test]
fn a_promise_found_broken_later_counts_and_a_closed_one_does_not() {
    let made = next_line();
    let (sender, mut receiver) = oneshot::channel::<u8>();
    receiver.charge(rule());
    drop(sender);
    assert!(receiver.try_recv().is_err());
    assert!(receiver.try_recv().is_err());
    assert_eq!(events(made).len(), 1);

    let made = next_line();
    let (sender, mut receiver) = oneshot::channel::<u8>();
    receiver.charge(rule());
    receiver.close();
    drop(sender);
    assert!(receiver.try_recv().is_err());
    assert!(events(made).is_empty());

    let made = next_line();
    let (sender, mut receiver) = oneshot::channel::<u8>();
    receiver.charge(rule());
    sender.send(1).unwrap();
    assert_eq!(receiver.try_recv(), Ok(1));
    assert!(receiver.try_recv().is_err());
    assert!(events(made).is_empty());
}

#[test]
fn a_value_that_nobody_takes_is_seen_until_the_receiver_goes() {
    let made = next_line();
    let (sender, receiver) = oneshot::channel::<u8>();
    receiver.charge(rule());
    let mut task = Task::new(receiver);
    assert!(find(made).is_none(), "nobody waits yet");
    assert!(task.poll().is_pending());
    sender.send(1).unwrap();
    let seen = facts(made);
    assert_eq!((seen.waits.len(), channel(made).depth), (1, 1));
    drop(task);
    assert!(find(made).is_none());
    assert_eq!(events(made).len(), 1, "it died inside");
}

#[test]
fn a_oneshot_is_listed_until_an_end_goes_and_again_while_the_other_waits() {
    let made = next_line();
    let (sender, receiver) = oneshot::channel::<u8>();
    let mut task = Task::new(receiver);
    assert!(task.poll().is_pending());
    let original = sender.into_inner();
    assert!(task.poll().is_pending());
    assert_eq!(facts(made).waits.len(), 1);
    original.send(1).unwrap();
    assert!(matches!(task.poll(), Poll::Ready(Ok(1))));
    drop(task);
    assert!(find(made).is_none());
}

#[test]
fn the_bound_is_said_once() {
    let made = next_line();
    let (sender, receiver) = mpsc::unbounded_channel();
    receiver.charge(rule());
    (0..5).for_each(|n| sender.send(n).unwrap());
    let events = events(made);
    assert_eq!(events.len(), 1);
    let over = &events[0].what;
    assert!(matches!(
        over,
        Happening::OverBound {
            bound: 2,
            depth: 3,
            ..
        }
    ));
    assert_eq!(channel(made).bound, Some(2));
}

#[test]
fn beyond_the_border_nothing_is_known() {
    let made = next_line();
    let (sender, receiver) = mpsc::channel::<u8>(1);
    let sender = sender.into_inner();
    assert!(facts(made).outside);
    drop(sender);
    drop(receiver);
    assert!(find(made).is_none());
    assert!(events(made).is_empty());
    let (_, receiver) = tokio::sync::mpsc::channel::<u8>(4);
    let made = next_line();
    let receiver = mpsc::Receiver::from(receiver);
    assert!(facts(made).outside && facts(made).capacity == Some(4));
    drop(receiver);
    assert!(find(made).is_none());
}

#[test]
fn a_broadcast_is_as_long_as_its_slowest_receiver_sees_it() {
    let made = next_line();
    let (sender, mut fast) = broadcast::channel(2);
    let mut slow = sender.subscribe();
    assert!(poll(pin!(fast.recv())).is_pending());
    for n in 0..3 {
        sender.send(n).unwrap();
    }
    assert_eq!((channel(made).depth, channel(made).receivers.len()), (3, 2));
    assert!(slow.try_recv().is_err(), "it lags by one");
    assert_eq!(slow.try_recv(), Ok(1));
    let seen = channel(made);
    assert_eq!((seen.sent, seen.received, seen.lost), (3, 1, 1));
    assert_eq!((seen.depth, seen.high), (3, 3));
    drop(fast);
    assert_eq!(channel(made).depth, 1);
    drop(slow);
    assert_eq!(channel(made).lost, 2);
    assert!(sender.send(4).is_err());
    assert_eq!(channel(made).failed.unwrap().times, 1);
    let late = sender.subscribe();
    drop(sender);
    drop(late);
    assert!(find(made).is_none());
}

#[test]
fn a_watch_that_never_said_anything() {
    let made = next_line();
    let (sender, mut receiver) = watch::channel(0);
    receiver.charge(rule());
    let other = receiver.clone();
    let line = next_line();
    let mut task = Task::new(async move { receiver.changed().await });
    assert!(task.poll().is_pending());
    let wait = facts(made).waits[0].clone();
    assert_eq!(
        (wait.operation, wait.at.line()),
        (Operation::Changed, line.1)
    );
    drop(sender);
    assert!(task.poll().is_ready());
    assert!(matches!(
        events(made)[0].what,
        Happening::BrokenPromise { .. }
    ));
    drop((task, other));
    assert!(find(made).is_none());

    let made = next_line();
    let (sender, mut receiver) = watch::channel(0);
    receiver.charge(rule());
    sender.send(1).unwrap();
    sender.send_modify(|n| *n += 1);
    assert!(!sender.send_if_modified(|_| false));
    assert!(poll(pin!(receiver.changed())).is_ready());
    assert!(poll(pin!(receiver.changed())).is_pending());
    drop(sender);
    assert!(poll(pin!(receiver.changed())).is_ready());
    let seen = channel(made);
    assert_eq!((seen.sent, seen.received), (2, 1));
    assert_eq!(seen.receivers[0].refused, 1);
    assert!(events(made).is_empty());
}
