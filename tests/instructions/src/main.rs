//! Does one operation of the benches so many times on one thread: `counted watched 'spawn + join' 1000`.

// Idle tasks are for the benches.
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

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => all("plain").for_each(|(name, _)| println!("{name}")),
        [form, name, times] => run(form, name, times.parse().expect("how many times")),
        _ => panic!("list, or a form, an operation and how many times"),
    }
}

fn all(form: &str) -> impl Iterator<Item = &'static Workload> {
    let parts = match form {
        "plain" => [plain::ALL, unscoped::ALL, twins::plain::ALL],
        "watched" => [watched::ALL, scoped::ALL, twins::twin::ALL],
        _ => panic!("no form is called {form}"),
    };
    parts.into_iter().flatten()
}

fn run(form: &str, name: &str, times: u64) {
    let found: Vec<_> = all(form).copied().collect();
    let work = workloads::find(&found, name);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    work(&runtime.expect("a runtime starts"), times);
}
