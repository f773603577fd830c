//! How cargo is run.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The cargo that runs us, so that `cargo +nightly leakguard` keeps its toolchain.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// What a quiet cargo command prints.
pub fn output(command: &mut Command) -> Result<Output> {
    let line = describe(command);
    command.stdin(Stdio::null()).output().with_context(|| format!("cannot run `{line}`"))
}

/// The standard output of a cargo command that has to succeed.
pub fn text(command: &mut Command) -> Result<String> {
    let output = output(command)?;
    if !output.status.success() {
        bail!(
            "`{}` failed:\n{}",
            describe(command),
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    String::from_utf8(output.stdout).context("cargo printed what is no UTF-8")
}

/// The nearest manifest above the current directory, or the one that the user named.
pub fn located(manifest: Option<&OsStr>) -> Result<std::path::PathBuf> {
    let mut command = cargo();
    command.args(["locate-project", "--message-format", "plain"]);
    if let Some(manifest) = manifest {
        command.arg("--manifest-path").arg(manifest);
    }
    Ok(Path::new(text(&mut command)?.trim_end()).to_owned())
}

fn describe(command: &Command) -> String {
    let words = command.get_args().map(OsStr::to_string_lossy);
    ["cargo".into()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}
