//! What happened to a channel of a `#[bounded_channel]` function is noted, and panics where that was asked for.

use crate::config;
use crate::fact::kind::Kind;
use crate::fact::kind::Side;
use crate::fact::options::Action;
use crate::fact::resource::EndpointFacts;
use crate::fact::story::Happening;
use crate::ledger;
use crate::record::resource::charge::{Broken, ChannelRule, Charge};
use crate::record::resource::event::ResourceEvent;
use crate::record::resource::flow::Flow;
use crate::sync::here;
use std::panic::Location;
use std::sync::Arc;

type At = &'static Location<'static>;

/// It happens in a send, which panics where the rule says so.
#[cold]
pub(super) fn raise(flow: &Flow, other: Side, at: Option<At>, what: Happening) {
    let Some(charge) = flow.charge() else { return };
    let other = Some(flow.first(other));
    let event = event(charge, at, other, what);
    note_and_panic(event);
}

/// It happens at the end of an endpoint, in a destructor, which must not panic.
#[cold]
pub(super) fn note_end(flow: &Flow, end: EndpointFacts, what: Happening) {
    if let Some(charge) = flow.charge() {
        note(event(charge, end.last_at, Some(end), what));
    }
}

/// A receive hears that nobody will send what it waits for.
#[cold]
pub(super) fn hear(charge: &Arc<Charge>, broken: Broken, at: At) {
    let what = Happening::BrokenPromise {
        since: broken.since,
    };
    note_and_panic(ResourceEvent {
        by: broken.by,
        ..event(charge, Some(at), Some(broken.sender), what)
    });
}

/// A send on a plain channel failed: nobody was there to receive it.
#[cold]
pub(crate) fn lose(rule: &'static ChannelRule, kind: Kind, at: At) {
    if !config::is_off() {
        let charge = rule.lost(here::scope(), kind);
        let what = Happening::SendFailed { count: 1 };
        note_and_panic(event(&charge, Some(at), None, what));
    }
}

/// A receive on a plain oneshot heard that its sender is gone.
#[cold]
pub(crate) fn break_promise(rule: &'static ChannelRule, at: At) {
    if !config::is_off() {
        let charge = Charge::of_plain(rule, here::scope(), Kind::Oneshot);
        let what = Happening::BrokenPromise { since: None };
        note_and_panic(event(&Arc::new(charge), Some(at), None, what));
    }
}

fn event(
    charge: &Arc<Charge>,
    at: Option<At>,
    other: Option<EndpointFacts>,
    what: Happening,
) -> ResourceEvent {
    ResourceEvent {
        channel: charge.clone(),
        by: here::named(),
        at,
        when: here::here().now,
        other,
        what,
    }
}

/// What is done with findings on the channel, unless somebody gathers them.
pub(crate) fn action(charge: &Charge) -> Action {
    config::rule(&charge.rule.options, Action::Log).on_leak
}

/// Notes an event for whoever will speak of it.
pub(crate) fn note(event: ResourceEvent) {
    let is_known = matches!(event.what, Happening::SendFailed { .. }) && event.channel.is_said();
    if !is_known && action(&event.channel) != Action::Ignore {
        ledger::global().note(event);
    }
}

/// Likewise, in a call that may panic.
pub(crate) fn note_and_panic(event: ResourceEvent) {
    let charge = event.channel.clone();
    let (place, code) = (event.at, event.what.code());
    note(event);
    let panics = action(&charge) == Action::Panic && !charge.is_gathered();
    if let (Some(place), true, false) = (place, panics, std::thread::panicking()) {
        panic!(
            "{code}, {} at {place}; the report is in the log",
            code.title()
        );
    }
}
