//! Repeats one operation of the benches on one thread: `counted watched 'spawn + join' 1000`.

mod allocator;
// The benches use idle tasks, this program does not.
#[allow(dead_code)]
#[path = "../../../benches/cost/forms.rs"]
mod forms;
#[path = "../../../benches/cost/scopes.rs"]
mod scopes;
#[path = "../../../benches/sync/twins.rs"]
mod twins;
#[path = "../../../benches/cost/workloads.rs"]
mod workloads;

use forms::{plain, scoped, unscoped, watched};
use workloads::Workload;

#[global_allocator]
static RECYCLED: allocator::Recycled = allocator::Recycled;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => all("plain").for_each(|(name, _)| println!("{name}")),
        ["judged", _, times] => judge(times.parse().expect("a number of leaks")),
        [form, name, times] => run(form, name, times.parse().expect("a number of repetitions")),
        _ => panic!("expected `list`, or a form, an operation and a number of repetitions"),
    }
}

fn all(form: &str) -> impl Iterator<Item = &'static Workload> {
    let parts = match form {
        "plain" => [plain::ALL, unscoped::ALL, twins::plain::ALL],
        "watched" => [watched::ALL, scoped::ALL, twins::twin::ALL],
        _ => panic!("unknown form {form}"),
    };
    parts.into_iter().flatten()
}

fn run(form: &str, name: &str, times: u64) {
    let found: Vec<_> = all(form).copied().collect();
    let work = workloads::find(&found, name);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    work(&runtime.expect("a runtime starts"), times);
}

/// Has as many leaks judged and put into words as the report is about.
fn judge(count: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    let scope = leakguard::Scope::new("counted").grace(std::time::Duration::from_millis(1));
    let report = runtime.block_on(scope.find(leave(count))).expect_err("the tasks are left");
    assert!(report.to_string().starts_with(&format!("leak[LG007]: {count} tasks")), "{report}");
}

#[leakguard::track]
async fn leave(count: usize) {
    for _ in 0..count {
        tokio::spawn(std::future::pending::<()>());
    }
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}
