//! What guards of parking_lot's can do with a hold beside keeping it: change it, and let go of it for a while.

use crate::fact::kind::Operation;
use crate::fact::kind::{MANY_READERS, UPGRADABLE};
use crate::record::resource::hold::HoldKey;
use crate::record::resource::wait::Intent;
use crate::site::CallSite;
use crate::sync::here;
use crate::sync::hold::Hold;
use crate::sync::lazy::Lazy;
use crate::sync::waiting::Entry;
use parking_lot as original;
use std::marker::PhantomData;

/// Asks whether a type is `Send`: what is said of those that are hides what is said of all.
struct Probe<T>(PhantomData<T>);

trait Otherwise {
    const IS_SEND: bool = false;
}

impl<T> Otherwise for Probe<T> {}

impl<T: Send> Probe<T> {
    const IS_SEND: bool = true;
}

const _: () = assert!(Probe::<()>::IS_SEND && !Probe::<*const ()>::IS_SEND);

/// Guards may go to other threads by a feature of parking_lot that any crate of the program may switch on.
const MOVABLE: bool = Probe::<original::MutexGuard<'static, ()>>::IS_SEND;

impl<'a> Hold<'a> {
    /// That of a guard of parking_lot's.
    pub(super) fn of_guard(record: &'a Lazy, permits: usize, at: CallSite) -> Self {
        let hold = Hold::new(record, permits, at);
        if let Some(holds) = hold.holds().filter(|_| MOVABLE) {
            holds.set_movable(hold.ticket);
        }
        hold
    }

    /// An upgradable reader now keeps all others out.
    pub(super) fn raise(&self) {
        if let Some(holds) = self.holds() {
            holds.resize(self.ticket, MANY_READERS);
        }
    }

    /// Lets others in; called before the lock does.
    pub(super) fn lower(&self, permits: usize) {
        if let Some(holds) = self.holds() {
            holds.shrink(self.ticket, permits, here::here().now);
        }
    }

    fn end(&mut self) {
        if let Some(holds) = self.holds() {
            holds.release(self.ticket, here::here().now);
        }
        self.ticket = HoldKey::NONE;
    }
}

/// A hold of which its guard lets go; taken again when this is dropped, however the while ends.
pub(super) struct Away<'g, 'a> {
    hold: &'g mut Hold<'a>,
    permits: usize,
    at: CallSite,
}

impl<'g, 'a> Away<'g, 'a> {
    pub(super) fn new(hold: &'g mut Hold<'a>, permits: usize, at: CallSite) -> Self {
        hold.end();
        Away { hold, permits, at }
    }

    /// The thread takes the lock again, inside of parking_lot, until the entry is dropped. Who finds it free is in the
    /// queue as well, for no time at all.
    pub(super) fn back(&self, operation: Operation) -> Entry {
        self.hold.record().block(operation, self.permits, self.at)
    }
}

impl Drop for Away<'_, '_> {
    fn drop(&mut self) {
        *self.hold = Hold::of_guard(self.hold.record(), self.permits, self.at);
    }
}

/// An upgradable hold that keeps all others out until this is dropped.
pub(super) struct Raised<'g, 'a>(&'g Hold<'a>);

impl<'g, 'a> Raised<'g, 'a> {
    pub(super) fn new(hold: &'g Hold<'a>) -> Self {
        hold.raise();
        Raised(hold)
    }

    /// Gives the rest back when `f` is over, and before the lock does.
    pub(super) fn run<R>(self, f: impl FnOnce() -> R) -> R {
        f()
    }
}

impl Drop for Raised<'_, '_> {
    fn drop(&mut self) {
        self.0.lower(UPGRADABLE);
    }
}

/// Takes a lock, or gives up after a time.
pub(super) fn take_timed<G>(
    record: &Lazy,
    (operation, permits, at): (Operation, usize, CallSite),
    try_now: impl FnOnce() -> Option<G>,
    wait: impl FnOnce() -> Option<G>,
) -> Option<G> {
    try_now().or_else(|| {
        let intent = Intent::new(operation, at);
        let _entry = Entry::timed(record.resource(), Intent { permits, ..intent });
        wait()
    })
}
