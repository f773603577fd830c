//! What a process reports when it receives signals, and that it then continues or ends as it would without leakguard.
//! Each test runs this test binary again as a child process. An environment variable makes the child hang.
#![cfg(unix)]

use crate::support::line;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// In the child: the name of the test that hangs.
const HANGS: &str = "HANGING_TEST";

fn is_child(test: &str) -> bool {
    std::env::var(HANGS).is_ok_and(|name| name == test)
}

/// A child process that is killed on drop.
struct Hanging {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Hanging {
    fn start(test: &str) -> Self {
        Self::start_by(Command::new(std::env::current_exe().unwrap()), test)
    }

    /// Ignores SIGQUIT from the start, as a background process of a shell without a terminal does.
    fn start_ignoring_quit(test: &str) -> Self {
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
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Hanging { child, stderr }
    }

    /// Reads its standard error up to the line that contains `mark`.
    fn read_until(&mut self, mark: &str) -> String {
        let mut text = String::new();
        loop {
            let before = text.len();
            let length = self.stderr.read_line(&mut text).unwrap();
            assert!(length > 0, "it ended without `{mark}`:\n{text}");
            if text[before..].contains(mark) {
                return text;
            }
        }
    }

    fn send(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
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
    let (begun, has_begun) = channel();
    tokio::spawn(async move {
        begun.send(()).unwrap();
        let _ = numbers.recv(); // here: busy
    });
    has_begun.recv().unwrap();
    eprintln!("hangs");
    std::future::pending::<()>().await; // here: pending
}

fn place(mark: &str) -> String {
    format!("tests/scopes/signals.rs:{}:", line(include_str!("signals.rs"), mark))
}

#[test]
fn signals_to_a_hanging_main_print_dumps() {
    if is_child("signals_to_a_hanging_main_print_dumps") {
        return main_that_hangs();
    }
    let mut hanging = Hanging::start("signals_to_a_hanging_main_print_dumps");
    hanging.read_until("hangs");
    hanging.send("-QUIT");
    hanging.read_until("leakguard: SIGQUIT");
    // The process continues and reacts to the next signal. On a busy machine the first dumps may lack a place.
    let places = [place("pending"), place("busy")];
    for attempt in 0.. {
        hanging.send("-QUIT");
        let dump = hanging.read_until("leakguard: SIGQUIT");
        assert!(!dump.contains("panicked") && attempt < 50, "{dump}");
        assert!(hanging.child.try_wait().unwrap().is_none());
        if places.iter().all(|place| dump.contains(place)) {
            break;
        }
    }
    hanging.send("-TERM");
    hanging.read_until("leakguard: SIGTERM");
    let mut rest = String::new();
    hanging.stderr.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("main_that_hangs"), "{rest}");
    assert_eq!(hanging.child.wait().unwrap().signal(), Some(15), "{rest}");
}

#[test]
fn dump_is_printed_though_quit_was_ignored() {
    let mut hanging = Hanging::start_ignoring_quit("signals_to_a_hanging_main_print_dumps");
    hanging.read_until("hangs");
    hanging.send("-QUIT");
    hanging.read_until("leakguard: SIGQUIT");
}

#[leakguard::test(grace = "20ms")]
async fn test_with_an_endless_blocking_call() {
    if is_child("test_with_an_endless_blocking_call") {
        tokio::task::spawn_blocking(|| {
            loop {
                std::thread::park(); // here: parks
            }
        });
    }
}

#[test]
fn hanging_runtime_is_reported_twice() {
    let mut hanging = Hanging::start("test_with_an_endless_blocking_call");
    // First by its panic, which the harness would capture, and again because the runtime still hangs.
    for _ in 0..2 {
        hanging.read_until("LG013");
        hanging.read_until(&place("parks"));
    }
}
