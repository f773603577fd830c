//! The waker that notes who clones it, and the only file with unsafe code; it knows nothing of symbols or tasks.
#![expect(
    unsafe_code,
    reason = "a waker over a borrowed notebook needs a table of raw functions"
)]

use std::mem::ManuallyDrop;
use std::task::{Context, RawWaker, RawWakerVTable, Waker};

use super::notebook::{Capture, Notebook};

/// The symbol at which every stack ends, for platforms where the unwinder gives no stack pointer.
pub(super) const ENTRY: &str = concat!(module_path!(), "::capture");

/// The symbols at which every stack begins: what is inside of them only takes the stack.
pub(super) const NOTES: [&str; 2] = [
    concat!(module_path!(), "::clone"),
    concat!(module_path!(), "::wake_by_ref"),
];

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake_by_ref, wake_by_ref, forget);

/// Polls with a context whose waker notes the stack of each call to it, and hands on `real` to whoever clones it.
///
/// It is never inlined, so that its own frame is a sure edge: nothing outside of it belongs to the polled future.
#[inline(never)]
pub(crate) fn capture<R>(real: &Waker, poll: impl FnOnce(&mut Context<'_>) -> R) -> (R, Capture) {
    let notebook = Notebook::new(real);
    let data = (&raw const notebook).cast::<()>();
    // SAFETY: The table keeps the contract of a waker over a `Notebook`, which is `Sync`, so it may be called from any
    // thread. The data outlives every use: `clone` never hands the notebook on, so the only waker that points to it is
    // this one, which is lent for the length of the poll and lies in the same frame.
    let waker = ManuallyDrop::new(unsafe { Waker::new(data, &VTABLE) });
    let outcome = poll(&mut Context::from_waker(&waker));
    (outcome, notebook.close())
}

fn clone(data: *const ()) -> RawWaker {
    // SAFETY: Only the table calls this, with the data of the waker made in `capture`.
    let notebook = unsafe { open(data) };
    notebook.note_wait();
    // The fake one ends here: what the leaf keeps is the real waker, so nothing changes for it once the poll is over.
    let real = ManuallyDrop::new(notebook.real().clone());
    RawWaker::new(real.data(), real.vtable())
}

/// Stands for `wake` as well: nobody can own the fake waker, so there is nothing to give back.
fn wake_by_ref(data: *const ()) {
    // SAFETY: As in `clone`.
    let notebook = unsafe { open(data) };
    notebook.note_wake();
    notebook.real().wake_by_ref();
}

fn forget(_: *const ()) {}

/// # Safety
///
/// `data` must be the pointer made in [`capture`], and that call must not have returned.
unsafe fn open<'a>(data: *const ()) -> &'a Notebook<'a> {
    // SAFETY: The caller vouches that it points to a live notebook, which is only ever lent as shared.
    unsafe { &*data.cast::<Notebook<'a>>() }
}

/// Fails to build if a notebook could not be used by several threads at once.
const fn _sync<T: Sync>() {}
const _: () = _sync::<Notebook<'static>>();

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::task::Wake;
    use std::thread;

    use super::*;

    /// Counts how often it is woken; its reference count says whether a clone was lost.
    #[derive(Default)]
    struct Bell(AtomicUsize);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    fn bell() -> (Arc<Bell>, Waker) {
        let bell = Arc::new(Bell::default());
        (bell.clone(), Waker::from(bell))
    }

    #[test]
    fn a_clone_is_the_real_waker_and_outlives_the_poll() {
        let (bell, real) = bell();
        let (kept, capture) = capture(&real, |cx| cx.waker().clone());
        // Not `will_wake`: it compares tables too, and Miri gives one table several addresses.
        assert_eq!(kept.data(), real.data());
        assert_eq!(
            (capture.clones, capture.stacks.len(), capture.wakes),
            (1, 1, 0)
        );
        kept.wake();
        assert_eq!(bell.0.load(SeqCst), 1);
        drop(real);
        assert_eq!(Arc::strong_count(&bell), 1);
    }

    #[test]
    fn a_poll_that_leaves_no_waker_is_seen_as_such() {
        let (_, real) = bell();
        let ((), capture) = capture(&real, |_| ());
        assert_eq!((capture.clones, capture.wakes), (0, 0));
    }

    #[test]
    fn a_wake_is_noted_and_handed_on() {
        let (bell, real) = bell();
        let ((), capture) = capture(&real, |cx| cx.waker().wake_by_ref());
        assert_eq!(
            (capture.wakes, capture.yields.len(), capture.clones),
            (1, 1, 0)
        );
        assert_eq!(bell.0.load(SeqCst), 1);
    }

    #[test]
    fn equal_stacks_are_kept_once_and_counted_each_time() {
        let (_, real) = bell();
        let ((), capture) = capture(&real, |cx| {
            // The bound is hidden, so that the loop is not unrolled into five places.
            (0..black_box(5)).for_each(|_| drop(cx.waker().clone()));
        });
        assert_eq!((capture.clones, capture.stacks.len()), (5, 1));
    }

    #[test]
    fn each_of_two_nested_captures_notes_the_clone() {
        let (bell, real) = bell();
        let ((kept, inner), outer) = capture(&real, |cx| {
            drop(cx.waker().clone());
            capture(cx.waker(), |cx| cx.waker().clone())
        });
        assert_eq!((inner.clones, outer.clones), (1, 2));
        kept.wake_by_ref();
        assert_eq!(bell.0.load(SeqCst), 1);
    }

    #[test]
    fn other_threads_may_clone_and_wake_during_the_poll() {
        let (bell, real) = bell();
        let ((), capture) = capture(&real, |cx| {
            let waker = cx.waker();
            thread::scope(|scope| {
                scope.spawn(|| drop(waker.clone()));
                scope.spawn(|| waker.wake_by_ref());
            });
        });
        assert_eq!((capture.clones, capture.wakes), (1, 1));
        assert_eq!(bell.0.load(SeqCst), 1);
    }

    #[test]
    fn a_panic_in_the_poll_loses_no_clone() {
        let (bell, real) = bell();
        let caught = catch_unwind(AssertUnwindSafe(|| {
            capture(&real, |cx| {
                let _kept = cx.waker().clone();
                panic!("planted");
            })
        }));
        assert!(caught.is_err());
        drop(real);
        assert_eq!(Arc::strong_count(&bell), 1);
    }
}
