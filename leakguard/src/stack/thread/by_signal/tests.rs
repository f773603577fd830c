//! Samples threads that wait, spin, allocate and unwind, from one thread and from many.
#![cfg(not(miri))]

use super::*;
use crate::signal;
use crate::stack::{FrameOrigin, Resolver, Stack};
use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Barrier};
use std::thread;

fn sample(thread: &ThreadRef) -> Result<RawStack, Missing> {
    let mut sampler = Sampler::new(SignalPreference::Any);
    let request = sampler.request(thread)?;
    sampler.wait(request)
}

/// As [`sample`], however busy the machine is.
fn sample_patiently(thread: &ThreadRef) -> RawStack {
    loop {
        match sample(thread) {
            Ok(stack) => return stack,
            Err(missing) => assert_eq!(missing, Missing::NoResponse),
        }
    }
}

fn named(raw: RawStack) -> Arc<Stack> {
    Resolver::default().resolve(&[raw]).remove(0)
}

#[inline(never)]
fn waits(gate: &Receiver<()>, line: &AtomicUsize) {
    line.store(line!() as usize + 1, Relaxed);
    let _ = gate.recv();
    black_box(line);
}

/// The thread may be sampled before it waits, so the test samples until it does.
#[test]
fn waiting_thread_shows_its_line_and_its_callers() {
    let ((open, gate), (refs_tx, refs)) = (channel(), channel());
    let line = AtomicUsize::new(0);
    thread::scope(|scope| {
        let line = &line;
        scope.spawn(move || {
            refs_tx.send(ThreadRef::current().unwrap()).unwrap();
            waits(&gate, line);
        });
        let target = refs.recv().unwrap();
        let stack = loop {
            let stack = named(sample_patiently(&target));
            let is_there = stack.frames().iter().any(|f| f.function().ends_with("::recv"));
            if is_there {
                break stack;
            }
        };
        let place = stack.place().unwrap();
        assert!(place.function().ends_with("tests::waits"), "{stack:#?}");
        assert_eq!(place.line(), Some(line.load(Relaxed) as u32), "{stack:#?}");
        let users: Vec<_> = stack.user_frames().collect();
        assert!(
            users.len() >= 2 && users.iter().all(|f| f.origin() == FrameOrigin::User),
            "{stack:#?}"
        );
        let outermost = stack.frames().last().unwrap();
        assert_ne!(outermost.function(), place.function(), "to the thread's start: {stack:#?}");
        drop(open);
    });
}

#[test]
fn thread_may_sample_itself() {
    let stack = named(sample_patiently(&ThreadRef::current().unwrap()));
    let own = |f: &crate::stack::Frame| f.function().ends_with("thread_may_sample_itself");
    assert!(stack.frames().iter().any(own), "{stack:#?}");
}

/// The C library and the loader must bear being interrupted anywhere in this.
fn work(round: usize) {
    // SAFETY: Fails, as no file has that number.
    unsafe { libc::close(-1) };
    let mut sum = 0;
    for turn in 0..200 {
        sum += black_box(turn ^ round);
    }
    let error = std::io::Error::last_os_error().raw_os_error();
    assert_eq!(error, Some(libc::EBADF), "{sum}");
    let memory: Vec<Vec<u8>> = (1..20).map(|size| vec![round as u8; size * 100]).collect();
    black_box(memory);
    thread::yield_now();
    if round.is_multiple_of(16) {
        // Acquires the loader's lock, and unwinds.
        drop(black_box(std::backtrace::Backtrace::force_capture()));
    }
}

#[test]
fn ten_thousand_samples_by_eight_threads_do_not_disturb_the_sampled() {
    const SAMPLERS: usize = 8;
    const WORKERS: usize = 2;
    const EACH: usize = 10_000 / SAMPLERS;
    let over = AtomicBool::new(false);
    let (refs_tx, refs) = channel();
    let (deepest, missed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            let (over, refs_tx) = (&over, refs_tx.clone());
            scope.spawn(move || {
                refs_tx.send(ThreadRef::current().unwrap()).unwrap();
                (0..).take_while(|_| !over.load(Relaxed)).for_each(work);
            });
        }
        let targets: Vec<_> = refs.iter().take(WORKERS).collect();
        thread::scope(|samplers| {
            for sampler in 0..SAMPLERS {
                let (targets, deepest, missed) = (&targets, &deepest, &missed);
                samplers.spawn(move || {
                    for round in 0..EACH {
                        match sample(&targets[(sampler + round) % targets.len()]) {
                            Ok(stack) => deepest.fetch_max(stack.addresses().len(), Relaxed),
                            Err(_) => missed.fetch_add(1, Relaxed),
                        };
                    }
                });
            }
        });
        over.store(true, Relaxed);
    });
    let (deepest, missed) = (deepest.into_inner(), missed.into_inner());
    assert!(deepest > 5, "no stack was walked: {deepest}");
    // On a loaded machine a thread may not get the processor in time; hardly ever, though.
    assert!(missed < SAMPLERS * EACH / 10, "{missed} without a response");
}

#[test]
fn thread_that_blocks_signals_is_given_up_and_its_late_response_is_dropped() {
    let (blocked, done) = (Barrier::new(2), Barrier::new(2));
    let (refs_tx, refs) = channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            refs_tx.send(ThreadRef::current().unwrap()).unwrap();
            let mut all = MaybeUninit::uninit();
            // SAFETY: Fills `all` in and reads it; all signals are set back below.
            let before = unsafe {
                libc::sigfillset(all.as_mut_ptr());
                let mut before = MaybeUninit::uninit();
                libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
                before
            };
            blocked.wait();
            blocked.wait();
            // The signals that were sent come now.
            // SAFETY: The first call returned it.
            unsafe {
                libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut())
            };
            done.wait();
            done.wait();
        });
        let target = refs.recv().unwrap();
        blocked.wait();
        assert_eq!(sample(&target), Err(Missing::NoResponse));
        assert_eq!(sample(&target), Err(Missing::NoResponse));
        blocked.wait();
        done.wait();
        assert!(!sample_patiently(&target).addresses().is_empty());
        done.wait();
    });
}

#[test]
fn only_the_preferred_signal_is_used_and_only_if_free() {
    let mut sampler = Sampler::new(SignalPreference::Off);
    let here = ThreadRef::current().unwrap();
    assert_eq!(sampler.request(&here).unwrap_err(), Missing::NoSignal);
    drop(sampler);
    // A handler of the program's own must stay.
    extern "C" fn theirs(_: c_int, _: *mut libc::siginfo_t, _: *mut c_void) {}
    // SAFETY: `theirs` does nothing.
    assert!(unsafe { signal::install(libc::SIGUSR2, theirs, &signal::DEFAULT) });
    let mut sampler = Sampler::new(SignalPreference::Only(libc::SIGUSR2));
    assert_eq!(sampler.request(&here).unwrap_err(), Missing::NoSignal);
    assert!(signal::is_handled_by(libc::SIGUSR2, theirs));
}
