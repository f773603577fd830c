//! What a process says when it is sent signals, and that it goes on, or ends, as it would have; each in a child, which
//! is this very test program, told by a variable to hang.
#![cfg(unix)]

use crate::support::line;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// In the child: the name of the test that is to hang.
const HANGS: &str = "LEAKGUARD_TEST_HANGS";

fn is_child(test: &str) -> bool {
    std::env::var(HANGS).is_ok_and(|name| name == test)
}

/// Killed at the end, whatever comes.
struct Hanging {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Hanging {
    fn start(test: &str) -> Self {
        Self::start_by(Command::new(std::env::current_exe().unwrap()), test)
    }

    /// As a shell without a terminal starts what it puts into the background.
    fn start_deaf(test: &str) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"trap "" QUIT; exec "$0" "$@""#]);
        shell.arg(std::env::current_exe().unwrap());
        Self::start_by(shell, test)
    }

    fn start_by(mut command: Command, test: &str) -> Self {
        let mut child = command
            .args(["--exact", &format!("signals::{test}"), "--nocapture"])
            .env(HANGS, test)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        Hanging { child, said }
    }

    /// All that it says up to the line with that in it.
    fn say_until(&mut self, mark: &str) -> String {
        let mut text = String::new();
        loop {
            let before = text.len();
            let length = self.said.read_line(&mut text).unwrap();
            assert!(length > 0, "it ended without `{mark}`:\n{text}");
            if text[before..].contains(mark) {
                return text;
            }
        }
    }

    fn send(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[leakguard::main(flavor = "multi_thread", worker_threads = 2)]
async fn main_that_hangs() {
    let (_sender, numbers): (_, Receiver<u8>) = channel();
    let (tell, told) = channel();
    tokio::spawn(async move {
        tell.send(()).unwrap();
        let _ = numbers.recv(); // here: busy
    });
    told.recv().unwrap();
    eprintln!("hangs");
    std::future::pending::<()>().await; // here: pending
}

fn place(mark: &str) -> String {
    format!(
        "tests/scopes/signals.rs:{}:",
        line(include_str!("signals.rs"), mark)
    )
}

#[test]
fn a_main_that_is_asked_and_then_told_to_end() {
    if is_child("a_main_that_is_asked_and_then_told_to_end") {
        return main_that_hangs();
    }
    let mut hanging = Hanging::start("a_main_that_is_asked_and_then_told_to_end");
    hanging.say_until("hangs");
    hanging.send("-QUIT");
    hanging.say_until("leakguard: SIGQUIT");
    // It goes on, and can be asked again. On a machine that has no time for it a place may be missing at first.
    let places = [place("pending"), place("busy")];
    for asked in 0.. {
        hanging.send("-QUIT");
        let dump = hanging.say_until("leakguard: SIGQUIT");
        assert!(!dump.contains("panicked") && asked < 50, "{dump}");
        assert!(hanging.child.try_wait().unwrap().is_none());
        if places.iter().all(|place| dump.contains(place)) {
            break;
        }
    }
    hanging.send("-TERM");
    hanging.say_until("leakguard: SIGTERM");
    let mut rest = String::new();
    hanging.said.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("main_that_hangs"), "{rest}");
    assert_eq!(hanging.child.wait().unwrap().signal(), Some(15), "{rest}");
}

#[test]
fn one_that_was_started_deaf_is_asked_all_the_same() {
    let mut hanging = Hanging::start_deaf("a_main_that_is_asked_and_then_told_to_end");
    hanging.say_until("hangs");
    hanging.send("-QUIT");
    hanging.say_until("leakguard: SIGQUIT");
}

#[leakguard::test(grace = "20ms")]
async fn a_test_that_cannot_end() {
    if is_child("a_test_that_cannot_end") {
        tokio::task::spawn_blocking(|| {
            loop {
                std::thread::park(); // here: parks
            }
        });
    }
}

#[test]
fn a_test_whose_runtime_hangs_says_why() {
    let mut hanging = Hanging::start("a_test_that_cannot_end");
    // Once by its panic, which the harness would keep, and once more when it still hangs.
    for _ in 0..2 {
        hanging.say_until("LG013");
        hanging.say_until(&place("parks"));
    }
}
