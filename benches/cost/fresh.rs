//! Runs one measurement in a new process, for what happens once per process. It does not know the measurements.

use std::env;
use std::process::{Command, Stdio};

/// The argument that marks such a process.
pub const ARGUMENT: &str = "--fresh";

/// Runs this program in a new process with `words` and returns the figures that it prints.
pub fn run(words: &[&str]) -> Vec<f64> {
    let program = env::current_exe().expect("it runs");
    let output = Command::new(program).arg(ARGUMENT).args(words).stderr(Stdio::inherit()).output();
    let output = output.expect("it starts again");
    assert!(output.status.success(), "{words:?} failed: {}", output.status);
    let text = String::from_utf8(output.stdout).expect("it prints figures");
    text.split_whitespace().map(|figure| figure.parse().expect("it prints figures")).collect()
}

/// Prints figures for `run`.
pub fn print(figures: &[f64]) {
    for figure in figures {
        println!("{figure}");
    }
}
