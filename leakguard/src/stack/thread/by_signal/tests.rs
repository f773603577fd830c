//! Threads that wait, spin, allocate and unwind, asked by one and by many.
#![cfg(not(miri))]

use super::*;
use crate::signal;
use crate::stack::{Origin, Resolver, Stack};
use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Barrier};
use std::thread;

fn take(target: &Target) -> Result<RawStack, Missing> {
    let mut asker = Asker::new(Preference::Any);
    let question = asker.signal(target)?;
    asker.wait(question)
}

/// As [`take`], however busy the machine is.
fn take_patiently(target: &Target) -> RawStack {
    loop {
        match take(target) {
            Ok(stack) => return stack,
            Err(missing) => assert_eq!(missing, Missing::NoAnswer),
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

/// It may be asked before it waits; what it shows in the end is where it waits.
#[test]
fn a_thread_that_waits_shows_its_line_and_its_callers() {
    let ((open, gate), (tell, told)) = (channel(), channel());
    let line = AtomicUsize::new(0);
    thread::scope(|scope| {
        let line = &line;
        scope.spawn(move || {
            tell.send(Target::here().unwrap()).unwrap();
            waits(&gate, line);
        });
        let target = told.recv().unwrap();
        let stack = loop {
            let stack = named(take_patiently(&target));
            let is_there = stack
                .frames()
                .iter()
                .any(|f| f.function().ends_with("::recv"));
            if is_there {
                break stack;
            }
        };
        let place = stack.place().unwrap();
        assert!(place.function().ends_with("tests::waits"), "{stack:#?}");
        assert_eq!(place.line(), Some(line.load(Relaxed) as u32), "{stack:#?}");
        let users: Vec<_> = stack.user_frames().collect();
        assert!(
            users.len() >= 2 && users.iter().all(|f| f.origin() == Origin::User),
            "{stack:#?}"
        );
        let outermost = stack.frames().last().unwrap();
        assert_ne!(
            outermost.function(),
            place.function(),
            "to the thread's start: {stack:#?}"
        );
        drop(open);
    });
}

#[test]
fn a_thread_may_ask_itself() {
    let stack = named(take_patiently(&Target::here().unwrap()));
    let own = |f: &crate::stack::Frame| f.function().ends_with("a_thread_may_ask_itself");
    assert!(stack.frames().iter().any(own), "{stack:#?}");
}

/// What the C library and the loader do here must bear being interrupted anywhere.
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
        // Takes the loader's lock, and unwinds.
        black_box(backtrace::Backtrace::new_unresolved());
    }
}

#[test]
fn ten_thousand_signals_from_eight_threads_change_nothing() {
    const ASKERS: usize = 8;
    const WORKERS: usize = 2;
    const EACH: usize = 10_000 / ASKERS;
    let over = AtomicBool::new(false);
    let (tell, told) = channel();
    let (deepest, missed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            let (over, tell) = (&over, tell.clone());
            scope.spawn(move || {
                tell.send(Target::here().unwrap()).unwrap();
                (0..).take_while(|_| !over.load(Relaxed)).for_each(work);
            });
        }
        let targets: Vec<_> = told.iter().take(WORKERS).collect();
        thread::scope(|askers| {
            for asker in 0..ASKERS {
                let (targets, deepest, missed) = (&targets, &deepest, &missed);
                askers.spawn(move || {
                    for round in 0..EACH {
                        match take(&targets[(asker + round) % targets.len()]) {
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
    assert!(missed < ASKERS * EACH / 10, "{missed} without an answer");
}

#[test]
fn a_thread_that_blocks_signals_is_given_up_and_its_late_answer_is_none() {
    let (blocked, done) = (Barrier::new(2), Barrier::new(2));
    let (tell, told) = channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            tell.send(Target::here().unwrap()).unwrap();
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
            // SAFETY: What the first call gave.
            unsafe {
                libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut())
            };
            done.wait();
            done.wait();
        });
        let target = told.recv().unwrap();
        blocked.wait();
        assert_eq!(take(&target), Err(Missing::NoAnswer));
        assert_eq!(take(&target), Err(Missing::NoAnswer));
        blocked.wait();
        done.wait();
        assert!(!take_patiently(&target).addresses().is_empty());
        done.wait();
    });
}

#[test]
fn no_more_than_what_is_wanted_is_used() {
    let mut asker = Asker::new(Preference::Off);
    let here = Target::here().unwrap();
    assert_eq!(asker.signal(&here).unwrap_err(), Missing::NoSignal);
    drop(asker);
    // Somebody's own: nobody may take that away.
    extern "C" fn theirs(_: c_int, _: *mut libc::siginfo_t, _: *mut c_void) {}
    // SAFETY: `theirs` does nothing.
    assert!(unsafe { signal::claim(libc::SIGUSR2, theirs, &signal::FREE) });
    let mut asker = Asker::new(Preference::Only(libc::SIGUSR2));
    assert_eq!(asker.signal(&here).unwrap_err(), Missing::NoSignal);
    assert!(signal::runs(libc::SIGUSR2, theirs));
}
