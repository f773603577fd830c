//! A cancellation token: its handles, how it was cancelled, and the token above it.

use crate::fact::id::ResourceId;
use crate::fact::kind::Side;
use crate::fact::resource::{EndpointFacts, OccurrenceFacts, TokenFacts};
use crate::lock::Lock;
use crate::record::resource::creation::Creation;
use crate::record::resource::endpoint::{Endpoint, ListedEndpoint};
use crate::record::resource::entries::Entries;
use crate::record::resource::mark::Occurrence;
use crate::record::resource::number::number;
use crate::site::CallSite;
use std::sync::{Arc, MutexGuard};

/// One token with its clones.
#[derive(Debug)]
pub(crate) struct TokenState {
    id: ResourceId,
    created: CallSite,
    pub(super) parent: Option<Arc<TokenState>>,
    pub(crate) cancelled: Occurrence,
    handles: Lock<Entries<Arc<ListedEndpoint>>>,
}

impl TokenState {
    pub(super) fn new(id: ResourceId, created: CallSite) -> Self {
        TokenState {
            id,
            created,
            parent: None,
            cancelled: Occurrence::default(),
            handles: Lock::default(),
        }
    }

    #[cfg_attr(not(feature = "tokio-util"), expect(dead_code, reason = "only tokens use it"))]
    pub(crate) fn join(&self, origin: Creation) -> Arc<ListedEndpoint> {
        let handle = Endpoint::new(number(1), Side::Handle, origin);
        ListedEndpoint::list(handle, &mut self.handles())
    }

    /// Returns whether it was the last handle.
    #[cfg_attr(not(feature = "tokio-util"), expect(dead_code, reason = "only tokens use it"))]
    pub(crate) fn leave(&self, handle: &ListedEndpoint) -> bool {
        let mut handles = self.handles();
        handles.remove(handle.place);
        handles.is_empty()
    }

    fn handles(&self) -> MutexGuard<'_, Entries<Arc<ListedEndpoint>>> {
        self.handles.lock()
    }

    pub(crate) fn facts(&self) -> TokenFacts {
        let own = self.cancelled.facts();
        let above = own.is_none().then(|| self.inherited()).flatten();
        let handles: Vec<EndpointFacts> = self.handles().iter().map(|h| h.facts()).collect();
        TokenFacts {
            parent: self.parent.as_ref().map(|parent| parent.id),
            cancelled: own.or(above.map(|(mark, _)| mark)),
            above: above.map(|(_, created)| created),
            handles,
        }
    }

    /// How a token above this one was cancelled, and where that one was created. A loop, because a tree of tokens may be
    /// deep.
    fn inherited(&self) -> Option<(OccurrenceFacts, CallSite)> {
        let mut token = self.parent.as_ref()?;
        loop {
            if let Some(mark) = token.cancelled.facts() {
                return Some((mark, token.created));
            }
            token = token.parent.as_ref()?;
        }
    }
}

impl Drop for TokenState {
    fn drop(&mut self) {
        // A loop, for the same reason.
        let mut next = self.parent.take();
        while let Some(parent) = next {
            next = Arc::into_inner(parent).and_then(|mut token| token.parent.take());
        }
    }
}
