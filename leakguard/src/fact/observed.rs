//! One place in the source that creates channels of plain types, as known at one instant.

use crate::fact::id::{ScopeId, TaskId};
use crate::site::CallSite;
use crate::vocabulary::WaitKind as W;

/// A kind of channel, recognised by the type name of its sender.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Family {
    sender: &'static str,
    pub(crate) noun: &'static str,
    /// The waits that may be on it. Empty where no task waits on it.
    waits: &'static [W],
    /// It holds a limited number of messages, so a sender may have to wait.
    pub(crate) is_bounded: bool,
    /// leakguard has an instrumented drop-in for it.
    pub(crate) has_twin: bool,
}

const ASYNC_CHANNEL: &[W] =
    &[W::AsyncChannelReceive, W::AsyncChannelSend, W::AsyncChannelClosed, W::AsyncChannel];

/// The path of the sender's type up to its parameters. A library may move its type, and then its channels are no longer
/// listed.
#[rustfmt::skip]
const FAMILIES: &[Family] = &[
    family("tokio::sync::mpsc::bounded::Sender", "mpsc", &[W::MpscReceive, W::MpscSend, W::MpscClosed], true, true),
    family("tokio::sync::mpsc::unbounded::UnboundedSender", "unbounded mpsc", &[W::MpscReceive, W::MpscClosed], false, true),
    family("tokio::sync::oneshot::Sender", "oneshot", &[W::OneshotReceive, W::OneshotClosed], false, true),
    family("tokio::sync::broadcast::Sender", "broadcast", &[W::BroadcastReceive, W::BroadcastClosed], true, true),
    family("tokio::sync::watch::Sender", "watch", &[W::WatchChange, W::WatchClosed], false, true),
    family("std::sync::mpsc::Sender", "std mpsc", &[], false, false),
    family("std::sync::mpsc::SyncSender", "std sync_channel", &[], true, false),
    family("crossbeam_channel::channel::Sender", "crossbeam-channel", &[], true, false),
    family("flume::Sender", "flume", &[W::FlumeReceive, W::FlumeSend, W::FlumeChannel], true, false),
    family("async_channel::Sender", "async-channel", ASYNC_CHANNEL, true, false),
    family("futures_channel::mpsc::Sender", "futures mpsc", &[W::FuturesChannelReceive, W::FuturesChannelSend], true, false),
    family("futures_channel::mpsc::UnboundedSender", "unbounded futures mpsc", &[W::FuturesChannelReceive], false, false),
    family("futures_channel::oneshot::Sender", "futures oneshot", &[W::FuturesOneshot], false, false),
];

const fn family(
    sender: &'static str,
    noun: &'static str,
    waits: &'static [W],
    is_bounded: bool,
    has_twin: bool,
) -> Family {
    Family { sender, noun, waits, is_bounded, has_twin }
}

impl Family {
    /// Finds the family by the type name of a pair. `None` for everything that is no channel.
    pub(crate) fn of(pair: &str) -> Option<&'static Self> {
        let sender = pair.strip_prefix('(')?.split('<').next()?;
        FAMILIES.iter().find(|family| family.sender == sender)
    }

    /// Whether a wait of this kind may be on such a channel.
    pub(crate) fn is_waited_on(&self, wait: W) -> bool {
        self.waits.contains(&wait)
    }
}

/// Why a channel keeps its plain type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainReason {
    /// Its function asks for drop-ins, but its endpoints may leave the function.
    EscapesFunction,
    /// Its function does not ask for drop-ins.
    NotRequested,
}

/// What was known of such a place at one instant.
#[derive(Clone, Debug)]
pub(crate) struct ObservedFacts {
    pub(crate) family: &'static Family,
    pub(crate) function: &'static str,
    pub(crate) why: PlainReason,
    pub(crate) created: CallSite,
    pub(crate) capacity: Option<usize>,
    pub(crate) times: u64,
    /// The task that created the last one.
    pub(crate) task: Option<TaskId>,
    /// The last scopes that created one, in no order.
    pub(crate) scopes: Vec<ScopeId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::any::type_name_of_val;

    fn noun<P>(pair: P) -> Option<&'static str> {
        Family::of(type_name_of_val(&pair)).map(|family| family.noun)
    }

    #[test]
    fn channels_are_recognised_by_type_name() {
        use tokio::sync::{broadcast, mpsc, oneshot, watch};
        assert_eq!(noun(mpsc::channel::<u8>(1)), Some("mpsc"));
        assert_eq!(noun(mpsc::unbounded_channel::<&u8>()), Some("unbounded mpsc"));
        assert_eq!(noun(oneshot::channel::<u8>()), Some("oneshot"));
        assert_eq!(noun(broadcast::channel::<u8>(1)), Some("broadcast"));
        assert_eq!(noun(watch::channel(1)), Some("watch"));
        assert_eq!(noun(std::sync::mpsc::channel::<u8>()), Some("std mpsc"));
        assert_eq!(noun(std::sync::mpsc::sync_channel::<u8>(1)), Some("std sync_channel"));
        assert_eq!(noun(flume::bounded::<u8>(1)), Some("flume"));
        assert_eq!(noun(async_channel::unbounded::<u8>()), Some("async-channel"));
        assert_eq!(noun(crossbeam_channel::bounded::<u8>(1)), Some("crossbeam-channel"));
        use futures::channel as futures;
        assert_eq!(noun(futures::mpsc::channel::<u8>(1)), Some("futures mpsc"));
        assert_eq!(noun(futures::mpsc::unbounded::<u8>()), Some("unbounded futures mpsc"));
        assert_eq!(noun(futures::oneshot::channel::<u8>()), Some("futures oneshot"));
    }

    #[test]
    fn types_other_than_endpoint_pairs_are_ignored() {
        struct Sender;
        assert_eq!(noun((Sender, 1)), None);
        assert_eq!(noun(tokio::sync::oneshot::channel::<u8>().0), None);
        assert_eq!(noun(Some(tokio::sync::oneshot::channel::<u8>())), None);
        assert_eq!(noun(()), None);
    }

    #[test]
    fn only_bounded_channels_have_waiting_senders() {
        let may = |noun: &str, wait: W| {
            let family = FAMILIES.iter().find(|family| family.noun == noun).unwrap();
            family.is_waited_on(wait)
        };
        assert!(may("mpsc", W::MpscSend) && may("mpsc", W::MpscReceive));
        assert!(!may("unbounded mpsc", W::MpscSend) && may("unbounded mpsc", W::MpscReceive));
        assert!(!may("std mpsc", W::MpscReceive) && !may("flume", W::MpscReceive));
    }
}
