//! Threads that wait for std's locks and channels and for each other. Each test plants a fault and expects a finding, then
//! mends it and expects none.
//!
//! Deadlocked threads stay until the process ends. They hold nothing that other tests need.

use crate::support::{codes, found, gate, line, multi_thread, names};
use leakguard::sync::blocking::{Arc, Barrier, Condvar, Mutex, RwLock, mpsc};
use leakguard::{Cause, Code, Report, thread};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

async fn report(body: impl FnOnce()) -> Report {
    leakguard::find(async { body() }).await.unwrap_err()
}

async fn codes_of(body: impl FnOnce()) -> Vec<Code> {
    found(async { body() }).await
}

fn assert_names(text: &str, marks: &[&str]) {
    let source = include_str!("threads_locks.rs");
    for mark in marks {
        let line = line(source, mark);
        let is_named = names(text, "tests/scopes/threads_locks.rs", line);
        assert!(is_named, "no {mark}, line {line} in\n{text}");
    }
}

/// Each philosopher acquires one fork and then the other.
fn dine(in_order: bool) {
    let forks = [Arc::new(Mutex::new(())), Arc::new(Mutex::new(()))];
    let both = Arc::new(Barrier::new(2));
    for n in 0..2 {
        let [left, right] = forks.clone();
        let (first, second) = match n == 0 || in_order {
            true => (left, right),
            false => (right, left),
        };
        let both = both.clone();
        let philosopher = move || {
            if in_order {
                both.wait();
            }
            let _first = first.lock().unwrap(); // here: first fork
            if !in_order {
                both.wait();
            }
            let _second = second.lock().unwrap(); // here: second fork
        };
        thread::spawn(philosopher); // here: philosopher
    }
}

#[tokio::test]
async fn lg009_two_philosophers_beside_a_running_task() {
    let (open, opened) = gate();
    let polls = Arc::new(AtomicUsize::new(0));
    let counter = polls.clone();
    let goes_on = tokio::spawn(async move {
        tokio::pin!(opened);
        while futures::FutureExt::now_or_never(&mut opened).is_none() {
            counter.fetch_add(1, SeqCst);
            tokio::task::yield_now().await;
        }
    });
    let report = report(|| dine(false)).await;
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    assert_eq!(report.findings()[0].count(), 2, "{report}");
    assert_eq!(report.findings()[0].cause(), Some(Cause::Cycle));
    let marks = ["first fork", "second fork", "philosopher"];
    assert_names(&report.to_string(), &marks);
    assert_names(&leakguard::dump().to_string(), &marks);
    assert!(polls.load(SeqCst) > 0);
    drop(open);
    goes_on.await.unwrap();
    assert_eq!(codes_of(|| dine(true)).await, []);
}

#[tokio::test]
async fn lg009_thread_waits_for_its_own_lock() {
    let upgrade = |releases: bool| {
        move || {
            let number = RwLock::new(1);
            let read = number.read().unwrap(); // here: read
            if releases {
                drop(read);
            }
            *number.write().unwrap() += 1; // here: upgrade
        }
    };
    let report = report(|| drop(thread::spawn(upgrade(false)))).await;
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    let text = report.to_string();
    assert_names(&text, &["read", "upgrade"]);
    assert!(text.contains("waits for what it holds itself"), "{text}");
    assert!(text.contains("only the thread itself could end its wait"), "{text}");
    assert_eq!(codes_of(|| drop(thread::spawn(upgrade(true)))).await, []);
}

/// A thread joins another thread that waits for the lock it holds.
fn joins(releases: bool) {
    let lock = Arc::new(Mutex::new(0));
    let other = lock.clone();
    let holder = move || {
        let guard = lock.lock().unwrap(); // here: held
        let waiter = thread::Builder::new();
        let waiter = waiter.spawn(move || *other.lock().unwrap() += 1); // here: wanted
        if releases {
            drop(guard);
        }
        waiter.unwrap().join().unwrap(); // here: joined
    };
    thread::spawn(holder);
}

#[tokio::test]
async fn lg009_joined_thread_waits_for_its_joiner() {
    let report = report(|| joins(false)).await;
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    let text = report.to_string();
    assert_names(&text, &["held", "wanted", "joined"]);
    assert!(text.contains("for the end of thread"), "{text}");
    assert!(text.contains("release the lock acquired at"), "{text}");
    assert_eq!(codes_of(|| joins(true)).await, []);
}

#[tokio::test]
async fn lg009_thread_scope_waits_for_its_threads() {
    let scoped = |releases: bool| {
        move || {
            let lock = Mutex::new(0);
            let guard = lock.lock().unwrap();
            let mut guard = Some(guard);
            // here: scope
            thread::scope(|s| {
                s.spawn(|| *lock.lock().unwrap() += 1);
                guard.take_if(|_| releases);
            });
        }
    };
    let report = report(|| drop(thread::spawn(scoped(false)))).await;
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    let text = report.to_string();
    let source = include_str!("threads_locks.rs");
    let line = line(source, "scope") + 1;
    assert!(names(&text, "threads_locks.rs", line), "{text}");
    assert_eq!(codes_of(|| drop(thread::spawn(scoped(true)))).await, []);
}

/// On other systems such a reader may overtake the writer.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn reader_behind_a_writer_is_no_certain_deadlock() {
    let report = report(|| {
        let lock = Arc::new(RwLock::new(0));
        let (other, held) = (lock.clone(), Arc::new(Barrier::new(2)));
        let here = held.clone();
        thread::spawn(move || {
            let _first = lock.read().unwrap();
            here.wait();
            while lock.try_read().is_ok() {
                thread::yield_now();
            }
            drop(lock.read()); // here: read again
        });
        thread::spawn(move || {
            held.wait();
            *other.write().unwrap() += 1; // here: write
        });
    });
    let report = report.await;
    assert_eq!(codes(&report), [Code::LeakedThread; 2], "{report}");
    let text = report.to_string();
    assert_names(&text, &["read again", "write"]);
    assert!(text.contains("requested earlier by thread"), "{text}");
}

#[tokio::test]
async fn lg013_condvar_that_is_never_signalled() {
    type Flag = Arc<(Mutex<bool>, Condvar)>;
    let waits = |flag: &Flag| {
        let flag = flag.clone();
        move || {
            let ready = flag.0.lock().unwrap();
            let ready = flag.1.wait_while(ready, |ready| !*ready); // here: condvar
            drop(ready.unwrap());
        }
    };
    let signal = |flag: &Flag| {
        *flag.0.lock().unwrap() = true;
        flag.1.notify_one(); // here: signal
    };
    let flag = Flag::default();
    let report = report(|| drop(thread::spawn(waits(&flag)))).await;
    assert_eq!(codes(&report), [Code::LeakedThread], "{report}");
    assert_eq!(report.findings()[0].cause(), Some(Cause::NeverSignalled));
    assert_names(&report.to_string(), &["condvar"]);
    let dump = leakguard::dump().to_string();
    assert!(dump.contains("never notified"), "{dump}");
    signal(&flag);

    // The notification came before the wait and before the flag was set.
    let flag = Flag::default();
    flag.1.notify_one(); // here: too early
    let early = leakguard::find(async { drop(thread::spawn(waits(&flag))) }).await;
    let early = early.unwrap_err();
    assert_eq!(early.findings()[0].cause(), Some(Cause::NotifiedTooEarly));
    assert_names(&leakguard::dump().to_string(), &["too early"]);
    signal(&flag);

    let mended = || {
        let flag = Flag::default();
        thread::spawn(waits(&flag));
        signal(&flag);
    };
    assert_eq!(codes_of(mended).await, []);
}

#[tokio::test]
async fn lg003_receiving_thread_holds_the_last_sender() {
    let pool = |keeps: bool| {
        move || {
            let (sender, receiver) = mpsc::channel::<u8>(); // here: channel
            sender.send(1).unwrap(); // here: last send
            let sender = keeps.then_some(sender);
            for _ in &receiver {} // here: receive
            drop(sender);
        }
    };
    let report = report(|| drop(thread::spawn(pool(true)))).await;
    assert_eq!(codes(&report), [Code::AbandonedReceiver], "{report}");
    assert_eq!(report.findings()[0].cause(), Some(Cause::HeldByItself));
    assert_names(&report.to_string(), &["channel", "last send", "receive"]);
    assert_eq!(codes_of(|| drop(thread::spawn(pool(false)))).await, []);
}

#[tokio::test]
async fn lg004_sending_thread_holds_the_receiver() {
    let fill = |drops: bool| {
        move || {
            let (sender, receiver) = mpsc::sync_channel::<u8>(1); // here: bounded
            sender.send(0).unwrap();
            receiver.recv().unwrap(); // here: last receive
            let receiver = (!drops).then_some(receiver);
            while sender.send(1).is_ok() {} // here: send
            drop(receiver);
        }
    };
    let report = report(|| drop(thread::spawn(fill(false)))).await;
    assert_eq!(codes(&report), [Code::ForgottenSender], "{report}");
    assert_names(&report.to_string(), &["bounded", "last receive", "send"]);
    assert_eq!(codes_of(|| drop(thread::spawn(fill(true)))).await, []);
}

#[tokio::test]
async fn thread_that_may_still_be_woken_is_not_deadlocked() {
    let lock = Arc::new(Mutex::new(0));
    let (other, (sender, receiver)) = (lock.clone(), mpsc::channel::<()>());
    let report = report(move || {
        let held = Arc::new(Barrier::new(2));
        let here = held.clone();
        thread::spawn(move || {
            let _guard = other.lock();
            here.wait();
            let _ = receiver.recv();
        });
        thread::spawn(move || {
            held.wait();
            *lock.lock().unwrap() += 1;
        });
    });
    let report = report.await;
    // The thread that waits for the lock is a line of the finding on its owner.
    assert_eq!(codes(&report), [Code::LeakedThread], "{report}");
    drop(sender);
}

#[tokio::test]
async fn lg009_poll_and_thread_wait_for_each_others_locks() {
    #[leakguard::track]
    fn start(runtime: &tokio::runtime::Handle, in_order: bool) {
        let slow = Arc::new(leakguard::sync::Mutex::new(()));
        let fast = Arc::new(Mutex::new(0));
        let both = Arc::new(Barrier::new(2));
        let (lock, other, here) = (slow.clone(), fast.clone(), both.clone());
        thread::spawn(move || {
            let held = other.lock().unwrap(); // here: thread's first
            here.wait();
            let _held = (!in_order).then_some(held);
            drop(lock.blocking_lock()); // here: thread's second
        });
        runtime.spawn(async move {
            let _slow = slow.lock().await; // here: task's first
            both.wait();
            *fast.lock().unwrap() += 1; // here: task's second
        });
    }
    let runtime = multi_thread();
    assert_eq!(codes_of(|| start(runtime.handle(), true)).await, []);
    let report = report(|| start(runtime.handle(), false)).await;
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    let marks = ["thread's first", "thread's second", "task's first"];
    assert_names(&report.to_string(), &marks);
    assert_names(&report.to_string(), &["task's second"]);
    runtime.shutdown_background();
}

#[tokio::test]
async fn thread_of_an_annotated_function_is_registered_once() {
    #[leakguard::track]
    fn start(opened: mpsc::Receiver<()>, form: u8) {
        let waits = move || _ = opened.recv(); // here: waits
        match form {
            0 => drop(thread::spawn(move || waits())),
            1 => drop(thread::spawn(waits)),
            _ => drop(thread::Builder::new().spawn(move || waits())),
        }
    }
    for form in 0..3 {
        let (open, opened) = mpsc::channel();
        let report = report(|| start(opened, form)).await;
        assert_eq!(codes(&report), [Code::LeakedThread], "{form}: {report}");
        assert_eq!(report.findings()[0].count(), 1, "{report}");
        assert_names(&report.to_string(), &["waits"]);
        drop(open);
    }
}

#[test]
fn poison_is_preserved() {
    let lock = Arc::new(Mutex::new(1));
    let other = lock.clone();
    let panics = thread::spawn(move || {
        let _guard = other.lock().unwrap();
        panic!("while it is held");
    });
    assert!(panics.join().is_err());
    assert!(lock.is_poisoned());
    assert_eq!(*lock.lock().unwrap_err().into_inner(), 1);
    lock.clear_poison();
    assert_eq!(*lock.lock().unwrap(), 1);
}

/// A scope joins a thread that receives until the channel is closed, while the frame of the scope keeps a sender.
fn scope_with_sender(drops: bool) {
    thread::spawn(move || {
        let (sender, numbers) = mpsc::channel(); // here: numbers
        let mut sender = Some(sender);
        thread::scope(|scope| {
            scope.spawn(move || for _ in numbers {}); // here: received
            if let Some(sender) = &sender {
                sender.send(1).unwrap(); // here: sent
            }
            sender.take_if(|_| drops);
        });
    });
}

#[tokio::test]
async fn lg009_scope_waits_for_a_thread_that_waits_for_its_sender() {
    let report = report(|| scope_with_sender(false)).await;
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    let text = report.to_string();
    assert_names(&text, &["received", "sent"]);
    assert!(text.contains("for the end of thread"), "{text}");
    assert_eq!(codes_of(|| scope_with_sender(true)).await, []);
}

type Kept = std::sync::Mutex<Option<mpsc::Sender<u8>>>;

/// Nothing was sent before the scope waits for those that receive. One of them holds their lock.
#[leakguard::must_terminate(timeout = "20ms")]
fn scope_before_work(kept: &Kept, drops: bool) {
    let (sender, numbers) = mpsc::channel(); // here: unused sender
    *kept.lock().unwrap() = Some(sender).filter(|_| !drops);
    let numbers = Mutex::new(numbers);
    thread::scope(|scope| {
        for _ in 0..2 {
            // here: receives below
            scope.spawn(|| while numbers.lock().unwrap().recv().is_ok() {});
        }
    });
}

#[test]
fn lg003_scope_joins_threads_that_wait_for_an_unused_sender() {
    let (reports, kept) = (crate::busy::listen(), Arc::new(Kept::default()));
    let others = kept.clone();
    let reported = std::thread::spawn(move || {
        let is_it = |report: &String| {
            report.contains("[LG003]") && report.contains("spawned by `scope_before_work`")
        };
        let text = reports.iter().find(is_it).unwrap();
        drop(others.lock().unwrap().take());
        text
    });
    scope_before_work(&kept, false);
    let text = reported.join().unwrap();
    assert_names(&text, &["unused sender"]);
    let source = include_str!("threads_locks.rs");
    assert!(names(&text, "threads_locks.rs", line(source, "receives below") + 1), "{text}");
    assert!(text.contains("never used since it was created by `scope_before_work`"), "{text}");
    assert!(text.contains("also alive because of it: 1 thread"), "{text}");
    let reports = crate::busy::listen();
    scope_before_work(&kept, true);
    assert!(reports.try_iter().all(|r| !r.contains("`scope_before_work`")));
}
