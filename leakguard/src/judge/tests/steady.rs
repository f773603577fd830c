//! Facts that have changed between two observations are discarded.

use super::fixture::*;
use crate::fact::id::ResourceId;
use crate::fact::kind::{Operation, ResourceKind, Side};
use crate::fact::resource::{Detail, ResourceFacts};
use crate::judge::steady::steady;

fn is_kept(before: &ResourceFacts, after: ResourceFacts) -> bool {
    !steady(vec![before.clone()], [after]).is_empty()
}

#[test]
fn poll_is_no_change() {
    let before = mutex(2, &[3]);
    let mut after = before.clone();
    after.waits[0].polled = at(2_000);
    after.waits[0].polls += 1;
    assert!(is_kept(&before, after));
}

#[test]
fn changed_holders_or_waiters_are_discarded() {
    let before = mutex(2, &[3]);
    assert!(steady(vec![before.clone()], []).is_empty());
    let change = |change: &dyn Fn(&mut ResourceFacts)| {
        let mut after = before.clone();
        change(&mut after);
        is_kept(&before, after)
    };
    assert!(!change(&|after| {
        if let Detail::Lock(lock) = &mut after.detail {
            lock.holds.clear();
        }
    }));
    let free = |waits| lock(ResourceKind::RwLock, 8, vec![hold(2, 1)], waits);
    let before = free(vec![wait(3, Operation::Write)]);
    assert!(!is_kept(&before, free(vec![])));
    assert!(is_kept(&before, before.clone()));
}

/// The tasks that still wait for `before` in `after`.
fn waiting(before: ResourceFacts, after: ResourceFacts) -> Vec<u64> {
    let kept = steady(vec![before], [after]);
    let waits = kept.iter().flat_map(|r| &r.waits);
    waits.filter_map(|w| Some(w.task?.get())).collect()
}

#[test]
fn resources_are_found_again_whatever_came_or_went() {
    let one = |id| ResourceFacts { id: ResourceId(id), ..mutex(2, &[3]) };
    let released = |id| ResourceFacts { id: ResourceId(id), ..mutex(4, &[3]) };
    let before = [51, 52, 53, 54, 55].map(one).to_vec();
    let after = [one(52), one(60), one(55), released(53), one(54)];
    let kept: Vec<_> = steady(before, after).iter().map(|r| r.id).collect();
    assert_eq!(kept, [52, 54, 55].map(ResourceId));
}

#[test]
fn wait_stands_though_another_task_renews_its_own() {
    let waits = [2, 3].map(|task| wait(task, Operation::Changed));
    for kind in [ResourceKind::Watch, ResourceKind::Broadcast, ResourceKind::Mpsc] {
        let mut before = channel(kind, 2, vec![endpoint(Side::Sender, 4)], waits[0].clone());
        before.waits.push(waits[1].clone());
        let mut after = before.clone();
        after.waits[1].number += 7;
        assert_eq!(waiting(before.clone(), after), [2]);
        assert_eq!(waiting(before.clone(), before), [2, 3]);
    }
    let before = mutex(4, &[2, 3]);
    let mut after = before.clone();
    after.waits[1].number += 7;
    assert_eq!(waiting(before, after), [2]);
}

#[test]
fn channel_in_use_is_discarded() {
    let receives = wait(2, Operation::Receive);
    let before = channel(ResourceKind::Mpsc, 2, vec![endpoint(Side::Sender, 3)], receives);
    let mut after = before.clone();
    if let Detail::Channel(channel) = &mut after.detail {
        (channel.sent, channel.received) = (1, 1);
    }
    assert!(!is_kept(&before, after));
    let mut after = before.clone();
    if let Detail::Channel(channel) = &mut after.detail {
        channel.senders[0] = endpoint(Side::Sender, 4);
    }
    assert!(!is_kept(&before, after));
    assert!(is_kept(&before, before.clone()));
}
