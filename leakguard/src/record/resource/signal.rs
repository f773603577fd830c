//! What was said through a `Notify`, a condvar or a cancellation token.

use crate::fact::id::ResourceId;
use crate::fact::kind::Side;
use crate::fact::resource::OccurrenceFacts;
use crate::fact::resource::{EndpointFacts, NotifyFacts, TokenFacts};
use crate::lock::Lock;
use crate::record::resource::Resource;
use crate::record::resource::endpoint::Endpoint;
use crate::record::resource::mark::Occurrence;
use crate::record::resource::{Creation, number};
use crate::site::CallSite;
use std::sync::Arc;

/// The last notices, each form by itself.
#[derive(Debug, Default)]
pub(crate) struct NotifyState {
    pub(crate) one: Occurrence,
    pub(crate) last: Occurrence,
    pub(crate) waiters: Occurrence,
}

impl NotifyState {
    /// How many there were in whatever form.
    pub(crate) fn times(&self) -> u64 {
        self.one.times() + self.last.times() + self.waiters.times()
    }

    pub(crate) fn facts(&self) -> NotifyFacts {
        NotifyFacts {
            one: self.one.facts(),
            last: self.last.facts(),
            waiters: self.waiters.facts(),
        }
    }
}

/// One cancellation token with its clones.
#[derive(Debug, Default)]
pub(crate) struct TokenState {
    pub(crate) parent: Option<Arc<Resource>>,
    pub(crate) cancelled: Occurrence,
    handles: Lock<Vec<Arc<Endpoint>>>,
}

impl TokenState {
    #[cfg_attr(
        not(feature = "tokio-util"),
        expect(dead_code, reason = "only tokens use it")
    )]
    pub(crate) fn join(&self, origin: Creation) -> Arc<Endpoint> {
        let handle = Arc::new(Endpoint::new(number(1), Side::Handle, origin));
        self.lock().push(handle.clone());
        handle
    }

    /// `true` for the last handle.
    #[cfg_attr(
        not(feature = "tokio-util"),
        expect(dead_code, reason = "only tokens use it")
    )]
    pub(crate) fn leave(&self, handle: &Arc<Endpoint>) -> bool {
        let mut handles = self.lock();
        handles.retain(|h| !Arc::ptr_eq(h, handle));
        handles.is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Endpoint>>> {
        self.handles.lock()
    }

    fn handles(&self) -> Vec<EndpointFacts> {
        self.lock().iter().map(|h| h.facts()).collect()
    }

    pub(crate) fn facts(&self) -> TokenFacts {
        let own = self.cancelled.facts();
        let above = own.is_none().then(|| self.inherited()).flatten();
        TokenFacts {
            parent: self.parent.as_deref().map(|p| -> ResourceId { p.id }),
            cancelled: own.or(above.map(|(mark, _)| mark)),
            above: above.map(|(_, created)| created),
            handles: self.handles(),
        }
    }

    /// How one above this token was cancelled, and where that one was made; a loop, since families may be deep.
    fn inherited(&self) -> Option<(OccurrenceFacts, CallSite)> {
        let mut at = self.parent.as_deref()?;
        loop {
            let token = at.token()?;
            if let Some(mark) = token.cancelled.facts() {
                return Some((mark, at.origin.created));
            }
            at = token.parent.as_deref()?;
        }
    }
}

impl Drop for TokenState {
    fn drop(&mut self) {
        // One by one, for the same reason.
        let mut next = self.parent.take();
        while let Some(parent) = next {
            next = Arc::into_inner(parent).and_then(|mut p| match &mut p.part {
                super::ResourceState::Token(token) => token.parent.take(),
                _ => None,
            });
        }
    }
}
