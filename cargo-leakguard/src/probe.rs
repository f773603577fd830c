//! A program with a task that nothing can wake. If its report is missing, silence about the user's program means nothing.

use crate::args::Request;
use crate::cargo;
use crate::files;
use crate::gather;
use crate::plan::Plan;
use crate::run;
use crate::scratch::Patch;
use anyhow::{Context, Result, bail};
use cargo_metadata::{Metadata, Package};
use std::fmt::Write as _;

const PROGRAM: &str = "\
fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect(\"a runtime\");
    runtime.block_on(async {
        tokio::spawn(std::future::pending::<()>());
        tokio::task::yield_now().await;
    });
}
";

pub fn prove(
    plan: &Plan,
    request: &Request,
    graph: &Metadata,
    tokio: &Package,
    patches: &[Patch],
) -> Result<()> {
    let probe = plan.ours.join("probe");
    files::write(&probe.join("src/main.rs"), PROGRAM)?;
    files::write(&probe.join("Cargo.toml"), &manifest(graph, tokio, patches))?;
    let lock = files::read(&plan.scratch().join("Cargo.lock"))?;
    files::write(&probe.join("Cargo.lock"), &lock)?;
    let findings = probe.join("findings");
    files::remove(&findings)?;
    let mut command = cargo::cargo();
    command.args(["run", "--quiet", "--manifest-path"]).arg(probe.join("Cargo.toml"));
    command.args(run::profile(request)).env("CARGO_TARGET_DIR", plan.build());
    run::watch(&mut command, &findings, request);
    cargo::text(&mut command)
        .context("cannot build or run the program that shows that leakguard works here")?;
    let found = gather::read(&findings)?;
    if !found.findings.iter().any(|finding| finding.code == "LG007") {
        bail!(
            "leakguard does not work here: it did not report a task that nothing can wake, in a program of its own"
        );
    }
    Ok(())
}

/// Has tokio's features as the user's graph has them, so that the build is shared.
fn manifest(graph: &Metadata, tokio: &Package, patches: &[Patch]) -> String {
    let nodes = graph.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let shim = nodes.filter(|node| {
        let package = graph.packages.iter().find(|package| package.id == node.id);
        package.is_some_and(|package| *package.name == "tokio" && package.version == tokio.version)
    });
    let mut features: Vec<_> =
        shim.flat_map(|node| &node.features).map(|feature| feature.to_string()).collect();
    features.push("rt".into());
    features.sort();
    features.dedup();
    let mut text = format!(
        "[package]\nname = \"leakguard-probe\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n\n[dependencies]\n\
         tokio = {{ version = \"={}\", default-features = false, features = {features:?} }}\n\n[patch.crates-io]\n",
        tokio.version
    );
    // The program has no other tokio, wherever the user's comes from.
    for patch in patches.iter().filter(|patch| patch.name == "tokio") {
        let _ = writeln!(text, "tokio = {{ path = {:?} }}", patch.path);
    }
    text
}
