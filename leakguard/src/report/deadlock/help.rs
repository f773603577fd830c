//! What to change about a deadlock.

use super::Cycle;
use crate::fact::cause::{Edge, Trace};
use crate::fact::finding::Finding;
use crate::fact::kind::Operation;
use crate::fact::position::Position;
use crate::report::blockage;
use crate::report::remedy::Remedy;
use crate::site::CallSite;

impl Cycle<'_> {
    pub(super) fn help(&self, here: &Position, found: &[Finding]) -> String {
        let blockage = &self.subject.blockage;
        let known = self.release(here).or_else(|| self.receive(here));
        let known = known.or_else(|| blockage::remedy(blockage, here));
        known.unwrap_or_else(|| Remedy::seen_from(here.clone(), self.case, found).end_wait())
    }

    /// A task of the cycle sends to one that does not receive meanwhile.
    fn receive(&self, here: &Position) -> Option<String> {
        let line = |at: CallSite| Position::of_location(at).seen_from(here);
        let sends = |edge: &&Edge| edge.operation == Some(Operation::Send);
        let mut sending: Vec<_> = self.edges().iter().filter(sends).collect();
        sending.sort_by_key(|edge| edge.wait_at);
        let mut lines: Vec<_> = sending.iter().filter_map(|e| Some(line(e.wait_at?))).collect();
        lines.dedup();
        let first = lines.first()?;
        Some(match sending.len() == self.edges().len() {
            true => format!(
                "each task sends to the next one before it receives: receive in the same `tokio::select!` as the send ({}), or send from a task of its own",
                lines.join(", ")
            ),
            false => format!(
                "receive what {first} sends while the receiving task waits, in the same `tokio::select!`, or send it from a task of its own"
            ),
        })
    }

    fn release(&self, here: &Position) -> Option<String> {
        let line = |at: CallSite| Position::of_location(at).seen_from(here);
        let blockage = &self.subject.blockage;
        if self.is_granted() {
            let (future, wait) = (line(blockage.parties.first()?.at?), line(blockage.wait.at));
            return Some(format!(
                "the future of {future} has the lock and is not polled: drop it, or await it, before {wait} locks"
            ));
        }
        let is_lock = |edge: &&Edge| edge.wants.is_lock() && edge.trace != Trace::Requested;
        let edge = self.edges().iter().find(is_lock)?;
        let (acquired, wait) = (line(edge.held_at?), line(edge.wait_at?));
        Some(match self.edges() {
            [_] => {
                format!("release the lock acquired at {acquired} before {wait} acquires it again")
            }
            all if all.iter().all(|edge| is_lock(&edge)) => format!(
                "acquire the locks in the same order everywhere, or release the one acquired at {acquired} before its holder waits"
            ),
            _ => format!("release the lock acquired at {acquired} before its holder waits"),
        })
    }
}
