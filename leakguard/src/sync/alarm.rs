//! Records the events of channels of `#[bounded_channel]` functions, and panics if the rule says so.

use crate::fact::kind::{ResourceKind, Side};
use crate::fact::resource::EndpointFacts;
use crate::fact::story::ChannelEventKind;
use crate::record::resource::channel::{BrokenPromise, ChannelContext, ChannelRule};
use crate::record::resource::channel_state::ChannelState;
use crate::record::resource::event::ChannelEvent;
use crate::site::CallSite;
use crate::sync::here;
use crate::vocabulary::Action;
use crate::{config, ledger};
use std::sync::Arc;

/// An event in a send, which panics if the rule says so.
#[cold]
pub(super) fn raise(
    flow: &ChannelState,
    other: Side,
    at: Option<CallSite>,
    what: ChannelEventKind,
) {
    let Some(channel) = flow.context() else {
        return;
    };
    let other = Some(flow.first(other));
    let event = event(channel, at, other, what);
    note_and_panic(event);
}

/// An event in the drop of an endpoint, which must not panic.
#[cold]
pub(super) fn note_drop(flow: &ChannelState, end: EndpointFacts, what: ChannelEventKind) {
    if let Some(channel) = flow.context() {
        note(event(channel, end.last_at, Some(end), what));
    }
}

/// A receive found that the sender was dropped without a value.
#[cold]
pub(super) fn sender_dropped(channel: &Arc<ChannelContext>, broken: BrokenPromise, at: CallSite) {
    let what = ChannelEventKind::BrokenPromise;
    note_and_panic(ChannelEvent {
        by: broken.by,
        ..event(channel, Some(at), Some(broken.sender), what)
    });
}

/// A send on a plain channel failed, because there was no receiver.
#[cold]
pub(crate) fn plain_send_failed(rule: &'static ChannelRule, kind: ResourceKind, at: CallSite) {
    if !config::is_off() {
        let channel = rule.lost(here::scope(), kind);
        let what = ChannelEventKind::SendFailed { count: 1 };
        note_and_panic(event(&channel, Some(at), None, what));
    }
}

/// A receive on a plain oneshot found that the sender was dropped.
#[cold]
pub(crate) fn plain_sender_dropped(rule: &'static ChannelRule, at: CallSite) {
    if !config::is_off() {
        let channel = ChannelContext::of_plain(rule, here::scope(), ResourceKind::Oneshot);
        let what = ChannelEventKind::BrokenPromise;
        note_and_panic(event(&Arc::new(channel), Some(at), None, what));
    }
}

fn event(
    channel: &Arc<ChannelContext>,
    at: Option<CallSite>,
    other: Option<EndpointFacts>,
    what: ChannelEventKind,
) -> ChannelEvent {
    ChannelEvent {
        channel: channel.clone(),
        by: here::named(),
        at,
        when: here::here().now,
        other,
        what,
    }
}

/// What is done with findings on the channel, unless a caller collects them.
pub(crate) fn action(channel: &ChannelContext) -> Action {
    match config::rule(&channel.rule.options, Action::Log).on_leak {
        Action::Panic if config::is_json_only() => Action::Log,
        action => action,
    }
}

/// Records an event until it is reported.
pub(crate) fn note(event: ChannelEvent) {
    let is_known =
        matches!(event.what, ChannelEventKind::SendFailed { .. }) && event.channel.is_reported();
    if !is_known && action(&event.channel) != Action::Ignore {
        ledger::global().note(event);
    }
}

/// Same as [`note`], in a call that may panic.
pub(crate) fn note_and_panic(event: ChannelEvent) {
    let channel = event.channel.clone();
    let (place, code) = (event.at, event.what.code());
    note(event);
    let panics = action(&channel) == Action::Panic && !channel.is_collected();
    if let (Some(place), true, false) = (place, panics, std::thread::panicking()) {
        panic!("{code}, {} at {place}; the report is in the log", code.title());
    }
}
