//! How often an endpoint was refused because the other side is gone, and with which result.

use super::{Task, channel, current_id, find, next_line, poll};
use crate::fact::kind::Refusal;
use crate::fact::resource::EndpointFacts;
use crate::sync::blocking::mpsc as std_mpsc;
use crate::sync::{broadcast, mpsc, oneshot, watch};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

fn receiver(created: (&str, u32)) -> EndpointFacts {
    channel(created).receivers[0]
}

fn sender(created: (&str, u32)) -> EndpointFacts {
    channel(created).senders[0]
}

fn refusals(endpoint: EndpointFacts) -> (u64, Refusal) {
    (endpoint.refused, endpoint.refusal)
}

#[test]
fn mpsc_receiver_counts_its_refusals() {
    let created = next_line();
    let (sender, mut numbers) = mpsc::channel(2);
    sender.try_send(1).unwrap();
    assert_eq!(numbers.try_recv(), Ok(1));
    assert!(numbers.try_recv().is_err());
    assert_eq!(receiver(created).refused, 0, "it was only empty");
    assert_eq!(channel(created).ended, None);
    drop(sender);
    assert!(channel(created).ended.is_some() && channel(created).gone.len() == 1);
    assert!(poll(pin!(numbers.recv())).is_ready());
    assert_eq!(refusals(receiver(created)), (1, Refusal::None));
    assert!(numbers.try_recv().is_err());
    assert_eq!(refusals(receiver(created)), (2, Refusal::Disconnected));
    let at = next_line();
    assert!(poll(pin!(numbers.recv_many(&mut vec![], 3))).is_ready());
    assert_eq!(refusals(receiver(created)), (3, Refusal::Zero));
    assert_eq!(receiver(created).last_at.unwrap().line(), at.1);
    assert!(poll(pin!(numbers.recv_many(&mut vec![], 0))).is_ready());
    assert_eq!(receiver(created).refused, 3, "it requested none");
}

#[test]
fn each_broadcast_receiver_counts_its_own_refusals() {
    let created = next_line();
    let (sender, mut first) = broadcast::channel::<u8>(2);
    let mut second = sender.subscribe();
    drop(sender);
    let mut task = Task::new(async move {
        for _ in 0..3 {
            assert!(second.recv().await.is_err());
        }
        (current_id(), second)
    });
    let Poll::Ready((id, _second)) = task.poll() else {
        panic!("a closed broadcast does not wait");
    };
    assert!(first.try_recv().is_err());
    let endpoints = channel(created).receivers;
    assert_eq!(refusals(endpoints[0]), (1, Refusal::Closed));
    assert_eq!(refusals(endpoints[1]), (3, Refusal::Closed));
    assert_eq!(endpoints[1].last_task, Some(id));
}

#[test]
fn watch_receiver_that_gets_its_value_is_not_refused() {
    let created = next_line();
    let (sender, mut level) = watch::channel(7);
    drop(sender);
    assert!(level.has_changed().is_err());
    assert!(poll(pin!(level.changed())).is_ready());
    assert_eq!(refusals(receiver(created)), (2, Refusal::Err));
    assert!(poll(pin!(level.wait_for(|n| *n == 7))).is_ready());
    assert_eq!(receiver(created).refused, 0, "it got what it waited for");
}

#[test]
fn oneshot_is_listed_after_two_refusals() {
    let created = next_line();
    let (sender, mut value) = oneshot::channel::<u8>();
    drop(sender);
    assert!(value.try_recv().is_err());
    assert!(find(created).is_none());
    assert!(value.try_recv().is_err());
    assert_eq!(refusals(receiver(created)), (2, Refusal::Closed));
    drop(value);
    assert!(find(created).is_none());
}

#[test]
fn senders_without_a_receiver_count_their_refusals() {
    let created = next_line();
    let (numbers, receiver) = mpsc::channel(1);
    numbers.try_send(1).unwrap();
    assert!(numbers.try_send(2).is_err() && numbers.try_reserve().is_err());
    assert_eq!(sender(created).refused, 0, "it was only full");
    drop(receiver);
    assert!(poll(pin!(numbers.send(2))).is_ready());
    assert_eq!(refusals(sender(created)), (1, Refusal::Err));
    assert!(numbers.try_send(2).is_err());
    assert_eq!(refusals(sender(created)), (2, Refusal::Closed));
    assert!(poll(pin!(numbers.reserve())).is_ready());
    assert!(poll(pin!(numbers.reserve_many(1))).is_ready());
    assert_eq!(refusals(sender(created)), (4, Refusal::Err));
    assert!(numbers.try_reserve().is_err() && numbers.try_reserve_many(1).is_err());
    assert_eq!(refusals(sender(created)), (6, Refusal::Closed));
    let numbers = numbers.try_reserve_owned().unwrap_err().into_inner();
    assert_eq!(refusals(sender(created)), (7, Refusal::Closed));
    drop(numbers);

    let created = next_line();
    let (numbers, receiver) = mpsc::unbounded_channel();
    drop(receiver);
    assert!(numbers.send(1).is_err() && numbers.send(2).is_err());
    assert_eq!(refusals(sender(created)), (2, Refusal::Err));
}

#[test]
fn both_halves_of_a_std_channel_count_their_refusals() {
    let created = next_line();
    let (numbers, received) = std_mpsc::channel::<u8>();
    drop(numbers);
    assert!(received.recv().is_err());
    assert_eq!(refusals(receiver(created)), (1, Refusal::Err));
    assert!(received.try_recv().is_err());
    assert!(received.recv_timeout(Duration::ZERO).is_err());
    assert_eq!(refusals(receiver(created)), (3, Refusal::Disconnected));

    let created = next_line();
    let (numbers, received) = std_mpsc::sync_channel(1);
    drop(received);
    assert!(numbers.send(1).is_err());
    assert_eq!(refusals(sender(created)), (1, Refusal::Err));
    assert!(numbers.try_send(1).is_err());
    assert_eq!(refusals(sender(created)), (2, Refusal::Disconnected));
    assert_eq!((channel(created).sent, channel(created).lost), (0, 2));
}
