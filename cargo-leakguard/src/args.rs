//! The command line. Options of ours may stand anywhere before `--`; all others are cargo's.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// Runs cargo with every task, channel and lock of tokio watched, in the whole graph and without an edit.
#[derive(Debug, Parser)]
#[command(name = "cargo leakguard", bin_name = "cargo leakguard", version)]
#[command(
    after_help = "Options that are not ours go to cargo: `cargo leakguard test -p server --lib -- queue::`.\n\
    Exit codes: 0, no findings; 1, findings; 2, could not run; else that of the tests."
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Subcommands,
}

#[derive(Debug, Subcommand)]
pub enum Subcommands {
    /// Runs `cargo test`
    Test(Options),
    /// Runs `cargo nextest run`
    Nextest(Options),
    /// Runs `cargo run`
    Run(Options),
    /// Runs `cargo build`
    Build(Options),
    /// Removes what leakguard has written below the target directory
    Clean(Options),
}

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Which findings make the exit code 1
    #[arg(long, value_name = "WHICH", default_value = "certain")]
    pub fail_on: FailOn,
    /// Findings that are known already, as TOML; they are counted and not shown
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Writes what was found into the baseline, and keeps the reasons that it has
    #[arg(long, requires = "baseline")]
    pub update_baseline: bool,
    /// How long what is left behind may live on after a runtime's last `block_on`, such as 200ms
    #[arg(long, value_name = "DURATION")]
    pub grace: Option<String>,
    /// When a test that still runs is reported, such as 30s
    #[arg(long, value_name = "DURATION")]
    pub test_timeout: Option<String>,
    /// Writes all findings to this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Keeps the file of each process
    #[arg(long)]
    pub keep: bool,
    /// Features of tokio that the build gets beside its own, separated by commas
    #[arg(long, value_name = "FEATURES", value_delimiter = ',')]
    pub tokio_features: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum FailOn {
    /// Deadlocks and other findings that leave no doubt
    Certain,
    /// Warnings too
    All,
    /// None: only the tests decide
    None,
}

/// Which of cargo's commands runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Task {
    Test,
    Nextest,
    Run,
    Build,
    Clean,
}

/// What the user asked for.
#[derive(Debug)]
pub struct Request {
    pub task: Task,
    pub options: Options,
    /// Before `--`.
    pub cargo: Vec<OsString>,
    /// `--` and what follows.
    pub rest: Vec<OsString>,
}

/// Exits with a message if `arguments` are not understood. The first is the program, and cargo adds `leakguard`.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Request {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|name| name == "leakguard") {
        arguments.remove(1);
    }
    let rest = match arguments.iter().position(|argument| argument == "--") {
        Some(end) => arguments.split_off(end),
        None => Vec::new(),
    };
    let (ours, cargo) = split(arguments);
    let (task, options) = match Cli::parse_from(ours).command {
        Subcommands::Test(options) => (Task::Test, options),
        Subcommands::Nextest(options) => (Task::Nextest, options),
        Subcommands::Run(options) => (Task::Run, options),
        Subcommands::Build(options) => (Task::Build, options),
        Subcommands::Clean(options) => (Task::Clean, options),
    };
    Request { task, options, cargo, rest }
}

/// The program, the subcommand and our options; and cargo's.
fn split(arguments: Vec<OsString>) -> (Vec<OsString>, Vec<OsString>) {
    let command = Options::augment_args(clap::Command::new("options"));
    let mut arguments = arguments.into_iter();
    let mut ours: Vec<_> = arguments.by_ref().take(2).collect();
    // `cargo leakguard nextest run`: nextest has other commands, which run no tests.
    if ours.get(1).is_some_and(|name| name == "nextest") {
        arguments.by_ref().next();
    }
    let mut cargo = Vec::new();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        let name = text.strip_prefix("--").map(|name| name.split('=').next().unwrap_or(name));
        let known = name
            .and_then(|name| command.get_arguments().find(|known| known.get_long() == Some(name)));
        let takes_next =
            known.is_some_and(|known| known.get_action().takes_values()) && !text.contains('=');
        if known.is_some() || matches!(&*text, "--help" | "-h" | "--version") {
            ours.push(argument);
            ours.extend(takes_next.then(|| arguments.next()).flatten());
        } else {
            cargo.push(argument);
        }
    }
    (ours, cargo)
}

impl Request {
    /// The value of cargo's option `name`, such as `--manifest-path`.
    pub fn cargo_value(&self, name: &str) -> Option<OsString> {
        let mut arguments = self.cargo.iter();
        while let Some(argument) = arguments.next() {
            if argument == name {
                return arguments.next().cloned();
            }
            let text =
                argument.to_str().and_then(|text| text.strip_prefix(name)?.strip_prefix('='));
            if let Some(value) = text {
                return Some(value.into());
            }
        }
        None
    }

    pub fn has_cargo_flag(&self, name: &str) -> bool {
        self.cargo.iter().any(|argument| argument == name)
    }

    /// Cargo's arguments without `names`, each with the number of words that follow it.
    pub fn cargo_without(&self, names: &[(&str, usize)]) -> Vec<OsString> {
        let mut kept = Vec::new();
        let mut arguments = self.cargo.iter();
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy();
            let found = names.iter().find(|(name, values)| {
                text == *name
                    || *values > 0
                        && text.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
            });
            match found {
                Some(&(name, values)) if text == name => {
                    arguments.by_ref().take(values).for_each(drop);
                }
                Some(_) => {}
                None => kept.push(argument.clone()),
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(line: &str) -> Request {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn options_of_ours_stand_anywhere() {
        let request = request(
            "cargo-leakguard leakguard test -p server --json out.jsonl --lib --fail-on=all -- --json x",
        );
        assert_eq!(request.cargo, ["-p", "server", "--lib"]);
        assert_eq!(request.rest, ["--", "--json", "x"]);
        assert_eq!(request.options.json, Some("out.jsonl".into()));
        assert_eq!(request.options.fail_on, FailOn::All);
    }

    #[test]
    fn nextest_drops_its_own_command() {
        let request = request("cargo-leakguard leakguard nextest run --profile ci");
        assert_eq!(
            (request.task, request.cargo),
            (Task::Nextest, vec!["--profile".into(), "ci".into()])
        );
    }

    #[test]
    fn values_are_found_in_both_forms() {
        let spaced = request("cargo-leakguard test --manifest-path a/Cargo.toml --locked -q");
        let joined = request("cargo-leakguard test --manifest-path=a/Cargo.toml --locked -q");
        for request in [spaced, joined] {
            assert_eq!(request.cargo_value("--manifest-path"), Some("a/Cargo.toml".into()));
            assert_eq!(request.cargo_without(&[("--manifest-path", 1), ("--locked", 0)]), ["-q"]);
        }
    }
}
