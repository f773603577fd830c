//! The part of a lock that knows nothing of its value: who may pass, and who has passed.

use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::record::resource::hold::{HoldKey, Holds};
use crate::site::CallSite;
use crate::sync::given::To;
use crate::sync::here;
use crate::sync::lazy::Lazy;
use std::mem::ManuallyDrop;
use tokio::sync::{Semaphore, TryLockError};

/// A gate for `all` readers or one writer.
pub(super) struct Core {
    gate: Semaphore,
    all: u32,
    record: Lazy,
}

impl Core {
    pub(super) const fn constant(kind: ResourceKind, all: u32, at: CallSite) -> Self {
        Core {
            gate: Semaphore::const_new(all as usize),
            all,
            record: Lazy::constant(kind, Some(all as usize), at),
        }
    }

    pub(super) fn new(kind: ResourceKind, all: u32, at: CallSite) -> Self {
        Core {
            gate: Semaphore::new(all as usize),
            all,
            record: Lazy::new(kind, Some(all as usize), at),
        }
    }

    pub(super) fn all(&self) -> u32 {
        self.all
    }

    fn holds(&self) -> Option<&Holds> {
        self.record.resource().and_then(|r| r.holds())
    }

    fn taken(&self, permits: u32, at: CallSite) -> HoldKey {
        let Some(holds) = self.holds() else {
            return HoldKey::NONE;
        };
        match permits == self.all {
            true => holds.take_all(permits as usize, here::here(), at),
            false => holds.take(permits as usize, here::here(), at),
        }
    }

    fn give_back(&self, permits: u32) {
        self.gate.add_permits(permits as usize);
    }
}

/// Whatever leads to a lock's core: a reference, an `Arc`.
pub(super) trait Lock {
    /// Whether what is held through it may be given to another task.
    const MOVABLE: bool = false;

    fn core(&self) -> &Core;
}

impl Lock for &Core {
    fn core(&self) -> &Core {
        self
    }
}

/// Permits of a lock that are held until this is dropped. Whoever has one did acquire them.
pub(super) struct Grip<L: Lock> {
    lock: L,
    permits: u32,
    ticket: HoldKey,
}

impl<L: Lock> Grip<L> {
    fn new(lock: L, permits: u32, at: CallSite) -> Self {
        let ticket = lock.core().taken(permits, at);
        if let Some(holds) = lock.core().holds().filter(|_| L::MOVABLE) {
            holds.set_movable(ticket);
        }
        Grip {
            lock,
            permits,
            ticket,
        }
    }

    pub(super) async fn acquire(lock: L, permits: u32, operation: Operation, at: CallSite) -> Self {
        let core = lock.core();
        let acquire = core.gate.acquire_many(permits);
        let record = &core.record;
        match record.wait(operation, permits as usize, at, acquire).await {
            Ok(permit) => permit.forget(),
            Err(_) => unreachable!("nobody closes the gate of a lock"),
        }
        Grip::new(lock, permits, at)
    }

    #[track_caller]
    pub(super) fn block(lock: L, permits: u32, operation: Operation, at: CallSite) -> Self {
        let core = lock.core();
        let wait = core.record.block(operation, permits as usize, at);
        let acquired = core.gate.blocking_acquire_many(permits).map(|p| p.forget());
        drop(wait);
        acquired.expect("nobody closes the gate of a lock");
        Grip::new(lock, permits, at)
    }

    pub(super) fn try_acquire(lock: L, permits: u32, at: CallSite) -> Result<Self, TryLockError> {
        match lock.core().gate.try_acquire_many(permits) {
            Ok(permit) => permit.forget(),
            Err(_) => return Err(busy()),
        }
        Ok(Grip::new(lock, permits, at))
    }

    pub(super) fn lock(&self) -> &L {
        &self.lock
    }

    /// It was moved into a task.
    pub(super) fn hand(&self, to: To) {
        if let Some(holds) = self.lock.core().holds() {
            holds.hand(self.ticket, to.task);
        }
    }

    /// Whether nobody else can be inside.
    pub(super) fn is_exclusive(&self) -> bool {
        self.permits == self.lock.core().all
    }

    /// Lets readers in, and stays one.
    pub(super) fn downgrade(&mut self) {
        let core = self.lock.core();
        if let Some(holds) = core.holds() {
            holds.shrink(self.ticket, 1, here::here().now);
        }
        let freed = self.permits - 1;
        self.permits = 1;
        self.lock.core().give_back(freed);
    }
}

impl<'a, L: Lock + Copy> Grip<L>
where
    L: Into<&'a Core>,
{
    /// The same hold, without the type of the value.
    pub(super) fn erase(self) -> Grip<&'a Core> {
        let grip = ManuallyDrop::new(self);
        Grip {
            lock: grip.lock.into(),
            permits: grip.permits,
            ticket: grip.ticket,
        }
    }
}

impl<L: Lock> Drop for Grip<L> {
    fn drop(&mut self) {
        let core = self.lock.core();
        if let Some(holds) = core.holds() {
            // The record first: the next holder must find its predecessor gone.
            holds.release(self.ticket, here::here().now);
        }
        core.give_back(self.permits);
    }
}

/// tokio's error, which only tokio can make.
#[cold]
fn busy() -> TryLockError {
    let mutex = tokio::sync::Mutex::const_new(());
    let _locked = mutex.try_lock();
    match mutex.try_lock() {
        Err(error) => error,
        Ok(_) => unreachable!("it is locked"),
    }
}
