//! Which tasks could end a wait on one channel or lock, read from its facts alone.

use crate::clock::Instant;
use crate::fact::cause::Trace;
use crate::fact::id::TaskId;
use crate::fact::kind::{Operation, ResourceKind, Side, UPGRADABLE};
use crate::fact::resource::{
    ChannelFacts, Detail, EndpointFacts, HoldFacts, JoinedFacts, LockFacts, NotifyFacts,
    ResourceFacts, WaitFacts,
};
use crate::site::CallSite;
use crate::vocabulary::Cause;
use std::time::Duration;

/// How much two instants of the coarse time may differ from what they state.
pub(super) const COARSE: Duration = Duration::from_millis(10);

/// The holder of what a wait is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder {
    pub(crate) task: Option<TaskId>,
    pub(crate) at: Option<CallSite>,
    pub(crate) since: Option<Instant>,
    /// It cannot have gone to another task since.
    pub(crate) sure: bool,
    /// A borrowed guard of a static: a task that its holder has spawned may have it.
    pub(crate) lent: bool,
    /// An endpoint that was not used since it was created.
    pub(crate) unused: bool,
    /// Such an endpoint is often sent to an unknown task before it is used, for example with a request.
    pub(crate) travels: bool,
    /// The task was given it, and has not used it.
    pub(crate) handed: bool,
    /// It holds nothing yet. It waited earlier, so it is served first.
    pub(crate) ahead: bool,
    /// It could receive the message that carries the endpoint, from the channel that was created there.
    pub(crate) queue: Option<CallSite>,
}

impl Holder {
    pub(super) fn trace(&self) -> Trace {
        match *self {
            Holder { queue: Some(queue), .. } => Trace::Queued(queue),
            Holder { ahead: true, .. } => Trace::Requested,
            Holder { handed: true, .. } => Trace::Moved,
            Holder { unused: true, .. } => Trace::Created,
            _ => Trace::Used,
        }
    }

    /// One that certainly holds it, acquired at `at`.
    fn certain(task: Option<TaskId>, at: Option<CallSite>) -> Self {
        Holder {
            task,
            at,
            since: None,
            sure: true,
            lent: false,
            unused: false,
            travels: false,
            handed: false,
            ahead: false,
            queue: None,
        }
    }

    /// The holder of `receiver`, in whose queue, created at `queue`, an endpoint probably lies since it was sent at `at`.
    pub(super) fn queued(receiver: &EndpointFacts, queue: CallSite, at: CallSite) -> Self {
        Holder { at: Some(at), queue: Some(queue), ..of_endpoint(receiver, ResourceKind::Mpsc) }
    }
}

/// How many of the holders have to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    All,
    Any,
}

/// All holders that could end a wait. Empty where they are not known.
#[derive(Clone, Debug)]
pub(crate) struct Counterpart {
    pub(crate) holders: Vec<Holder>,
    pub(crate) needs: Needs,
    /// The cause, where it is known without looking at the holders.
    pub(crate) cause: Option<Cause>,
    /// Tasks that hold nothing may end it too: another user of that side of a channel, or a task that adds permits.
    pub(crate) is_shared: bool,
}

impl Counterpart {
    fn unknown(cause: Option<Cause>) -> Self {
        Counterpart { holders: Vec::new(), needs: Needs::Any, cause, is_shared: false }
    }
}

/// `is_open` tells whether a wait is one that its task polled last.
pub(crate) fn counterpart(
    resource: &ResourceFacts,
    wait: &WaitFacts,
    is_open: impl Fn(&WaitFacts) -> bool,
) -> Counterpart {
    match &resource.detail {
        Detail::Lock(lock) if resource.kind.blocks() => of_blocking_lock(lock, resource, wait),
        Detail::Lock(lock) => of_lock(lock, resource, wait, is_open),
        Detail::Channel(channel) => of_channel(channel, resource, wait),
        Detail::Join(joined) => of_joined(joined, Needs::All),
        // The next task to end is enough.
        Detail::Set(set) => of_joined(&set.alive, Needs::Any),
        Detail::Notify(notify) if resource.kind == ResourceKind::Condvar => {
            Counterpart::unknown(of_condvar(notify, wait))
        }
        Detail::Notify(notify) => Counterpart::unknown(of_notify(notify, wait)),
        _ => Counterpart::unknown(None),
    }
}

fn of_lock(
    lock: &LockFacts,
    resource: &ResourceFacts,
    wait: &WaitFacts,
    is_open: impl Fn(&WaitFacts) -> bool,
) -> Counterpart {
    if resource.kind == ResourceKind::OnceCell {
        return of_holds(&lock.holds, resource.kind);
    }
    if wait.permits > lock.permits {
        return Counterpart::unknown(Some(Cause::TooFew));
    }
    let front = front(lock, &resource.waits, &is_open);
    if let Some(front) = front.filter(|front| lock.unheld() >= front.permits.min(wait.permits)) {
        let granted = lock.unheld() >= front.permits && !is_open(front);
        if !granted && (std::ptr::eq(front, wait) || lock.unheld() >= front.permits) {
            // The grant is under way.
            return Counterpart::unknown(None);
        }
        return Counterpart {
            holders: vec![Holder {
                since: Some(lock.released.filter(|_| granted).unwrap_or(front.since)),
                ahead: !granted,
                ..Holder::certain(front.task, Some(front.at))
            }],
            needs: Needs::All,
            cause: granted.then_some(Cause::GrantedButNotPolled),
            is_shared: resource.kind == ResourceKind::Semaphore,
        };
    }
    let mut held = of_holds(&lock.holds, resource.kind);
    for holder in held.holders.iter_mut().filter(|_| lock.is_static) {
        holder.lent = std::mem::take(&mut holder.sure);
    }
    held
}

/// The wait that is served next. Locks are granted in the order of requests. Of two requests at once, the later one may
/// be recorded first: if it could be served, and still waited after the last release, then the other one is ahead of
/// it.
fn front<'a>(
    lock: &LockFacts,
    waits: &'a [WaitFacts],
    is_open: impl Fn(&WaitFacts) -> bool,
) -> Option<&'a WaitFacts> {
    let latest = lock.released.map(|at| at.plus(COARSE));
    let is_passed_over = |w: &&WaitFacts| {
        lock.unheld() >= w.permits && is_open(w) && latest.is_none_or(|at| at < w.polled)
    };
    let next = waits.iter().find(|w| !is_passed_over(w));
    next.or(waits.first())
}

/// The holders of a lock, of some of its permits, or of a cell while it is initialised.
fn of_holds<'a>(holds: impl IntoIterator<Item = &'a HoldFacts>, kind: ResourceKind) -> Counterpart {
    let holds = holds.into_iter().map(|hold| Holder {
        since: Some(hold.since),
        sure: !hold.movable,
        ..Holder::certain(hold.task, hold.at)
    });
    Counterpart {
        holders: holds.collect(),
        needs: match kind {
            ResourceKind::Semaphore => Needs::Any,
            _ => Needs::All,
        },
        cause: None,
        is_shared: kind == ResourceKind::Semaphore,
    }
}

fn of_channel(channel: &ChannelFacts, resource: &ResourceFacts, wait: &WaitFacts) -> Counterpart {
    let full = resource.capacity.is_none_or(|c| channel.depth >= c);
    let ends = match wait.operation {
        Operation::Receive if channel.depth == 0 => &channel.senders,
        Operation::Changed => &channel.senders,
        Operation::Send if full => &channel.receivers,
        _ => return Counterpart::unknown(None),
    };
    Counterpart {
        holders: ends.iter().map(|e| of_endpoint(e, resource.kind)).collect(),
        needs: Needs::Any,
        cause: None,
        is_shared: true,
    }
}

pub(super) fn of_endpoint(end: &EndpointFacts, kind: ResourceKind) -> Holder {
    let unused = end.is_unused();
    Holder {
        sure: !unused,
        unused,
        travels: unused && end.side == Side::Sender && kind != ResourceKind::Watch,
        handed: end.handed,
        ..Holder::certain(end.last_task, end.last_at)
    }
}

/// The handles by which a token could be cancelled.
pub(crate) fn of_handles(handles: &[EndpointFacts]) -> Counterpart {
    let holder = |handle: &EndpointFacts| Holder {
        // Its holder has not cancelled it so far, and its last user may have given it away.
        sure: false,
        unused: false,
        ..of_endpoint(handle, ResourceKind::Token)
    };
    Counterpart {
        holders: handles.iter().map(holder).collect(),
        needs: Needs::Any,
        cause: Some(Cause::NeverSignalled),
        is_shared: true,
    }
}

fn of_notify(notify: &NotifyFacts, wait: &WaitFacts) -> Option<Cause> {
    match (notify.waiters, notify.one, notify.last) {
        (None, None, None) => Some(Cause::NeverSignalled),
        (Some(waiters), ..) if wait.seen == waiters.times => Some(Cause::NotifiedTooEarly),
        _ => None,
    }
}

/// A condvar stores no notification for later waits.
fn of_condvar(notify: &NotifyFacts, wait: &WaitFacts) -> Option<Cause> {
    let marks = [notify.one, notify.waiters];
    match marks.iter().flatten().map(|mark| mark.times).sum() {
        0 => Some(Cause::NeverSignalled),
        times if wait.seen == times => Some(Cause::NotifiedTooEarly),
        _ => None,
    }
}

/// std and parking_lot have no grants to observe: the holders are known, and the next holder is not.
fn of_blocking_lock(lock: &LockFacts, resource: &ResourceFacts, wait: &WaitFacts) -> Counterpart {
    if wait.operation == Operation::Upgrade {
        // The upgrade already excludes all others.
        let readers = lock.holds.iter().filter(|h| h.permits < lock.permits);
        return of_holds(readers, resource.kind);
    }
    if lock.unheld() < wait.permits {
        let stops = |h: &&HoldFacts| lock.permits.saturating_sub(h.permits) < wait.permits;
        return of_holds(lock.holds.iter().filter(stops), resource.kind);
    }
    // Without holders the lock is about to be acquired. So it is beside an upgradable reader, because writers queue
    // behind that one.
    let upgradable = lock.holds.iter().any(|h| h.permits == UPGRADABLE);
    let passes = wait.operation == Operation::ReadRecursive || upgradable;
    match lock.holds.is_empty() || passes {
        true => Counterpart::unknown(None),
        false => of_writers(resource, wait),
    }
}

/// The writers ahead of a waiting reader. One of them excludes it until it has written.
fn of_writers(resource: &ResourceFacts, wait: &WaitFacts) -> Counterpart {
    let before = resource.waits.iter();
    let before = before.take_while(|w| w.number != wait.number);
    let writers = before.filter(|w| w.operation == Operation::Write);
    let holder = |writer: &WaitFacts| Holder {
        since: Some(writer.since),
        // Whether a std reader lets a waiting writer go first depends on the platform, so this is a guess.
        sure: resource.kind == ResourceKind::ParkingRwLock,
        ahead: true,
        ..Holder::certain(writer.task, Some(writer.at))
    };
    Counterpart {
        holders: writers.map(holder).collect(),
        // It is not known which of them it is.
        ..Counterpart::unknown(None)
    }
}

/// The threads or tasks whose end is waited for.
fn of_joined(all: &[JoinedFacts], needs: Needs) -> Counterpart {
    let holder = |joined: &JoinedFacts| Holder::certain(Some(joined.task), Some(joined.started));
    Counterpart { holders: all.iter().map(holder).collect(), needs, cause: None, is_shared: false }
}
