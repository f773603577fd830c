//! What a join writes into the ledger.

use crate::fact::resource::Detail;
use crate::sync::blocking::mpsc;
use crate::sync::tests::blocking::until_waited;
use crate::sync::tests::{facts, find, next_line};
use std::thread::yield_now;

#[test]
fn join_names_its_thread() {
    let (open, opened) = mpsc::channel::<()>();
    let created = next_line();
    let joined = super::spawn(move || opened.recv());
    std::thread::scope(|s| {
        s.spawn(|| joined.join());
        until_waited(created);
        let Detail::Join(threads) = facts(created).detail else {
            panic!("{:?}", facts(created));
        };
        assert_eq!((threads.len(), threads[0].started.line()), (1, created.1));
        drop(open);
    });
    assert!(find(created).is_none());
}

/// A scope whose thread spawns another one and ends. The other one waits.
#[track_caller]
fn relay(opened: mpsc::Receiver<()>) {
    super::scope(move |s| {
        s.spawn(move || drop(s.spawn(move || opened.recv())));
    });
}

#[test]
fn thread_scope_lists_its_threads_until_they_end() {
    let (open, opened) = mpsc::channel::<()>();
    let created = next_line();
    let waits = move || relay(opened);
    std::thread::scope(|s| {
        s.spawn(waits);
        until_waited(created);
        let threads = || match find(created).map(|facts| facts.detail) {
            Some(Detail::Join(threads)) => threads.len(),
            other => panic!("{other:?}"),
        };
        // The first thread ends right after its spawn.
        while threads() > 1 {
            yield_now();
        }
        drop(open);
    });
    assert!(find(created).is_none());
}
