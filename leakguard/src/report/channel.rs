//! What happened to a channel: lost messages, a promise that was not kept, a queue that grew too long.

use crate::clock::Instant;
use crate::fact::cause::TaskLabel;
use crate::fact::finding::Finding;
use crate::fact::kind::ResourceKind;
use crate::fact::position::Position;
use crate::fact::story::{ChannelEventKind, ChannelStory};
use crate::report::block::Block;
use crate::report::note::{Note, capped};
use crate::report::noun::{named, noun};
use crate::site::CallSite;
use crate::time::readable;

pub(crate) fn block(finding: &Finding, story: &ChannelStory) -> Block {
    let here = Position::of_location(story.place());
    Block {
        word: match story.what {
            ChannelEventKind::SendFailed { .. } | ChannelEventKind::DiedInside { .. } => "lost",
            ChannelEventKind::BrokenPromise => "broken",
            ChannelEventKind::OverBound { .. } => "full",
        },
        code: finding.code(),
        title: title(story),
        help: help(story, &here),
        marks: Block::one_mark(here, label(story)),
        label_note: Some("now"),
        notes: notes(story, finding.now),
    }
}

fn title(story: &ChannelStory) -> String {
    let (kind, many) = (noun(story.channel.kind), story.channels);
    match (&story.what, many) {
        (ChannelEventKind::SendFailed { .. } | ChannelEventKind::DiedInside { .. }, _) => {
            match story.messages {
                1 => "a message was lost: its receiver is gone".to_owned(),
                n => format!("{n} messages were lost: their receiver is gone"),
            }
        }
        (ChannelEventKind::BrokenPromise, 1) => format!(
            "the sender of a {kind} channel was dropped without a value while a receiver waited"
        ),
        (ChannelEventKind::BrokenPromise, _) => format!(
            "the senders of {many} {kind} channels were dropped without a value while a receiver waited for each"
        ),
        (ChannelEventKind::OverBound { bound, .. }, 1) => {
            format!("the queue of an {kind} channel is longer than its capacity of {bound}")
        }
        (ChannelEventKind::OverBound { bound, .. }, _) => format!(
            "the queues of {many} {kind} channels are longer than their capacity of {bound}"
        ),
    }
}

/// The words beside the marked source.
fn label(story: &ChannelStory) -> String {
    match &story.what {
        ChannelEventKind::SendFailed { .. } | ChannelEventKind::DiedInside { .. } => {
            "sent here, never received".to_owned()
        }
        ChannelEventKind::BrokenPromise => "waited here, and got an error".to_owned(),
        ChannelEventKind::OverBound { depth, .. } => format!("the queue has {depth} messages here"),
    }
}

fn notes(story: &ChannelStory, now: Instant) -> Vec<Note> {
    let word = match story.what {
        ChannelEventKind::BrokenPromise => "sender",
        _ => "receiver",
    };
    let since = readable(now.since(story.when));
    vec![
        ("channel", vec![channel(story)]),
        ("sent", sent(story)),
        (word, other(story).into_iter().collect()),
        ("when", vec![format!("{since} ago{}", by(story))]),
    ]
}

fn channel(story: &ChannelStory) -> String {
    let channel = &story.channel;
    let capacity = channel.capacity.filter(|_| channel.kind == ResourceKind::Mpsc);
    let capacity = capacity.map_or_else(String::new, |c| format!(", capacity {c}"));
    let created = channel.created;
    let function = channel.site.function();
    let times = match story.channels {
        1 => String::new(),
        n => format!(", {n} times"),
    };
    format!("{}{capacity}, created at {created} in `{function}`{times}", noun(channel.kind))
}

/// The lines that sent, each with how many messages.
fn sent(story: &ChannelStory) -> Vec<String> {
    let line = |(at, count): &(CallSite, u64)| match count {
        1 => format!("{at}"),
        n => format!("{at}, {n} times"),
    };
    let mut lines: Vec<_> = story.lines.iter().map(line).collect();
    let known: u64 = story.lines.iter().map(|(_, count)| count).sum();
    if known < story.messages && known > 0 {
        lines.push(format!("… and {} before these", story.messages - known));
    }
    capped(lines)
}

/// The side that is gone, or that is too slow.
fn other(story: &ChannelStory) -> Option<String> {
    let end = story.other?;
    let gone = match story.what {
        ChannelEventKind::OverBound { .. } => "",
        _ => "gone, ",
    };
    let at = end.last_at?;
    if at == end.created {
        return Some(format!("{gone}never used since it was created"));
    }
    let by = story.other_user.map_or_else(String::new, |task| format!(" by {}", named(&task)));
    Some(format!("{gone}last used{by} at {at}"))
}

/// The task that did it.
fn by(story: &ChannelStory) -> String {
    let did = match story.what {
        ChannelEventKind::SendFailed { .. } | ChannelEventKind::OverBound { .. } => "sent",
        ChannelEventKind::DiedInside { .. } => "receiver dropped",
        ChannelEventKind::BrokenPromise => "sender dropped",
    };
    let name = |task: &TaskLabel| format!(", {did} by {}", named(task));
    story.by.as_ref().map_or_else(String::new, name)
}

fn help(story: &ChannelStory, here: &Position) -> String {
    let line = |at: CallSite| Position::of_location(at).seen_from(here);
    let channel = &story.channel;
    let (created, at) = (line(channel.created), line(story.place()));
    let used = story.other.and_then(|o| o.last_at.filter(|at| *at != o.created));
    match (&story.what, used) {
        (ChannelEventKind::SendFailed { .. }, _) if channel.is_plain => format!(
            "keep the receiver of {created} until nothing sends to it any more, or stop sending at {at} before it is dropped"
        ),
        (ChannelEventKind::SendFailed { .. } | ChannelEventKind::DiedInside { .. }, Some(used)) => {
            format!(
                "receive until the channel is closed before its receiver, last used at {}, is dropped, or stop sending at {at} before that",
                line(used)
            )
        }
        (ChannelEventKind::SendFailed { .. } | ChannelEventKind::DiedInside { .. }, None) => {
            format!(
                "nothing was ever received: keep the receiver of {created} and receive from it, or do not send at {at}"
            )
        }
        (ChannelEventKind::BrokenPromise, used) => format!(
            "send a value on every path that drops the sender of {}, or allow LG006 if {at} expects the error",
            used.map_or(created, line)
        ),
        (ChannelEventKind::OverBound { bound, .. }, _) => format!(
            "make it a bounded channel at {created}, `mpsc::channel({bound})`, so that {at} waits for its receiver"
        ),
    }
}
