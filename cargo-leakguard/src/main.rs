//! `cargo leakguard`: runs a repository's tests with leakguard below every crate of the graph, without an edit.

mod args;
mod baseline;
mod cargo;
mod files;
mod gather;
mod grade;
mod lock;
mod manifest;
mod plan;
mod probe;
mod run;
mod scratch;
mod shim;
mod source;
mod summary;

use anyhow::Result;
use args::{FailOn, Request, Task};
use baseline::Baseline;
use grade::Grade;
use plan::Plan;
use std::process::ExitCode;

/// The command could not do what was asked.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let request = args::parse(std::env::args_os());
    match act(&request) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

fn act(request: &Request) -> Result<u8> {
    // What is wrong with the question is told before anything is built.
    run::require_tools(request.task)?;
    let baseline = request.options.baseline.as_deref().map(Baseline::read).transpose()?;
    let plan = Plan::new(request)?;
    if request.task == Task::Clean {
        files::remove(&plan.ours)?;
        return Ok(0);
    }
    let is_watched = prepare(&plan, request)?;
    run::build(&plan, request)?;
    if request.task == Task::Build {
        return Ok(0);
    }
    run::clear_findings(&plan)?;
    let status = run::run(&plan, request)?;
    let code = if is_watched { conclude(&plan, request, baseline)? } else { 0 };
    Ok(match status.code() {
        Some(0) => code,
        Some(code) => u8::try_from(code).unwrap_or(FAILED),
        None => FAILED,
    })
}

/// Writes the workspace of links with its lock, and shows that leakguard works in it. Returns whether it does: a tokio that
/// is too old stays as it is.
fn prepare(plan: &Plan, request: &Request) -> Result<bool> {
    let before = match plan::locked_graph(plan, request) {
        Ok(graph) => graph,
        // Without a lock that is current, cargo would write one beside the user's manifest.
        Err(error) if request.has_cargo_flag("--locked") || request.has_cargo_flag("--frozen") => {
            return Err(error);
        }
        Err(_) => {
            scratch::fill(plan, &[])?;
            lock::resolve(plan, request)?.0
        }
    };
    let tokio = plan::tokio(&before)?;
    if tokio.version < plan::FLOOR {
        eprintln!(
            "warning: nothing is watched: leakguard has drop-ins for tokio {} and newer, and the lock has {}; \
             `cargo update -p tokio` would move it",
            plan::FLOOR,
            tokio.version
        );
        scratch::fill(plan, &[])?;
        lock::resolve(plan, request)?;
        return Ok(false);
    }
    let patches = shim::write(plan, &before, &request.options.tokio_features)?;
    scratch::fill(plan, &patches)?;
    let (graph, moved) = lock::resolve(plan, request)?;
    eprintln!("leakguard: watching tokio {} in the whole graph", tokio.version);
    for line in &moved {
        eprintln!("leakguard: moved {line}, in a copy of the lock");
    }
    probe::prove(plan, request, &graph, tokio, &patches)?;
    Ok(true)
}

/// Tells what was found, and returns the exit code that it asks for.
fn conclude(plan: &Plan, request: &Request, baseline: Option<Baseline>) -> Result<u8> {
    let gathered = gather::read(&plan.findings())?;
    let options = &request.options;
    if let Some(path) = &options.json {
        files::write(
            path,
            &gathered.lines.iter().map(|line| format!("{line}\n")).collect::<String>(),
        )?;
    }
    let groups = summary::groups(&gathered);
    let (groups, known) = match (&options.baseline, baseline) {
        (Some(path), Some(mut baseline)) if options.update_baseline => {
            baseline.update(&groups);
            baseline.write(path)?;
            (Vec::new(), groups.len())
        }
        (_, Some(baseline)) => baseline.apply(groups),
        (_, None) => (groups, 0),
    };
    eprint!("\n{}", summary::text(plan, &gathered, &groups, known));
    if !options.keep {
        files::remove(&plan.findings())?;
    }
    let worst = groups.iter().map(|group| group.grade).min();
    Ok(u8::from(match options.fail_on {
        FailOn::Certain => worst == Some(Grade::Error),
        FailOn::All => worst.is_some_and(|worst| worst <= Grade::Warning),
        FailOn::None => false,
    }))
}
