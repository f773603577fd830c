//! Builds and runs the user's command in the scratch workspace.

use crate::args::{Request, Task};
use crate::cargo;
use crate::files;
use crate::plan::Plan;
use anyhow::{Context, Result, bail};
use cargo_metadata::semver::Version;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// Cargo's arguments that say where the workspace is or what its lock must be, with the number of their values.
const OWN: [(&str, usize); 4] =
    [("--manifest-path", 1), ("--target-dir", 1), ("--locked", 0), ("--frozen", 0)];

/// Builds all that the command needs. What runs during a build, such as a procedural macro, is not watched.
pub fn build(plan: &Plan, request: &Request) -> Result<()> {
    if request.has_cargo_flag("--doc") {
        // Cargo builds documentation's tests only to run them.
        return Ok(());
    }
    let mut command = scratch_command(plan, request, true);
    command.env("LEAKGUARD", "off");
    if !status(&mut command)?.success() {
        bail!("{}", blame(plan, request));
    }
    Ok(())
}

/// Runs what was built. The findings of each process go to a file of its own.
pub fn run(plan: &Plan, request: &Request) -> Result<ExitStatus> {
    let mut command = scratch_command(plan, request, false);
    watch(&mut command, &plan.findings(), request);
    status(&mut command)
}

/// Has the processes below `command` watched.
pub fn watch(command: &mut Command, findings: &Path, request: &Request) {
    command.env("LEAKGUARD", "json").env("LEAKGUARD_JSON", findings).env("LEAKGUARD_ROOT", "1");
    if let Some(grace) = &request.options.grace {
        command.env("LEAKGUARD_GRACE", grace);
    }
    if let Some(timeout) = &request.options.test_timeout {
        command.env("LEAKGUARD_TEST_TIMEOUT", timeout);
    }
}

/// The user's command with our manifest and target directory, in the user's directory.
fn scratch_command(plan: &Plan, request: &Request, only_build: bool) -> Command {
    let mut command = cargo::cargo();
    command.args(words(request.task, only_build));
    command.arg("--manifest-path").arg(plan.linked(&plan.manifest));
    command.args(request.cargo_without(&OWN));
    if request.has_cargo_flag("--frozen") {
        command.arg("--offline");
    }
    if !(only_build && request.task == Task::Run) {
        command.args(&request.rest);
    }
    command.env("CARGO_TARGET_DIR", plan.build());
    command
}

fn words(task: Task, only_build: bool) -> &'static [&'static str] {
    match (task, only_build) {
        (Task::Test, true) => &["test", "--no-run"],
        (Task::Test, false) => &["test"],
        (Task::Nextest, true) => &["nextest", "run", "--no-run"],
        (Task::Nextest, false) => &["nextest", "run"],
        (Task::Run, false) => &["run"],
        (Task::Run | Task::Build | Task::Clean, _) => &["build"],
    }
}

fn status(command: &mut Command) -> Result<ExitStatus> {
    command
        .status()
        .with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))
}

/// Whether the workspace builds without us, in words.
fn blame(plan: &Plan, request: &Request) -> String {
    eprintln!("leakguard: the build failed; trying it without leakguard");
    let mut command = cargo::cargo();
    command.args(words(request.task, true));
    command
        .arg("--manifest-path")
        .arg(&plan.manifest)
        .args(request.cargo_without(&OWN))
        .arg("--quiet");
    if plan.root.join("Cargo.lock").exists() {
        command.arg("--locked");
    }
    command
        .env("CARGO_TARGET_DIR", plan.ours.join("plain"))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match status(&mut command) {
        Ok(status) if status.success() => "the workspace builds without leakguard and not with it: please report that, with the errors above".into(),
        Ok(_) => "the workspace does not build without leakguard either: see the errors above".into(),
        Err(error) => format!("{error:#}"),
    }
}

/// The oldest cargo that reads leakguard's own manifest.
const OLDEST: Version = Version::new(1, 88, 0);

/// Whether the tools are there that the command needs.
pub fn require_tools(task: Task) -> Result<()> {
    let text = cargo::text(cargo::cargo().arg("--version"))?;
    let version = text.split_whitespace().nth(1).and_then(|version| Version::parse(version).ok());
    if let Some(version) = version.filter(|version| *version < OLDEST) {
        bail!(
            "cargo {version} is too old to build leakguard, which needs {OLDEST}: try `cargo +stable leakguard`"
        );
    }
    if task != Task::Nextest {
        return Ok(());
    }
    let found = cargo::output(cargo::cargo().args(["nextest", "--version"]));
    match found {
        Ok(output) if output.status.success() => Ok(()),
        _ => bail!(
            "cargo-nextest is not installed: `cargo install cargo-nextest --locked`, or use `cargo leakguard test`"
        ),
    }
}

/// The arguments that choose the profile and the platform of a build.
pub fn profile(request: &Request) -> Vec<OsString> {
    let mut chosen = Vec::new();
    for flag in ["--release", "-r", "--offline"] {
        chosen.extend(request.has_cargo_flag(flag).then(|| OsString::from(flag)));
    }
    if request.has_cargo_flag("--frozen") {
        chosen.push("--offline".into());
    }
    if let Some(target) = request.cargo_value("--target") {
        chosen.extend([OsStr::new("--target").to_owned(), target]);
    }
    chosen
}

/// Makes room for the findings of a new run.
pub fn clear_findings(plan: &Plan) -> Result<()> {
    files::remove(&plan.findings())?;
    files::create_dir(&plan.findings())
}
