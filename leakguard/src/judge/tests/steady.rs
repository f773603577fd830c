//! What has changed between two looks counts for nothing.

use super::fixture::*;
use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::fact::kind::Side;
use crate::fact::resource::{Detail, ResourceFacts};
use crate::judge::steady::steady;

fn stays(before: &ResourceFacts, after: ResourceFacts) -> bool {
    !steady(vec![before.clone()], [after]).is_empty()
}

#[test]
fn a_poll_changes_nothing() {
    let before = mutex(2, &[3]);
    let mut after = before.clone();
    after.waits[0].polled = at(2_000);
    after.waits[0].polls += 1;
    assert!(stays(&before, after));
}

#[test]
fn who_holds_and_who_waits_must_stay() {
    let before = mutex(2, &[3]);
    assert!(steady(vec![before.clone()], []).is_empty());
    let change = |change: &dyn Fn(&mut ResourceFacts)| {
        let mut after = before.clone();
        change(&mut after);
        stays(&before, after)
    };
    assert!(!change(&|after| after.waits.clear()));
    assert!(!change(&|after| after.waits[0].number += 1));
    assert!(!change(&|after| {
        if let Detail::Lock(lock) = &mut after.detail {
            lock.holds.clear();
        }
    }));
}

#[test]
fn a_message_or_the_use_of_an_end_moves_a_channel() {
    let receives = wait(2, Operation::Receive);
    let before = channel(ResourceKind::Mpsc, 2, vec![end(Side::Sender, 3)], receives);
    let mut after = before.clone();
    if let Detail::Channel(channel) = &mut after.detail {
        (channel.sent, channel.received) = (1, 1);
    }
    assert!(!stays(&before, after));
    let mut after = before.clone();
    if let Detail::Channel(channel) = &mut after.detail {
        channel.senders[0] = end(Side::Sender, 4);
    }
    assert!(!stays(&before, after));
    assert!(stays(&before, before.clone()));
}
