//! The scope of an async call whose body cannot be wrapped, because it returns a closure whose
//! type its signature has to tell; its awaits enter the scope one by one.

use crate::call;
use crate::config;
use crate::record::id::{Ending, TaskKind};
use crate::record::options::{Action, Options};
use crate::record::scope::{Role, Scope};
use crate::record::task::Task;
use crate::registry;
use crate::site::Site;
use crate::watch::inside::{Inside, start_call};
use crate::watch::wait::{Wait, wait};
use pin_project_lite::pin_project;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// An open scope that no thread is inside of between awaits.
#[derive(Debug)]
pub struct Aside(Option<Open>);

#[derive(Debug)]
struct Open {
    record: Arc<Task>,
    scope: Arc<Scope>,
}

/// Not public API. Used by generated code at the start of such a function.
pub fn aside(site: &'static Site, options: Options) -> Aside {
    let scope = call::open(
        site,
        &options,
        config::rule(&options, Action::Log),
        Role::Call,
    );
    Aside(scope.map(|scope| {
        // It has no waker of its own to be asked by, as a sync call.
        let record = start_call(TaskKind::SyncCall, site, || "", scope.clone());
        Open { record, scope }
    }))
}

impl Drop for Open {
    fn drop(&mut self) {
        registry::global().end(&self.record);
        call::close(&self.scope, Ending::Left);
    }
}

pin_project! {
    /// The operand of an `.await` in such a function.
    #[derive(Debug)]
    pub struct WaitIn<F> {
        #[pin]
        wait: Wait<F>,
        record: Option<Arc<Task>>,
    }
}

/// Not public API. Used by generated code: as [`wait()`], inside the scope of `aside`.
#[track_caller]
pub fn wait_in<F: IntoFuture>(aside: &Aside, awaited: F) -> WaitIn<F::IntoFuture> {
    WaitIn {
        wait: wait(awaited),
        record: aside.0.as_ref().map(|open| open.record.clone()),
    }
}

impl<F: Future> Future for WaitIn<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if this.record.is_none() {
            return this.wait.poll(cx);
        }
        let _inside = Inside::enter(this.record);
        this.wait.poll(cx)
    }
}
