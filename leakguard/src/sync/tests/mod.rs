//! What the twins write into their records. `tests/sync/` checks that they behave like tokio's types.

pub(crate) mod blocking;
mod channel;
mod lock;
#[cfg(feature = "parking_lot")]
mod parking_lot;
mod probe;
mod refused;
mod signal;

use crate::fact::id::TaskId;
use crate::fact::options::Options;
use crate::fact::resource::{ChannelFacts, Detail, LockFacts, ResourceFacts};
use crate::record::resource::channel::ChannelRule;
use crate::record::resource::event::ChannelEvent;
use crate::site::Site;
use crate::vocabulary::SiteKind;
use crate::watch::future::Watched;
use crate::{context, ledger};
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// The position of the line after the call. It identifies what is created there.
#[track_caller]
pub(crate) fn next_line() -> (&'static str, u32) {
    let here = Location::caller();
    (here.file(), here.line() + 1)
}

fn is_at(place: &Location<'_>, at: (&str, u32)) -> bool {
    (place.file(), place.line()) == at
}

pub(crate) fn find(created: (&str, u32)) -> Option<ResourceFacts> {
    let all = ledger::global().resources();
    let found = all.iter().find(|r| is_at(r.origin.created, created))?;
    Some(found.facts())
}

pub(crate) fn facts(created: (&str, u32)) -> ResourceFacts {
    find(created).expect("it is in the ledger")
}

fn channel(created: (&str, u32)) -> ChannelFacts {
    facts(created).channel().expect("a channel").clone()
}

fn lock(created: (&str, u32)) -> LockFacts {
    match facts(created).detail {
        Detail::Lock(facts) => facts,
        other => panic!("not a lock: {other:?}"),
    }
}

fn events(created: (&str, u32)) -> Vec<ChannelEvent> {
    ledger::global().take_events(|event| is_at(event.channel.created, created))
}

/// The rule of `#[bounded_channel(capacity = 2)]`. The test has no watchdog, which would take the events.
fn rule() -> &'static ChannelRule {
    static RULE: ChannelRule = ChannelRule::new("test", module_path!(), Options::new(), Some(2));
    &RULE
}

/// A watched task around a future, polled by hand.
struct Task<F: Future>(Pin<Box<Watched<F>>>);

impl<F: Future> Task<F> {
    fn new(future: F) -> Self {
        static SITE: Site = Site::new(SiteKind::Spawn, "test", "spawn", module_path!());
        Task(Box::pin(Watched::new(future, &SITE, false)))
    }

    fn poll(&mut self) -> Poll<F::Output> {
        let mut cx = Context::from_waker(Waker::noop());
        self.0.as_mut().poll(&mut cx)
    }
}

/// The id of the task that calls this.
fn current_id() -> TaskId {
    context::with(|task| task.id).expect("a task")
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
