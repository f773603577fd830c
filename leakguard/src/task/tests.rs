//! What the twins write into the ledger and into their sites.

use super::{JoinSet, spawn};
use crate::fact::resource::{Detail, SetFacts};
use crate::site::{self, Site};
use crate::sync::tests::{facts, find, next_line};
use std::future::{pending, ready};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::yield_now;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

fn set(created: (&str, u32)) -> SetFacts {
    match facts(created).detail {
        Detail::Set(set) => set,
        other => panic!("{other:?}"),
    }
}

/// Number of live tasks in a set, of ended tasks in it, and the maximum of the latter.
fn counts(created: (&str, u32)) -> (usize, u64, u64) {
    let set = set(created);
    (set.alive.len(), set.unjoined, set.most)
}

#[test]
fn set_counts_its_live_and_unreaped_tasks() {
    runtime().block_on(async {
        let created = next_line();
        let mut tasks = JoinSet::new();
        assert_eq!(counts(created), (0, 0, 0));
        let abort = tasks.spawn(pending());
        let spawned = next_line();
        tasks.extend([ready(1), ready(2)]);
        assert_eq!(counts(created), (3, 0, 0));
        let last = set(created).spawned.unwrap();
        assert_eq!((last.times, last.at.unwrap().line()), (3, spawned.1));
        yield_now().await;
        assert_eq!(counts(created), (1, 2, 2));
        assert!(set(created).joined.is_none());
        let joined = next_line();
        assert!(tasks.try_join_next().is_some());
        assert_eq!(counts(created), (1, 1, 2));
        assert_eq!(set(created).joined.unwrap().at.unwrap().line(), joined.1);
        assert!(tasks.join_next().await.is_some());
        abort.abort();
        yield_now().await;
        assert_eq!(counts(created), (0, 1, 2), "an aborted task must be reaped too");
        assert!(tasks.join_next_with_id().await.unwrap().is_err());
        assert!(tasks.try_join_next_with_id().is_none());
        assert_eq!((counts(created), tasks.len()), ((0, 0, 2), 0));
        drop(tasks);
        assert!(find(created).is_none());
    });
}

#[test]
fn detached_task_no_longer_belongs_to_its_set() {
    runtime().block_on(async {
        let created = next_line();
        let mut tasks = JoinSet::new();
        let (open, gate) = oneshot::channel::<()>();
        tasks.spawn(async move { drop(gate.await) });
        tasks.detach_all();
        tasks.spawn(async {});
        assert_eq!(counts(created), (1, 0, 0));
        drop(open);
        yield_now().await;
        yield_now().await;
        assert_eq!(counts(created), (0, 1, 1));
        assert_eq!(tasks.join_all().await.len(), 1);
        assert!(find(created).is_none());
    });
}

#[test]
fn task_of_a_failed_spawn_is_not_in_the_set() {
    let created = next_line();
    let mut tasks = JoinSet::new();
    let spawns = std::panic::AssertUnwindSafe(|| tasks.spawn(async {}));
    assert!(std::panic::catch_unwind(spawns).is_err(), "no runtime");
    assert_eq!((tasks.len(), counts(created).1), (0, 0));
}

fn site(at: (&str, u32)) -> &'static Site {
    let is_at = |s: &&Site| (s.location().file(), s.location().line()) == at;
    site::spawns().into_iter().find(is_at).expect("a site")
}

#[test]
fn kept_handles_are_counted_at_their_spawn() {
    runtime().block_on(async {
        let spawned = next_line();
        let mut handles = [1, 2, 3, 4].map(|n| spawn(ready(n))).into_iter();
        let counts = || (site(spawned).unreaped(), site(spawned).max_unreaped());
        // This handle is dropped before its task has ended.
        drop(handles.next());
        assert_eq!(counts(), (0, 0));
        yield_now().await;
        assert_eq!(counts(), (3, 3));
        assert_eq!(handles.next().unwrap().await.unwrap(), 2);
        assert_eq!(counts(), (2, 3));
        let theirs = handles.next().unwrap().into_inner();
        assert_eq!((counts(), theirs.await.unwrap()), ((1, 3), 3));
        drop(handles);
        assert_eq!(counts(), (0, 3));
    });
}

#[test]
fn join_names_its_task_while_it_waits() {
    runtime().block_on(async {
        let (open, gate) = oneshot::channel::<()>();
        let spawned = next_line();
        let task = spawn(async move { drop(gate.await) });
        assert!(find(spawned).is_none());
        let joins = spawn(task);
        yield_now().await;
        let Detail::Join(joined) = facts(spawned).detail else {
            panic!("{:?}", facts(spawned));
        };
        assert_eq!((joined.len(), joined[0].started.line()), (1, spawned.1));
        drop(open);
        joins.await.unwrap().unwrap();
        assert!(find(spawned).is_none());
    });
}
