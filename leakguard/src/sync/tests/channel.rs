//! Depth, endpoints, waits and lost messages of channels.

use super::{Task, channel, current_id, events, facts, find, next_line, poll, rule};
use crate::fact::kind::Operation;
use crate::fact::story::ChannelEventKind;
use crate::sync::{broadcast, mpsc, oneshot, watch};
use std::pin::pin;
use std::task::Poll;

#[test]
fn messages_are_counted_with_their_places() {
    let created = next_line();
    let (sender, mut receiver) = mpsc::channel(5);
    let first = next_line();
    sender.try_send(1).unwrap();
    sender.try_send(2).unwrap();
    sender.try_send(3).unwrap();
    assert_eq!(receiver.try_recv(), Ok(1));
    let seen = channel(created);
    assert_eq!((seen.sent, seen.received, seen.lost), (3, 1, 0));
    assert_eq!((seen.depth, seen.high), (2, 3));
    assert_eq!(facts(created).capacity, Some(5));
    receiver.set_rule(rule());
    drop((sender, receiver));
    assert!(find(created).is_none());
    let dropped = events(created);
    let ChannelEventKind::DiedInside { count: 2, sent_at } = &dropped[0].what else {
        panic!("not {dropped:?}");
    };
    let lines: Vec<_> = sent_at.iter().map(|at| at.line()).collect();
    assert_eq!(lines, [first.1 + 1, first.1 + 2]);
}

#[test]
fn endpoints_record_their_last_use() {
    let created = next_line();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let cloned = next_line();
    let other = sender.clone();
    let sent = next_line();
    let mut task = Task::new(async move { (other.send(7).unwrap(), current_id(), other) });
    let Poll::Ready((_, id, other)) = task.poll() else {
        panic!("a send to an unbounded channel waits");
    };
    let seen = channel(created);
    assert_eq!(seen.senders.len(), 2);
    assert_eq!(seen.senders[1].created.line(), cloned.1);
    assert_eq!(seen.senders[1].last_task, Some(id));
    assert_eq!(seen.senders[1].last_at.unwrap().line(), sent.1);
    drop(sender);
    assert_eq!(channel(created).senders.len(), 1);
    let weak = other.downgrade();
    let third = weak.upgrade().unwrap();
    assert_eq!(channel(created).senders.len(), 2);
    drop((other, third));
    assert_eq!(channel(created).senders, []);
    assert_eq!(receiver.try_recv(), Ok(7));
    for _ in 0..3 {
        assert!(receiver.try_recv().is_err());
    }
    assert_eq!(channel(created).receivers[0].refused, 3);
}

#[test]
fn waits_are_listed_in_order() {
    let created = next_line();
    let (sender, mut receiver) = mpsc::channel(1);
    sender.try_send(0).unwrap();
    let line = next_line();
    let mut first = pin!(sender.send(1));
    let mut second = Task::new(async { sender.send(2).await });
    let mut third = Box::pin(sender.reserve_many(1));
    assert!(poll(first.as_mut()).is_pending());
    assert!(second.poll().is_pending());
    assert!(poll(third.as_mut()).is_pending());
    let waits = facts(created).waits;
    let lines: Vec<_> = waits.iter().map(|w| w.at.line()).collect();
    assert_eq!(lines, [line.1, line.1 + 1, line.1 + 2]);
    assert!(waits.iter().all(|w| w.operation == Operation::Send));
    assert!(waits[0].task.is_none() && waits[1].task.is_some());
    assert_eq!(waits[1].polls, 1);
    assert!(second.poll().is_pending());
    assert_eq!(facts(created).waits[1].polls, 2);

    drop(third);
    assert_eq!(facts(created).waits.len(), 2);
    assert_eq!(receiver.try_recv(), Ok(0));
    assert!(poll(first.as_mut()).is_ready());
    assert_eq!(facts(created).waits.len(), 1);
    drop(second);
    assert_eq!(facts(created).waits, []);
    assert_eq!(channel(created).high, 1);
}

#[test]
fn every_form_of_receive_is_a_wait() {
    let created = next_line();
    let (sender, mut receiver) = mpsc::channel::<u8>(1);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(receiver.poll_recv(&mut cx).is_pending());
    assert_eq!(facts(created).waits[0].operation, Operation::Receive);
    {
        let mut recv = pin!(receiver.recv());
        assert!(poll(recv.as_mut()).is_pending());
        assert_eq!(facts(created).waits.len(), 1);
    }
    assert_eq!(facts(created).waits, []);
    let thread = std::thread::spawn(move || receiver.blocking_recv());
    while find(created).is_some_and(|f| f.waits.is_empty()) {
        std::thread::yield_now();
    }
    assert!(facts(created).waits[0].thread.is_some());
    sender.blocking_send(3).unwrap();
    assert_eq!(thread.join().unwrap(), Some(3));
    assert_eq!(channel(created).received, 1);
}

#[test]
fn reserved_slots_count_once_they_are_used() {
    let created = next_line();
    let (sender, mut receiver) = mpsc::channel(3);
    let permit = sender.try_reserve().unwrap();
    let mut two = sender.try_reserve_many(2).unwrap();
    assert_eq!(channel(created).depth, 0);
    permit.send(1);
    two.next().unwrap().send(2);
    assert_eq!(channel(created).depth, 2);
    drop(two);
    let owned = sender.clone().try_reserve_owned().unwrap();
    drop(owned.send(3));
    assert_eq!(channel(created).depth, 3);
    assert_eq!(receiver.try_recv(), Ok(1));
    assert_eq!(channel(created).senders.len(), 1);
}

#[test]
fn failed_sends_are_counted_as_lost() {
    let created = next_line();
    let (sender, receiver) = mpsc::channel(1);
    receiver.set_rule(rule());
    drop(receiver);
    let at = next_line();
    let send = |n| sender.try_send(n).unwrap_err();
    send(1);
    send(2);
    let seen = channel(created);
    assert_eq!((seen.sent, seen.lost), (0, 2));
    let failed = seen.failed.unwrap();
    assert_eq!((failed.times, failed.at.unwrap().line()), (2, at.1));
    let events = events(created);
    assert_eq!(events.len(), 1);
    assert!(matches!(events[0].what, ChannelEventKind::SendFailed { count: 2 }));
    assert_eq!(events[0].at.unwrap().line(), at.1);
}

#[test]
fn queued_messages_are_lost_with_the_receiver() {
    let created = next_line();
    let (sender, receiver) = mpsc::channel(20);
    receiver.set_rule(rule());
    let at = next_line();
    (0..20).for_each(|n| sender.try_send(n).unwrap());
    drop(receiver);
    let events = events(created);
    let [event] = &events[..] else {
        panic!("one event, not {events:?}");
    };
    let ChannelEventKind::DiedInside { count, sent_at } = &event.what else {
        panic!("not {event:?}");
    };
    assert_eq!(*count, 20);
    assert!(sent_at.iter().all(|place| place.line() == at.1));
    assert_eq!(channel(created).lost, 20);
}

#[test]
fn channel_without_a_rule_records_no_event() {
    let created = next_line();
    let (sender, receiver) = mpsc::channel(1);
    sender.try_send(1).unwrap();
    drop(receiver);
    assert!(sender.try_send(2).is_err());
    assert!(events(created).is_empty());
}

#[test]
fn closed_receiver_loses_nothing() {
    let created = next_line();
    let (sender, mut receiver) = mpsc::channel(2);
    receiver.set_rule(rule());
    sender.try_send(1).unwrap();
    receiver.close();
    assert!(sender.try_send(2).is_err());
    assert_eq!(receiver.try_recv(), Ok(1));
    drop(receiver);
    assert!(sender.try_send(3).is_err());
    assert!(events(created).is_empty());
}

#[test]
fn broken_promise_is_recorded_when_the_receiver_observes_it() {
    let created = next_line();
    let (sender, receiver) = oneshot::channel::<u8>();
    receiver.set_rule(rule());
    let line = next_line();
    let mut task = Task::new(async move { receiver.await.is_err() });
    assert!(task.poll().is_pending());
    drop(sender);
    assert!(events(created).is_empty());
    assert_eq!(task.poll(), Poll::Ready(true));
    let broken = events(created);
    let [event] = &broken[..] else {
        panic!("one event, not {broken:?}");
    };
    assert!(matches!(event.what, ChannelEventKind::BrokenPromise));
    assert_eq!(event.at.unwrap().line(), line.1);
    assert!(find(created).is_none());
}

#[test]
fn broken_promise_is_recorded_unless_the_receiver_closed() {
    let created = next_line();
    let (sender, mut receiver) = oneshot::channel::<u8>();
    receiver.set_rule(rule());
    drop(sender);
    assert!(receiver.try_recv().is_err());
    assert!(receiver.try_recv().is_err());
    assert_eq!(events(created).len(), 1);

    let created = next_line();
    let (sender, mut receiver) = oneshot::channel::<u8>();
    receiver.set_rule(rule());
    receiver.close();
    drop(sender);
    assert!(receiver.try_recv().is_err());
    assert!(events(created).is_empty());

    let created = next_line();
    let (sender, mut receiver) = oneshot::channel::<u8>();
    receiver.set_rule(rule());
    sender.send(1).unwrap();
    assert_eq!(receiver.try_recv(), Ok(1));
    assert!(receiver.try_recv().is_err());
    assert!(events(created).is_empty());
}

#[test]
fn unreceived_value_is_listed_until_the_receiver_is_dropped() {
    let created = next_line();
    let (sender, receiver) = oneshot::channel::<u8>();
    receiver.set_rule(rule());
    let mut task = Task::new(receiver);
    assert!(find(created).is_none(), "nothing waits yet");
    assert!(task.poll().is_pending());
    sender.send(1).unwrap();
    let seen = facts(created);
    assert_eq!((seen.waits.len(), channel(created).depth), (1, 1));
    drop(task);
    assert!(find(created).is_none());
    assert_eq!(events(created).len(), 1, "the value is lost");
}

#[test]
fn oneshot_with_a_converted_sender_is_listed_while_it_waits() {
    let created = next_line();
    let (sender, receiver) = oneshot::channel::<u8>();
    let mut task = Task::new(receiver);
    assert!(task.poll().is_pending());
    let original = sender.into_inner();
    assert!(task.poll().is_pending());
    assert_eq!(facts(created).waits.len(), 1);
    original.send(1).unwrap();
    assert!(matches!(task.poll(), Poll::Ready(Ok(1))));
    drop(task);
    assert!(find(created).is_none());
}

#[test]
fn exceeded_bound_is_recorded_once() {
    let created = next_line();
    let (sender, receiver) = mpsc::unbounded_channel();
    receiver.set_rule(rule());
    (0..5).for_each(|n| sender.send(n).unwrap());
    let events = events(created);
    assert_eq!(events.len(), 1);
    let over = &events[0].what;
    assert!(matches!(over, ChannelEventKind::OverBound { bound: 2, depth: 3, .. }));
}

#[test]
fn converted_endpoint_marks_its_channel_as_outside() {
    let created = next_line();
    let (sender, receiver) = mpsc::channel::<u8>(1);
    let sender = sender.into_inner();
    assert!(facts(created).outside);
    drop(sender);
    drop(receiver);
    assert!(find(created).is_none());
    assert!(events(created).is_empty());
    let (_, receiver) = tokio::sync::mpsc::channel::<u8>(4);
    let created = next_line();
    let receiver = mpsc::Receiver::from(receiver);
    assert!(facts(created).outside && facts(created).capacity == Some(4));
    drop(receiver);
    assert!(find(created).is_none());
}

#[test]
fn broadcast_depth_is_that_of_its_slowest_receiver() {
    let created = next_line();
    let (sender, mut fast) = broadcast::channel(2);
    let mut slow = sender.subscribe();
    assert!(poll(pin!(fast.recv())).is_pending());
    for n in 0..3 {
        sender.send(n).unwrap();
    }
    assert_eq!((channel(created).depth, channel(created).receivers.len()), (3, 2));
    assert!(slow.try_recv().is_err(), "it lags by one");
    assert_eq!(slow.try_recv(), Ok(1));
    let seen = channel(created);
    assert_eq!((seen.sent, seen.received, seen.lost), (3, 1, 1));
    assert_eq!((seen.depth, seen.high), (3, 3));
    drop(fast);
    assert_eq!(channel(created).depth, 1);
    drop(slow);
    assert_eq!(channel(created).lost, 2);
    assert!(sender.send(4).is_err());
    assert_eq!(channel(created).failed.unwrap().times, 1);
    let late = sender.subscribe();
    drop(sender);
    drop(late);
    assert!(find(created).is_none());
}

#[test]
fn watch_dropped_unused_is_a_broken_promise() {
    let created = next_line();
    let (sender, mut receiver) = watch::channel(0);
    receiver.set_rule(rule());
    let other = receiver.clone();
    let line = next_line();
    let mut task = Task::new(async move { receiver.changed().await });
    assert!(task.poll().is_pending());
    let wait = facts(created).waits[0].clone();
    assert_eq!((wait.operation, wait.at.line()), (Operation::Changed, line.1));
    drop(sender);
    assert!(task.poll().is_ready());
    assert!(matches!(events(created)[0].what, ChannelEventKind::BrokenPromise));
    drop((task, other));
    assert!(find(created).is_none());

    let created = next_line();
    let (sender, mut receiver) = watch::channel(0);
    receiver.set_rule(rule());
    sender.send(1).unwrap();
    sender.send_modify(|n| *n += 1);
    assert!(!sender.send_if_modified(|_| false));
    assert!(poll(pin!(receiver.changed())).is_ready());
    assert!(poll(pin!(receiver.changed())).is_pending());
    drop(sender);
    assert!(poll(pin!(receiver.changed())).is_ready());
    let seen = channel(created);
    assert_eq!((seen.sent, seen.received), (2, 1));
    assert_eq!(seen.receivers[0].refused, 1);
    assert!(events(created).is_empty());
}
