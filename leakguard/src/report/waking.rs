//! What may still wake a waiting task, in words.

use crate::fact::cause::{Identity, PossibleWaker, Trace};
use crate::fact::finding::Finding;
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::task::TaskFacts;
use crate::report::blockage::identity;
use crate::report::noun::{half, noun};
use std::sync::Arc;

/// The end of a verdict on a task of whose wait nothing else is known.
pub(super) const NOTHING: &str = "nothing that leakguard knows of will wake it";

/// How many are named.
const SHOWN: usize = 2;

/// The end of a verdict. `wakers` are those of each wait.
pub(crate) fn prospect(
    wakers: &[Arc<[PossibleWaker]>],
    finding: &Finding,
    task: &TaskFacts,
) -> String {
    let count: usize = wakers.iter().map(|wakers| wakers.len()).sum();
    if count == 0 {
        return NOTHING.to_owned();
    }
    let shown = wakers.iter().flat_map(|wakers| wakers.iter()).take(SHOWN);
    let mut named: Vec<_> = shown.map(|waker| words(waker, finding, task)).collect();
    if count > SHOWN {
        named.push(format!("by {} more", count - SHOWN));
    }
    format!("it may yet be woken {}", named.join(", or "))
}

fn words(waker: &PossibleWaker, finding: &Finding, task: &TaskFacts) -> String {
    match waker {
        PossibleWaker::Ready(kind) => format!("by the {}, which is ready for it", noun(*kind)),
        PossibleWaker::Unseen(kind) => {
            format!("by code that has the other half of the {} out of sight", noun(*kind))
        }
        PossibleWaker::Holder { who, kind, operation, at, trace } => {
            let at = at.map_or_else(String::new, |at| format!(" at {at}"));
            let name = match who {
                Identity::Itself | Identity::Ended | Identity::Returned => None,
                who => Some(identity(who, finding, task)),
            };
            let what = what(*kind, *operation);
            match (trace, name) {
                (_, Some(name)) if kind.is_join() => format!("by the end of {name}, spawned{at}"),
                (Trace::Created, _) => {
                    format!("by a task that has {what} created{at} and never used")
                }
                (Trace::Queued(_), None) => {
                    format!("by a task that could receive {what}, sent{at}")
                }
                (Trace::Moved, None) => format!("by a task that got {what} from it"),
                (_, None) => format!("by a task that has {what}"),
                (trace, Some(name)) => {
                    format!("by {name}, which {}{at}", did(*kind, &what, *trace))
                }
            }
        }
    }
}

/// What a holder has of a channel, lock or token.
fn what(kind: ResourceKind, operation: Operation) -> String {
    match kind {
        kind if kind.is_channel() => format!("the {}", half(operation)),
        ResourceKind::Token => "the token".to_owned(),
        ResourceKind::Semaphore => "permits".to_owned(),
        kind => format!("the {}", noun(kind)),
    }
}

fn did(kind: ResourceKind, what: &str, trace: Trace) -> String {
    match trace {
        Trace::Requested => format!("requested {what} earlier"),
        Trace::Moved => format!("was given {what}"),
        Trace::Queued(_) => format!("could receive {what}, sent"),
        _ if kind.is_channel() || kind == ResourceKind::Token => format!("last used {what}"),
        _ => format!("acquired {what}"),
    }
}
