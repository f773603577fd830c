//! The reply that lies in a queue: a task creates a oneshot, sends its sender with a request, and waits for the reply.
//!
//! Where a value moves is not recorded, so this is a guess: the sender was never used, and the task has sent a message
//! that may carry it between the line that creates the oneshot and the line that waits.

use crate::fact::id::TaskId;
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::resource::{ChannelFacts, ResourceFacts};
use crate::judge::counterpart::Holder;
use crate::judge::waiters::{OpenWait, Waiters};
use crate::site::CallSite;
use std::collections::HashMap;

/// Messages that may carry an endpoint and have not been received, by the task that sent them.
#[derive(Default)]
pub(super) struct Queues<'a>(HashMap<TaskId, Vec<SentQueue<'a>>>);

struct SentQueue<'a> {
    created: CallSite,
    channel: &'a ChannelFacts,
    /// Where the task sent its last message into it.
    sent_at: CallSite,
}

impl<'a> Queues<'a> {
    pub(super) fn new(waiters: &Waiters<'a>) -> Self {
        let mut queues = Queues::default();
        for resource in waiters.observed.resources {
            queues.add(resource, waiters);
        }
        queues
    }

    fn add(&mut self, resource: &'a ResourceFacts, waiters: &Waiters<'a>) {
        let Some(channel) = resource.channel().filter(|c| c.carries && !resource.outside) else {
            return;
        };
        let sent = channel.senders.iter();
        let sent = sent.filter_map(|s| Some((waiters.living(s.last_task)?, s.last_at?)));
        for (task, sent_at) in sent.filter(|(_, at)| channel.queued.contains(at)) {
            let queue = SentQueue { created: resource.created, channel, sent_at };
            self.0.entry(task).or_default().push(queue);
        }
    }

    /// The tasks that could receive the message in which the sender of a oneshot lies, as its holders. `None` if there is
    /// not exactly one such queue.
    pub(super) fn holders(&self, actor: TaskId, open: &OpenWait<'_>) -> Option<Vec<Holder>> {
        let is_reply = open.resource.kind == ResourceKind::Oneshot
            && open.wait.operation == Operation::Receive;
        let sender = open.resource.channel().filter(|_| is_reply)?.senders.first()?;
        if sender.handed || !sender.is_unused() {
            return None;
        }
        let (from, to) = (open.resource.created, open.wait.at);
        let own = self.0.get(&actor)?.iter();
        let mut fitting = own.filter(|queue| is_between(queue.sent_at, from, to));
        let queue = fitting.next().filter(|_| fitting.next().is_none())?;
        let receivers = queue.channel.receivers.iter();
        // A receiver that was never used may be anywhere, as the sender may.
        let is_known = receivers.clone().all(|r| r.handed || !r.is_unused());
        is_known
            .then(|| receivers.map(|r| Holder::queued(r, queue.created, queue.sent_at)).collect())
    }
}

fn is_between(at: CallSite, from: CallSite, to: CallSite) -> bool {
    let same_file = at.file() == from.file() && at.file() == to.file();
    same_file && (from.line()..=to.line()).contains(&at.line())
}
