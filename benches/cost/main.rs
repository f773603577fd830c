//! Measures what leakguard costs, compared with plain tokio in one process, and prints Markdown. See BENCHMARKS.md.
//!
//! `cargo bench` runs every part, `cargo bench -- dump heap` those that are named. Without `--bench`, as in
//! `cargo test --benches`, each part only shows that it works.
#![deny(unsafe_code)]

use std::env;

mod calls;
mod crowd;
mod dump;
mod effort;
mod flood;
mod forms;
mod fresh;
mod heap;
mod leaks;
mod memory;
mod million;
mod pair;
mod scaling;
mod scopes;
mod table;
mod verdict;
mod workloads;

use pair::Effort;

/// A part of the figures and its name.
type Part = (&'static str, fn(Effort));

/// Every part that has a plain form. Channels and locks are in `benches/sync/`.
const PARTS: &[Part] =
    &[("tasks", calls::tasks), ("scopes", calls::scopes), ("heap", |_| heap::heap())];

/// Parts without a plain form, which need a leakguard that watches.
const PARTS_WHEN_ON: &[Part] = &[
    ("find", verdict::end_of_scope),
    ("verdict", verdict::delay),
    ("leaks", leaks::leaks),
    ("flood", flood::flood),
    ("dump", dump::dump),
    ("scaling", scaling::scaling),
    ("million", million::million),
];

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == fresh::ARGUMENT) {
        return fresh::print(&fresh_part(&words[1..]));
    }
    let effort = effort::effort(words.iter().any(|word| word == "--bench"));
    let wanted: Vec<_> = words.iter().filter(|word| !word.starts_with('-')).collect();
    let on = PARTS_WHEN_ON.iter().filter(|_| forms::IS_ON);
    for (name, part) in PARTS.iter().chain(on) {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            part(effort);
        }
    }
}

fn fresh_part(words: &[String]) -> Vec<f64> {
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["dump", runtime, form] => dump::in_this_process(runtime, form),
        ["delay", runtime] => verdict::in_this_process(runtime),
        ["flood", calls] => flood::in_this_process(calls.parse().expect("a number of calls")),
        ["flood", calls, seconds] => flood::spread(
            calls.parse().expect("a number of calls"),
            seconds.parse().expect("a number of seconds"),
        ),
        ["leaks", shape, count] => {
            leaks::in_this_process(shape, count.parse().expect("a number of tasks"))
        }
        _ => panic!("no such measurement: {words:?}"),
    }
}
