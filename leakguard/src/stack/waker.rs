//! A waker that records the stack of each clone and wake; knows no symbol and no task.
#![expect(unsafe_code, reason = "a waker over a borrowed recorder needs a table of raw functions")]

use std::mem::ManuallyDrop;
use std::task::{Context, RawWaker, RawWakerVTable, Waker};

use super::recorder::{Capture, PollRecorder};

/// The symbol at which every stack ends, for platforms where the unwinder knows no stack pointer.
pub(super) const ENTRY: &str = concat!(module_path!(), "::capture");

/// The symbols at which every stack begins: the frames inside of them only walk the stack.
pub(super) const RECORDERS: [&str; 2] =
    [concat!(module_path!(), "::clone"), concat!(module_path!(), "::wake_by_ref")];

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake_by_ref, wake_by_ref, forget);

/// Polls with a context whose waker records the stack of each call to it. A clone of that waker is a clone of `real`.
///
/// It is never inlined, so that its own frame is a reliable edge: no frame outside of it belongs to the polled future.
#[inline(never)]
pub(crate) fn capture<R>(real: &Waker, poll: impl FnOnce(&mut Context<'_>) -> R) -> (R, Capture) {
    let recorder = PollRecorder::new(real);
    let data = (&raw const recorder).cast::<()>();
    // SAFETY: The table keeps the contract of a waker over a `PollRecorder`, which is `Sync`, so it may be called from
    // any thread. The data outlives every use: `clone` never passes the recorder on, so the only waker that points to
    // it is this one, which is lent for the length of the poll and lies in the same frame.
    let waker = ManuallyDrop::new(unsafe { Waker::new(data, &VTABLE) });
    let outcome = poll(&mut Context::from_waker(&waker));
    (outcome, recorder.finish())
}

fn clone(data: *const ()) -> RawWaker {
    // SAFETY: Only the table calls this, with the data of the waker created in `capture`.
    let recorder = unsafe { open(data) };
    recorder.record_wait();
    // The leaf keeps the real waker, so nothing changes for it once the poll is over.
    let real = ManuallyDrop::new(recorder.real().clone());
    RawWaker::new(real.data(), real.vtable())
}

/// Serves as `wake` too: no caller can own the recording waker, so there is nothing to free.
fn wake_by_ref(data: *const ()) {
    // SAFETY: As in `clone`.
    let recorder = unsafe { open(data) };
    recorder.record_wake();
    recorder.real().wake_by_ref();
}

fn forget(_: *const ()) {}

/// # Safety
///
/// `data` must be the pointer created in [`capture`], and that call must not have returned.
unsafe fn open<'a>(data: *const ()) -> &'a PollRecorder<'a> {
    // SAFETY: The caller vouches that it points to a live recorder, which is only ever lent as shared.
    unsafe { &*data.cast::<PollRecorder<'a>>() }
}

/// Fails to build if a recorder could not be used by several threads at once.
const fn _sync<T: Sync>() {}
const _: () = _sync::<PollRecorder<'static>>();

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::task::Wake;
    use std::thread;

    use super::*;

    /// Counts wakes. Its reference count shows whether a clone was lost.
    #[derive(Default)]
    struct WakeCounter(AtomicUsize);

    impl Wake for WakeCounter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    fn counting_waker() -> (Arc<WakeCounter>, Waker) {
        let counter = Arc::new(WakeCounter::default());
        (counter.clone(), Waker::from(counter))
    }

    #[test]
    fn clone_is_the_real_waker_and_outlives_the_poll() {
        let (counter, real) = counting_waker();
        let (kept, capture) = capture(&real, |cx| cx.waker().clone());
        // Not `will_wake`, which compares tables too: in Miri one table has several addresses.
        assert_eq!(kept.data(), real.data());
        assert_eq!((capture.clones, capture.stacks.len(), capture.wakes), (1, 1, 0));
        kept.wake();
        assert_eq!(counter.0.load(SeqCst), 1);
        drop(real);
        assert_eq!(Arc::strong_count(&counter), 1);
    }

    #[test]
    fn poll_without_a_clone_records_nothing() {
        let (_, real) = counting_waker();
        let ((), capture) = capture(&real, |_| ());
        assert_eq!((capture.clones, capture.wakes), (0, 0));
    }

    #[test]
    fn wake_is_recorded_and_passed_on() {
        let (counter, real) = counting_waker();
        let ((), capture) = capture(&real, |cx| cx.waker().wake_by_ref());
        assert_eq!((capture.wakes, capture.yields.len(), capture.clones), (1, 1, 0));
        assert_eq!(counter.0.load(SeqCst), 1);
    }

    #[test]
    fn equal_stacks_are_kept_once_and_counted_each_time() {
        let (_, real) = counting_waker();
        let ((), capture) = capture(&real, |cx| {
            // The bound is hidden, so that the loop is not unrolled into five places.
            (0..black_box(5)).for_each(|_| drop(cx.waker().clone()));
        });
        assert_eq!((capture.clones, capture.stacks.len()), (5, 1));
    }

    #[test]
    fn nested_captures_both_record_a_clone() {
        let (counter, real) = counting_waker();
        let ((kept, inner), outer) = capture(&real, |cx| {
            drop(cx.waker().clone());
            capture(cx.waker(), |cx| cx.waker().clone())
        });
        assert_eq!((inner.clones, outer.clones), (1, 2));
        kept.wake_by_ref();
        assert_eq!(counter.0.load(SeqCst), 1);
    }

    #[test]
    fn other_threads_may_clone_and_wake_during_the_poll() {
        let (counter, real) = counting_waker();
        let ((), capture) = capture(&real, |cx| {
            let waker = cx.waker();
            thread::scope(|scope| {
                scope.spawn(|| drop(waker.clone()));
                scope.spawn(|| waker.wake_by_ref());
            });
        });
        assert_eq!((capture.clones, capture.wakes), (1, 1));
        assert_eq!(counter.0.load(SeqCst), 1);
    }

    #[test]
    fn panic_in_the_poll_loses_no_clone() {
        let (counter, real) = counting_waker();
        let caught = catch_unwind(AssertUnwindSafe(|| {
            capture(&real, |cx| {
                let _kept = cx.waker().clone();
                panic!("planted");
            })
        }));
        assert!(caught.is_err());
        drop(real);
        assert_eq!(Arc::strong_count(&counter), 1);
    }
}
