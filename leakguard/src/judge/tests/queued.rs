//! A reply whose sender lies in a queue: the receiver of that queue holds it.

use super::fixture::*;
use crate::fact::cause::{Identity, Trace, WaitTarget};
use crate::fact::kind::{Operation, ResourceKind, Side};
use crate::fact::resource::{Detail, EndpointFacts, ResourceFacts};
use crate::site::CallSite;
use crate::vocabulary::Cause;
use std::panic::Location;

#[track_caller]
fn here() -> CallSite {
    Location::caller()
}

/// Task 2 has sent a request at `sent`, and waits for the reply, which is created and awaited at two lines. Task 3 could
/// receive the request.
fn request(sent: CallSite, [created, awaited]: [CallSite; 2]) -> [ResourceFacts; 2] {
    let sender = EndpointFacts { last_at: Some(sent), ..endpoint(Side::Sender, 2) };
    let mut queue = channel(ResourceKind::Mpsc, 3, vec![sender], wait(9, Operation::Receive));
    queue.waits.clear();
    if let Detail::Channel(channel) = &mut queue.detail {
        (channel.depth, channel.queued, channel.carries) = (1, vec![sent], true);
    }
    let sender = EndpointFacts { created, last_at: Some(created), ..unused(Side::Sender, 2) };
    let mut reply = channel(ResourceKind::Oneshot, 2, vec![sender], wait(2, Operation::Receive));
    (reply.created, reply.waits[0].at) = (created, awaited);
    [queue, reply]
}

/// Task 2 holds the lock that task 3 needs before it receives.
fn world([queue, reply]: [ResourceFacts; 2]) -> World {
    World::new(vec![task(2, 1), task(3, 1)], vec![queue, reply, mutex(2, &[3])])
}

#[test]
fn lock_and_a_reply_in_a_queue_are_a_cycle() {
    let created = here();
    let sent = here();
    let awaited = here();
    let world = world(request(sent, [created, awaited]));
    let blockage = world.blockage(2);
    assert_eq!((world.cycle(2), world.cycle(3)), (vec![2, 3], vec![3, 2]));
    assert_eq!(blockage.cause, Some(Cause::Cycle));
    assert_eq!(blockage.cycle[0].wants, WaitTarget::Thing(ResourceKind::Oneshot));
    assert!(matches!(blockage.cycle[0].trace, Trace::Queued(_)));
    assert!(matches!(blockage.parties[..], [party] if matches!(party.who, Identity::Task(_))));
    assert!(!world.judge(|graph| graph.is_dead()), "where a sender moved to is a guess");
}

#[test]
fn sender_that_is_in_no_known_queue_may_be_anywhere() {
    let before = here();
    let created = here();
    let sent = here();
    let awaited = here();
    let reply = [created, awaited];
    let trace = |request| world(request).blockage(2).parties[0].trace;
    assert!(matches!(trace(request(sent, reply)), Trace::Queued(_)));
    assert_eq!(trace(request(before, reply)), Trace::Created);
    // Its messages are numbers, it was received, or the channel is not wholly known.
    for change in [carry_nothing, receive, set_outside] {
        let mut request = request(sent, reply);
        change(&mut request[0]);
        assert_eq!(trace(request), Trace::Created);
    }
}

fn carry_nothing(queue: &mut ResourceFacts) {
    if let Detail::Channel(channel) = &mut queue.detail {
        channel.carries = false;
    }
}

fn receive(queue: &mut ResourceFacts) {
    if let Detail::Channel(channel) = &mut queue.detail {
        (channel.depth, channel.queued) = (0, Vec::new());
    }
}

fn set_outside(queue: &mut ResourceFacts) {
    queue.outside = true;
}
