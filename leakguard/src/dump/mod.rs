//! Everything that is alive at one instant, as text. A plain value that probes nothing.
//!
//! `{}` gives one block for each task, as Go's `debug=2` does, unless more than 8 are alike. `{:#}` folds all tasks that are
//! alike, as its `debug=1`.

use crate::clock::Instant;
use crate::fact::observed::ObservedFacts;
use crate::fact::resource::{HandlesFacts, ResourceFacts};
use crate::fact::task::{ScopeFacts, TaskFacts};
use crate::report::state;
use crate::site::Site;
use std::fmt;

mod block;
mod fold;
mod handle;
mod name;
mod observed;
mod resource;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use words::purpose;

/// Every watched task, call, blocking closure and thread that is alive at one instant.
///
/// `{}` shows each with its stack and the place of its spawn, and more than 8 that are alike as one with a count. `{:#}`
/// folds all that are alike.
/// The channels and locks of [`sync`](crate::sync) follow, with their holders, waiters and last users, then the join sets
/// and handles of [`task`](crate::task) with what has ended and was not joined, and the places that created channels which
/// keep their types. Both forms end with the sites that have something alive.
#[derive(Clone, Debug)]
pub struct Dump {
    pub(crate) tasks: Vec<TaskFacts>,
    pub(crate) scopes: Vec<ScopeFacts>,
    pub(crate) resources: Vec<ResourceFacts>,
    pub(crate) observed: Vec<ObservedFacts>,
    pub(crate) handles: Vec<HandlesFacts>,
    pub(crate) sites: Vec<&'static Site>,
    /// Number of tasks on the runtime that leakguard does not watch.
    pub(crate) unseen: usize,
    pub(crate) now: Instant,
}

impl Dump {
    /// How many tasks, calls, blocking closures and threads it shows.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether nothing that leakguard watches was alive.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    fn write_sites(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alive: Vec<_> = self.sites.iter().filter(|s| s.alive() > 0).collect();
        if alive.is_empty() {
            return Ok(());
        }
        writeln!(f, "   alive  started    ended   leaked  site")?;
        alive.into_iter().try_for_each(|site| write_site(f, site))
    }
}

fn write_site(f: &mut fmt::Formatter<'_>, site: &Site) -> fmt::Result {
    let counts = [site.alive(), site.started(), site.ended(), site.leaked()];
    for count in counts {
        write!(f, "{count:>8} ")?;
    }
    write!(f, " {}", site.location())?;
    match site.callee() {
        "" => writeln!(f, " `{}`", site.function()),
        callee => writeln!(f, " `{callee}` in `{}`", site.function()),
    }
}

impl fmt::Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            writeln!(f, "no watched task is alive")?;
        } else if f.alternate() {
            fold::write(f, self)?;
        } else {
            block::write(f, self)?;
        }
        let names = name::TaskNames::of_tasks(&self.tasks);
        resource::write(f, self, &names)?;
        handle::write(f, self)?;
        observed::write(f, self, &names)?;
        self.write_sites(f)?;
        match self.unseen {
            0 => Ok(()),
            unseen => writeln!(f, "note: {}", state::unseen(unseen)),
        }
    }
}
