//! One measurement in a process of its own, for what only happens once in a process; knows nothing of what it measures.

use std::env;
use std::process::{Command, Stdio};

/// The argument that marks such a process.
pub const ARGUMENT: &str = "--fresh";

/// The figures that a new process of this program prints for these words.
pub fn run(words: &[&str]) -> Vec<f64> {
    let program = env::current_exe().expect("it runs");
    let output = Command::new(program)
        .arg(ARGUMENT)
        .args(words)
        .stderr(Stdio::inherit())
        .output();
    let output = output.expect("it starts again");
    assert!(
        output.status.success(),
        "{words:?} failed: {}",
        output.status
    );
    let text = String::from_utf8(output.stdout).expect("it prints figures");
    text.split_whitespace()
        .map(|figure| figure.parse().expect("it prints figures"))
        .collect()
}

/// Prints figures for `run`.
pub fn answer(figures: &[f64]) {
    for figure in figures {
        println!("{figure}");
    }
}
