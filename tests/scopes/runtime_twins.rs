//! What is spawned through a drop-in runtime, its handle or a local set is registered at the line of its caller, without
//! an attribute.

use crate::support::{codes, gate, line};
use leakguard::runtime::{Builder, Handle, LocalRuntime, Runtime};
use leakguard::task::{JoinSet, LocalSet};
use leakguard::{Code, Report};
use std::future::pending;

fn is_at(report: &Report, mark: &str) -> bool {
    let line = line(include_str!("runtime_twins.rs"), mark);
    report.iter().all(|f| f.site().location().line() as usize == line)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn leak_through_a_handle_is_found_at_its_spawn() {
    let runtime = runtime();
    let (open, gate) = gate();
    let report = runtime.block_on(leakguard::find(async {
        Handle::current().spawn(gate); // here: by handle
    }));
    let report = report.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask]);
    assert!(is_at(&report, "by handle"), "{report}");
    drop(open);
    let mended = leakguard::find(async { Handle::current().spawn(async {}).await.unwrap() });
    runtime.block_on(mended).unwrap();
}

#[test]
fn leak_through_a_runtime_and_a_set_is_found_at_its_spawn() {
    let (runtime, other) = (runtime(), Builder::new_multi_thread().build().unwrap());
    let (open, gate) = gate();
    let report = runtime.block_on(leakguard::find(async {
        other.spawn(gate); // here: by runtime
    }));
    assert!(is_at(&report.unwrap_err(), "by runtime"));
    drop(open);
    let mut set = JoinSet::new();
    let report = runtime.block_on(leakguard::find(async {
        set.spawn_on(pending::<()>(), other.handle()); // here: in set
    }));
    assert!(is_at(&report.unwrap_err(), "in set"));
    set.abort_all();
    runtime.block_on(leakguard::find(async { other.spawn(async {}).await.unwrap() })).unwrap();
}

#[test]
fn leak_in_a_local_set_is_found_at_its_spawn() {
    let (runtime, set) = (runtime(), LocalSet::new());
    let (open, gate) = gate();
    let report = set.block_on(
        &runtime,
        leakguard::find(async {
            set.spawn_local(gate); // here: in local set
        }),
    );
    assert!(is_at(&report.unwrap_err(), "in local set"));
    drop(open);
    let mended = leakguard::find(async { set.spawn_local(async {}).await.unwrap() });
    set.block_on(&runtime, mended).unwrap();
}

#[test]
fn leak_on_a_local_runtime_is_found_at_its_spawn() {
    let local = LocalRuntime::new().unwrap();
    let (open, gate) = gate();
    let report = local.block_on(leakguard::find(async {
        local.spawn_local(gate); // here: on local runtime
    }));
    assert!(is_at(&report.unwrap_err(), "on local runtime"));
    drop(open);
    local.block_on(leakguard::find(async { local.spawn_local(async {}).await.unwrap() })).unwrap();
}

#[test]
fn future_of_a_block_on_is_in_a_dump() {
    let text = runtime().block_on(async { leakguard::dump().to_string() }); // here: body
    let line = line(include_str!("runtime_twins.rs"), "body");
    assert!(text.contains(&format!("tests/scopes/runtime_twins.rs:{line}:")), "{text}");
}
