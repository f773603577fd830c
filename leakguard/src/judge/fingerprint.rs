//! What a finding has in common with that of an earlier build: no line, no number of a closure, no directory of a build.

use crate::fact::cause::{Blockage, TaskLabel, WaitTarget};
use crate::fact::finding::Finding;
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::story::ChannelStory;
use crate::fact::subject::{DeadlockSubject, Subject};
use crate::fact::task::TaskFacts;
use crate::site::Site;
use std::fmt::{self, Write};

impl Finding {
    /// What identifies the finding across edits and builds: 16 hexadecimal digits.
    ///
    /// It is made of the code, of the paths and functions that the finding is about, and of what waits there. It stays
    /// the same when lines or other closures are added, and in a build in another directory, by another compiler or with
    /// optimisation. Findings with the same fingerprint may differ in their lines.
    pub fn fingerprint(&self) -> String {
        let mut hash = FnvHash::new();
        let _ = self.write_identity(&mut hash);
        format!("{:016x}", hash.0)
    }

    fn write_identity(&self, out: &mut FnvHash) -> fmt::Result {
        write!(out, "{}|", self.code())?;
        match &self.subject {
            Subject::Task(task) => of_task(out, &task.tasks.first, task.blockage.as_deref()),
            Subject::Call(call) => of_task(out, &call.call, call.blockage.as_deref()),
            Subject::Growth(growth) => of_task(out, &growth.tasks.first, None),
            Subject::Deadlock(deadlock) => of_deadlock(out, deadlock),
            Subject::Channel(story) => of_channel(out, story),
            Subject::Value(story) => of_site(out, story.site),
            Subject::Unreaped(story) => {
                of_site(out, story.site)?;
                write!(out, "{}", path(story.started().file()))
            }
        }
    }
}

/// The place and function of its spawn, the function of its future, and what it waits for.
fn of_task(out: &mut FnvHash, task: &TaskFacts, blockage: Option<&Blockage>) -> fmt::Result {
    of_site(out, task.site)?;
    write!(out, "{}|", function(task.future))?;
    match blockage {
        Some(blockage) => of_wait(out, blockage.resource.kind, Some(blockage.wait.operation)),
        None => task.wait().map_or(Ok(()), |wait| write!(out, "{wait}")),
    }
}

/// Whichever of its tasks it was found for.
fn of_deadlock(out: &mut FnvHash, deadlock: &DeadlockSubject) -> fmt::Result {
    let step = |(waiter, wants, operation): (TaskLabel, WaitTarget, Option<Operation>)| {
        let mut step = FnvHash::new();
        let _ = of_site(&mut step, waiter.site).and_then(|()| match wants {
            WaitTarget::Thing(kind) => of_wait(&mut step, kind, operation),
            WaitTarget::End => write!(step, "end"),
        });
        step.0
    };
    let edges = deadlock.blockage.cycle.iter();
    let mut steps: Vec<_> =
        edges.map(|edge| step((edge.waiter, edge.wants, edge.operation))).collect();
    steps.sort_unstable();
    steps.into_iter().try_for_each(|step| write!(out, "{step:x}|"))
}

fn of_channel(out: &mut FnvHash, story: &ChannelStory) -> fmt::Result {
    of_site(out, story.channel.site)?;
    write!(out, "{:?}|{}", story.channel.kind, path(story.place().file()))
}

fn of_site(out: &mut FnvHash, site: &Site) -> fmt::Result {
    let (module, name) = (site.module(), function(site.function()));
    write!(out, "{}|{module}::{name}|{}|", path(site.location().file()), site.callee())
}

/// The names of variants are hashed, so that words in reports may change.
fn of_wait(out: &mut FnvHash, kind: ResourceKind, operation: Option<Operation>) -> fmt::Result {
    write!(out, "{kind:?}/{operation:?}")
}

/// `pool::start` of `pool::start::{{closure}}::{{closure}}` and of `pool::start<F>::{closure#2}`.
fn function(name: &str) -> &str {
    let end = name.find(['<', '{', ' ']).unwrap_or(name.len());
    name[..end].trim_end_matches(':')
}

/// The part of a file's path that is the same wherever, and with whatever version, its crate is built: from its last `src`,
/// `tests`, `examples` or `benches` on, else the name of the file. A crate that cargo fetched has its name before that.
fn path(file: &str) -> String {
    let file = file.replace('\\', "/");
    let parts: Vec<&str> = file.split('/').collect();
    let is_root = |part: &&str| matches!(*part, "src" | "tests" | "examples" | "benches");
    let start = parts.iter().rposition(is_root).unwrap_or(parts.len() - 1);
    let is_fetched = file.contains("/registry/src/") || file.contains("/git/checkouts/");
    let package = start.checked_sub(1).map(|at| unversioned(parts[at]));
    let package = package.filter(|_| is_fetched);
    package.into_iter().chain(parts[start..].iter().copied()).collect::<Vec<_>>().join("/")
}

/// `async-channel` of `async-channel-2.5.0`.
fn unversioned(package: &str) -> &str {
    let digit = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let dashes = package.match_indices('-').map(|(at, _)| at);
    let version = dashes.into_iter().find(|at| digit(&package[at + 1..]));
    &package[..version.unwrap_or(package.len())]
}

/// FNV-1a with 64 bits.
struct FnvHash(u64);

impl FnvHash {
    const fn new() -> Self {
        FnvHash(0xcbf2_9ce4_8422_2325)
    }
}

impl Write for FnvHash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_is_that_of_fnv() {
        let hash = |text: &str| {
            let mut hash = FnvHash::new();
            hash.write_str(text).unwrap();
            hash.0
        };
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn path_is_that_inside_of_the_crate() {
        for at in
            ["src/pool.rs", "app/src/pool.rs", "/home/me/src/app/src/pool.rs", r"app\src\pool.rs"]
        {
            assert_eq!(path(at), "src/pool.rs", "{at}");
        }
        assert_eq!(path("/w/app/tests/all/main.rs"), "tests/all/main.rs");
        assert_eq!(path("build.rs"), "build.rs");
        for version in ["1.12.0", "1.13.1-rc.1"] {
            let file = format!(
                "/r/registry/src/index.crates.io-1949cf8c6b5b557f/http-body-{version}/src/lib.rs"
            );
            assert_eq!(path(&file), "http-body/src/lib.rs");
        }
    }

    #[test]
    fn function_has_no_closures_and_no_parameters() {
        assert_eq!(function("pool::start::{{closure}}::{{closure}}"), "pool::start");
        assert_eq!(function("pool::start<alloc::string::String>::{closure#2}"), "pool::start");
        assert_eq!(function("pool::start"), "pool::start");
        assert_eq!(function("core::pin::Pin<alloc::boxed::Box<dyn F>>"), "core::pin::Pin");
        assert_eq!(function("<pool::Fut as Future>"), "");
    }
}
