//! What happened to a channel, in words: messages that nobody took, a promise that was not kept, a queue that grew too long.

use crate::clock::Instant;
use crate::fact::cause::TaskLabel;
use crate::fact::kind::ResourceKind;
use crate::fact::position::Position;
use crate::fact::story::ChannelEventKind;
use crate::fact::story::ChannelStory;
use crate::report::blockage::{named, noun};
use crate::report::note::{Note, capped};
use crate::site::CallSite;
use crate::time::readable;

/// The first line, behind the code.
pub(crate) fn title(story: &ChannelStory) -> String {
    let kind = noun(story.channel.kind);
    let many = story.channels;
    match (&story.what, many) {
        (ChannelEventKind::SendFailed { .. } | ChannelEventKind::DiedInside { .. }, _) => {
            match story.messages {
                1 => "a message was lost: its receiver is gone".to_owned(),
                n => format!("{n} messages were lost: their receiver is gone"),
            }
        }
        (ChannelEventKind::BrokenPromise, 1) => {
            format!(
                "the sender of a {kind} channel was dropped without a value, and somebody waited for it"
            )
        }
        (ChannelEventKind::BrokenPromise, _) => {
            format!(
                "the senders of {many} {kind} channels were dropped without a value, and somebody waited for each"
            )
        }
        (ChannelEventKind::OverBound { bound, .. }, 1) => {
            format!("the queue of an {kind} channel is longer than its capacity of {bound}")
        }
        (ChannelEventKind::OverBound { bound, .. }, _) => {
            format!(
                "the queues of {many} {kind} channels are longer than their capacity of {bound}"
            )
        }
    }
}

/// What stands beside the underline.
pub(crate) fn label(story: &ChannelStory) -> String {
    match &story.what {
        ChannelEventKind::SendFailed { .. } | ChannelEventKind::DiedInside { .. } => {
            "sent here, and received by nobody".to_owned()
        }
        ChannelEventKind::BrokenPromise => "waited here, and got an error".to_owned(),
        ChannelEventKind::OverBound { depth, .. } => format!("the queue has {depth} messages here"),
    }
}

pub(crate) fn notes(story: &ChannelStory, now: Instant, labelled: bool) -> Vec<Note> {
    let mut all = Vec::new();
    if !labelled {
        all.push(("now", vec![label(story)]));
    }
    all.push(("channel", vec![channel(story)]));
    all.push(("sent", sent(story)));
    let word = match story.what {
        ChannelEventKind::BrokenPromise => "sender",
        _ => "receiver",
    };
    all.push((word, other(story).into_iter().collect()));
    let since = readable(now.since(story.when));
    all.push(("when", vec![format!("{since} ago{}", by(story))]));
    all.retain(|(_, lines)| !lines.is_empty());
    all
}

fn channel(story: &ChannelStory) -> String {
    let channel = &story.channel;
    let capacity = channel
        .capacity
        .filter(|_| channel.kind == ResourceKind::Mpsc);
    let capacity = capacity.map_or_else(String::new, |c| format!(", capacity {c}"));
    let created = Position::of_location(channel.created);
    let function = channel.site.function();
    let times = match story.channels {
        1 => String::new(),
        n => format!(", {n} times"),
    };
    format!(
        "{}{capacity}, created at {created} in `{function}`{times}",
        noun(channel.kind)
    )
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
    let by = story
        .other_user
        .map_or_else(String::new, |task| format!(" by {}", named(&task)));
    Some(format!("{gone}last used{by} at {at}"))
}

/// Who did it.
fn by(story: &ChannelStory) -> String {
    let did = match story.what {
        ChannelEventKind::SendFailed { .. } | ChannelEventKind::OverBound { .. } => "sent",
        ChannelEventKind::DiedInside { .. } => "the receiver dropped",
        ChannelEventKind::BrokenPromise => "the sender dropped",
    };
    let name = |task: &TaskLabel| format!(", {did} by {}", named(task));
    story.by.as_ref().map_or_else(String::new, name)
}

/// What to do about it, naming the user's own line.
pub(crate) fn remedy(story: &ChannelStory, here: &Position) -> String {
    let line = |at: CallSite| Position::of_location(at).seen_from(here);
    let channel = &story.channel;
    let (created, at) = (line(channel.created), line(story.place()));
    let used = story
        .other
        .and_then(|o| o.last_at.filter(|at| *at != o.created));
    match (&story.what, used) {
        (ChannelEventKind::SendFailed { .. }, _) if channel.is_plain => format!(
            "keep the receiver of {created} until nobody sends to it any more, or do not send at {at} by then"
        ),
        (ChannelEventKind::SendFailed { .. } | ChannelEventKind::DiedInside { .. }, Some(used)) => {
            format!(
                "receive until the channel is closed before its receiver, last used at {}, is dropped, or send no more at {at} by then",
                line(used)
            )
        }
        (ChannelEventKind::SendFailed { .. } | ChannelEventKind::DiedInside { .. }, None) => {
            format!(
                "nothing was ever received: keep the receiver of {created} and receive from it, or do not send at {at}"
            )
        }
        (ChannelEventKind::BrokenPromise, used) => format!(
            "send a value on every way on which the sender of {} is dropped, or allow LG006 if the error is an answer to {at}",
            used.map_or(created, line)
        ),
        (ChannelEventKind::OverBound { bound, .. }, _) => format!(
            "make it a bounded channel at {created}, `mpsc::channel({bound})`, so that {at} waits for its receiver"
        ),
    }
}
