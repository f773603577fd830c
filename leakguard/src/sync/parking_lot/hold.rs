//! What guards of parking_lot do with a hold: change its permits, and suspend it.

use crate::fact::kind::{MANY_READERS, Operation, UPGRADABLE};
use crate::record::resource::hold::HoldKey;
use crate::record::resource::wait::Intent;
use crate::site::CallSite;
use crate::sync::here;
use crate::sync::hold::GuardHold;
use crate::sync::lazy::Lazy;
use crate::sync::waiting::QueueEntry;
use parking_lot as original;
use std::marker::PhantomData;

/// Finds out whether a type is `Send`. If it is, the inherent constant shadows that of the trait.
struct SendProbe<T>(PhantomData<T>);

trait NotSend {
    const IS_SEND: bool = false;
}

impl<T> NotSend for SendProbe<T> {}

impl<T: Send> SendProbe<T> {
    const IS_SEND: bool = true;
}

const _: () = assert!(SendProbe::<()>::IS_SEND && !SendProbe::<*const ()>::IS_SEND);

/// Whether guards may be moved to other threads: a feature of parking_lot that any crate of the program may enable.
const MOVABLE: bool = SendProbe::<original::MutexGuard<'static, ()>>::IS_SEND;

impl<'a> GuardHold<'a> {
    /// Same as [`GuardHold::new`], for a guard that can be moved if parking_lot allows that.
    pub(super) fn of_guard(record: &'a Lazy, permits: usize, at: CallSite) -> Self {
        let hold = GuardHold::new(record, permits, at);
        if let Some(holds) = record.holds().filter(|_| MOVABLE) {
            holds.set_movable(hold.key);
        }
        hold
    }

    /// Makes an upgradable hold exclusive.
    pub(super) fn upgrade(&self) {
        if let Some(holds) = self.record.holds() {
            holds.resize(self.key, MANY_READERS);
        }
    }

    /// Releases all but `permits`. Called before the lock does so.
    pub(super) fn downgrade(&self, permits: usize) {
        if let Some(holds) = self.record.holds() {
            holds.shrink(self.key, permits, here::here().now);
        }
    }

    fn end(&mut self) {
        self.record.release(self.key);
        self.key = HoldKey::NONE;
    }
}

/// A hold that is suspended while its guard has released the lock. It is resumed when this is dropped, also by a panic.
pub(super) struct SuspendedHold<'g, 'a> {
    hold: &'g mut GuardHold<'a>,
    permits: usize,
    at: CallSite,
}

impl<'g, 'a> SuspendedHold<'g, 'a> {
    pub(super) fn new(hold: &'g mut GuardHold<'a>, permits: usize, at: CallSite) -> Self {
        hold.end();
        SuspendedHold { hold, permits, at }
    }

    /// parking_lot acquires the lock again until the entry is dropped. The thread is in the queue also if the lock is
    /// free, and leaves it at once.
    pub(super) fn reacquire(&self, operation: Operation) -> QueueEntry {
        self.hold.record.block(operation, self.permits, self.at)
    }
}

impl Drop for SuspendedHold<'_, '_> {
    fn drop(&mut self) {
        *self.hold = GuardHold::of_guard(self.hold.record, self.permits, self.at);
    }
}

/// An upgradable hold that is exclusive until this is dropped.
pub(super) struct UpgradedHold<'g, 'a>(&'g GuardHold<'a>);

impl<'g, 'a> UpgradedHold<'g, 'a> {
    pub(super) fn new(hold: &'g GuardHold<'a>) -> Self {
        hold.upgrade();
        UpgradedHold(hold)
    }

    /// Downgrades when `f` has ended, before the lock does so.
    pub(super) fn run<R>(self, f: impl FnOnce() -> R) -> R {
        f()
    }
}

impl Drop for UpgradedHold<'_, '_> {
    fn drop(&mut self) {
        self.0.downgrade(UPGRADABLE);
    }
}

/// Acquires a lock, or stops waiting after a time.
pub(super) fn acquire_timed<G>(
    record: &Lazy,
    (operation, permits, at): (Operation, usize, CallSite),
    try_now: impl FnOnce() -> Option<G>,
    wait: impl FnOnce() -> Option<G>,
) -> Option<G> {
    try_now().or_else(|| {
        let _entry =
            QueueEntry::timed(record.resource(), Intent::new(operation, at).permits(permits));
        wait()
    })
}
