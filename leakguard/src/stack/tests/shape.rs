//! The form of a stack, whatever it waits for: its edges, names, grouping, and the frames that are hidden.

use std::collections::HashSet;
use std::task::Waker;

use tokio::sync::{Mutex, mpsc};

use super::{Frame, FrameOrigin, RawStack, Stack, await_below, capture, look, resolve};
use crate::stack::probe::nested;

async fn worker(rx: &mut mpsc::Receiver<u8>) {
    rx.recv().await;
}

async fn caller(rx: &mut mpsc::Receiver<u8>) {
    worker(rx).await;
}

fn functions(stack: &Stack) -> Vec<&str> {
    stack.user_frames().map(Frame::function).collect()
}

/// Whether this build's debug information has the paths of functions. With `line-tables-only` those of inlined functions
/// are missing, and the linker knows the others.
fn has_paths(stack: &Stack) -> bool {
    let has_all = !stack.user_frames().any(|frame| frame.function().contains("{async_"));
    assert!(has_all || !cfg!(debug_assertions), "{stack:#?}");
    has_all
}

#[tokio::test]
async fn stack_ends_at_its_capture() {
    let (_tx, mut rx) = mpsc::channel(1);
    let polled = look(caller(&mut rx)).await;
    let stack = &polled.stacks[0];
    assert_eq!(stack.user_frames().count(), 2, "{stack:#?}");
    assert!(
        stack.frames().iter().all(|frame| !frame.function().starts_with("leakguard::stack::waker"))
    );
    assert!(stack.frames().len() > 2);
    if has_paths(stack) {
        let here = module_path!();
        assert_eq!(functions(stack), [format!("{here}::worker"), format!("{here}::caller")]);
    }
}

#[tokio::test]
async fn walk_ends_at_the_capture() {
    let (whole, polled) = capture(Waker::noop(), |cx| {
        drop(cx.waker().clone());
        RawStack::walk(None)
    });
    let recorded = polled.stacks[0].addresses().len();
    assert!(recorded < whole.addresses().len(), "{recorded} of {}", whole.addresses().len());
}

/// A leaf whose instances all have frames of one size.
#[inline(never)]
fn leaf<const N: u8>(waker: &Waker) -> u8 {
    drop(waker.clone());
    std::hint::black_box(N)
}

#[test]
fn recognised_stack_is_the_one_that_was_walked() {
    let leaves = [leaf::<0>, leaf::<1>, leaf::<2>];
    let take = |which: usize| {
        let (_, polled) = capture(Waker::noop(), |cx| leaves[which](cx.waker()));
        polled.stacks[0].clone()
    };
    let walked: Vec<_> = [0, 1, 2].map(take).into();
    assert_eq!(walked.iter().collect::<HashSet<_>>().len(), 3);
    for which in [2, 0, 0, 1, 2, 1] {
        let again = take(which);
        assert_eq!(again, walked[which]);
        // Where return addresses lie right below the stack pointer, the stack was recognised without a walk.
        let shared = std::ptr::eq(again.addresses(), walked[which].addresses());
        assert!(shared || !cfg!(target_arch = "x86_64"));
    }
}

/// The case of an unwinder that knows no stack pointer.
#[test]
fn stack_without_an_edge_is_cut_by_name() {
    let (whole, _) = capture(Waker::noop(), |_| RawStack::walk(None));
    let whole = resolve(&whole);
    assert!(!whole.frames().is_empty());
    let beyond = "stack_without_an_edge_is_cut_by_name";
    let inside: Vec<_> =
        whole.user_frames().filter(|frame| frame.function().contains(beyond)).collect();
    // The closure is inside; the test that calls `capture` is not.
    assert!(inside.len() <= 1, "{whole:#?}");
}

#[tokio::test]
async fn nested_captures_each_have_their_own_extent() {
    let (_tx, mut rx) = mpsc::channel(1);
    let inner = std::cell::RefCell::new(None);
    let outer = look(async {
        inner.replace(Some(nested(worker(&mut rx)).await));
    });
    let outer = outer.await;
    let inner = resolve(&inner.take().unwrap().stacks[0]);
    let outer = &outer.stacks[0];
    assert_eq!(inner.user_frames().count(), 1, "{inner:#?}");
    assert_eq!(outer.user_frames().count(), 2, "{outer:#?}");
    assert_eq!(inner.place(), outer.place());
    assert_eq!((inner.wait().words(), outer.wait().words()), ("mpsc receive", "mpsc receive"));
}

#[tokio::test]
async fn stacks_that_look_equal_are_equal() {
    let (_tx, mut rx) = mpsc::channel(1);
    let mutex = Mutex::new(());
    let _held = mutex.lock().await;
    let mut waits = Box::pin(worker(&mut rx));
    let mut locks = Box::pin(async { drop(mutex.lock().await) });
    let mut groups = HashSet::new();
    for _ in 0..3 {
        groups.extend(look(waits.as_mut()).await.stacks);
        groups.extend(look(locks.as_mut()).await.stacks);
    }
    assert_eq!(groups.len(), 2);
}

/// A task that is only a library's future still shows where it waits.
#[tokio::test]
async fn stack_without_user_frames_shows_the_library() {
    let (_tx, mut rx) = mpsc::channel::<u8>(1);
    let polled = look(rx.recv()).await;
    let place = polled.stacks[0].place().unwrap();
    assert_eq!(place.origin(), FrameOrigin::Runtime);
    assert!(place.function().starts_with("tokio::sync"), "{place}");

    let (_tx, rx) = flume::bounded::<u8>(1);
    let polled = look(rx.recv_async()).await;
    assert_eq!(polled.stacks[0].place().unwrap().origin(), FrameOrigin::Library);
}

#[tokio::test]
async fn frame_is_printed_as_an_editor_reads_it() {
    let (_tx, mut rx) = mpsc::channel::<u8>(1);
    let polled = look(async {
        await_below();
        rx.recv().await
    });
    let polled = polled.await;
    let place = polled.stacks[0].place().unwrap();
    let (file, line) = polled.awaits[0];
    let column = place.column().unwrap();
    assert_eq!(place.to_string(), format!("{} {file}:{line}:{column}", place.function()));
    assert!(place.source().unwrap().is_absolute() && place.source().unwrap().ends_with(file));
}
