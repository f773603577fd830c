//! A scope owns the tasks that its tasks spawn, at any depth, and no others.

use crate::support::{found, gate};
use leakguard::Code;

#[leakguard::track]
async fn starts(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
}

#[tokio::test]
async fn task_of_a_task_belongs_to_the_scope() {
    let (open, gate) = gate();
    #[leakguard::track]
    async fn nested(gate: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(async move {
            tokio::spawn(gate);
        })
        .await
        .unwrap();
    }
    let report = leakguard::find(nested(gate)).await.unwrap_err();
    assert_eq!(report.findings().len(), 1);
    assert_eq!(report.findings()[0].site().function(), "nested");
    drop(open);
}

#[tokio::test]
async fn earlier_task_does_not_belong_to_the_scope() {
    let (open, gate) = gate();
    starts(gate).await;
    assert_eq!(found(async {}).await, []);
    drop(open);
}

#[tokio::test]
async fn task_of_an_unannotated_helper_is_not_seen() {
    // `plain` is not annotated, so its task and that task's children are unknown.
    fn plain(gate: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(starts(gate));
    }
    let (open, gate) = gate();
    assert_eq!(found(async { plain(gate) }).await, []);
    drop(open);
}

#[tokio::test]
async fn future_wrapped_twice_is_one_task_with_both_sites() {
    #[leakguard::track]
    fn helper(future: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(future);
    }
    #[leakguard::track]
    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        helper(future);
    }
    #[leakguard::track]
    async fn user(gate: impl Future<Output = ()> + Send + 'static) {
        spawn(gate);
        tokio::task::yield_now().await;
    }
    let (open, gate) = gate();
    let report = leakguard::find(user(gate)).await.unwrap_err();
    assert_eq!(report.findings().len(), 1, "{report}");
    assert_eq!(report.findings()[0].count(), 1, "{report}");
    assert_eq!(report.findings()[0].site().function(), "user");
    assert!(report.to_string().contains("through"), "{report}");
    drop(open);
}

/// An actor's crate has several layers above `tokio::spawn`, and annotates each.
mod layers {
    use std::future::Future;
    use tokio::task::JoinHandle;

    #[leakguard::track]
    fn spawn_named<F>(_name: &str, future: F) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        tokio::spawn(future)
    }

    #[leakguard::track]
    pub(super) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        spawn_named("unnamed", future)
    }

    #[leakguard::track]
    pub(super) async fn later(gate: impl Future<Output = ()> + Send + 'static) {
        spawn(gate);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn three_layers_are_one_task_with_the_outermost_site_first() {
    let (open, gate) = gate();
    let report = leakguard::find(layers::later(gate)).await.unwrap_err();
    assert_eq!(report.findings().len(), 1, "{report}");
    assert_eq!(report.findings()[0].count(), 1, "{report}");
    assert_eq!(report.findings()[0].site().function(), "later");
    let text = report.to_string();
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("no {words}: {report}"));
    let through = at("= through:");
    let (first, second) = (at("in `spawn`, which"), at("in `spawn_named`, which"));
    assert!(through < first && first < second, "{report}");
    drop(open);
}

#[tokio::test]
async fn three_layers_that_end_are_no_finding() {
    let (open, gate) = gate();
    let silent = leakguard::find(async {
        layers::later(gate).await;
        drop(open);
    });
    silent.await.unwrap();
}

/// To wait for a task is not to wrap its future.
#[tokio::test]
async fn task_that_joins_another_one_is_a_finding_of_its_own() {
    let (open, gate) = gate();
    let report = leakguard::find(async {
        let handle = layers::spawn(gate);
        layers::later(async move {
            let _ = handle.await;
        })
        .await;
    });
    let report = report.await.unwrap_err();
    let functions: Vec<_> = report.findings().iter().map(|f| f.site().function()).collect();
    assert_eq!(functions, ["spawn", "later"], "{report}");
    drop(open);
}

#[leakguard::must_terminate(grace = "10ms")]
async fn inner(gate: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(gate);
}

#[tokio::test]
async fn nested_scopes_report_a_task_once() {
    #[leakguard::must_terminate(grace = "30ms")]
    async fn outer(gate: impl Future<Output = ()> + Send + 'static) {
        inner(gate).await;
    }
    let (open, gate) = gate();
    let report = leakguard::find(outer(gate)).await.unwrap_err();
    assert_eq!(report.findings().len(), 1, "{report}");
    assert!(report.to_string().contains("returned: `inner`"), "by the inner scope: {report}");
    drop(open);
}

#[tokio::test]
async fn leak_of_a_call_in_a_background_task_reaches_the_test() {
    // Like a request to a server: the server runs in the background, yet its handlers may leak.
    #[leakguard::track]
    async fn serves(
        gate: impl Future<Output = ()> + Send + 'static,
        done: tokio::sync::oneshot::Sender<()>,
    ) {
        tokio::spawn(leakguard::background(async move {
            handler(gate).await;
            let _ = done.send(());
            std::future::pending::<()>().await;
        }));
    }
    async fn request(gate: impl Future<Output = ()> + Send + 'static) {
        let (done, handled) = tokio::sync::oneshot::channel();
        serves(gate, done).await;
        handled.await.unwrap();
    }
    #[leakguard::must_terminate(grace = "10ms")]
    async fn handler(gate: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(gate);
    }
    let leaked = || {
        let sites = leakguard::sites();
        sites.iter().filter(|s| s.function() == "handler").any(|s| s.leaked() > 0)
    };
    let leaking = |gate| async move {
        request(gate).await;
        while !leaked() {
            tokio::task::yield_now().await;
        }
    };
    let (open, gate) = gate();
    let report = leakguard::find(leaking(gate)).await.unwrap_err();
    assert_eq!(report.findings().len(), 1, "{report}");
    assert!(report.to_string().contains("returned: `handler`"), "{report}");
    drop(open);
    assert_eq!(found(request(async {})).await, []);
}

#[tokio::test]
async fn background_task_and_its_children_are_not_reported() {
    #[leakguard::track]
    async fn service(gate: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(leakguard::background(async move {
            tokio::spawn(gate);
            std::future::pending::<()>().await;
        }));
    }
    let (open, gate) = gate();
    assert_eq!(found(service(gate)).await, []);
    drop(open);
}

#[tokio::test]
async fn boxed_background_is_recognised_at_its_first_poll() {
    #[leakguard::track]
    async fn service() {
        let boxed: std::pin::Pin<Box<dyn Future<Output = ()> + Send>> =
            Box::pin(leakguard::background(std::future::pending()));
        tokio::spawn(boxed);
        tokio::task::yield_now().await;
    }
    assert_eq!(found(service()).await, []);
}

#[tokio::test]
async fn task_spawned_by_a_destructor_belongs_to_the_scope() {
    struct SpawnsOnDrop(Option<tokio::sync::oneshot::Receiver<()>>);
    impl Drop for SpawnsOnDrop {
        #[leakguard::track]
        fn drop(&mut self) {
            let gate = self.0.take().unwrap();
            tokio::spawn(async move {
                let _ = gate.await;
            });
        }
    }
    #[leakguard::track]
    async fn drops(gate: tokio::sync::oneshot::Receiver<()>) {
        let guard = SpawnsOnDrop(Some(gate));
        tokio::spawn(async move { drop(guard) }).await.unwrap();
    }
    let (open, gate) = tokio::sync::oneshot::channel();
    assert_eq!(found(drops(gate)).await, [Code::LeakedTask]);
    drop(open);
}

#[tokio::test]
async fn thread_passes_its_scope_on() {
    #[leakguard::track]
    async fn through_a_thread(gate: impl Future<Output = ()> + Send + 'static) {
        let handle = tokio::runtime::Handle::current();
        std::thread::spawn(move || {
            handle.spawn(gate);
        })
        .join()
        .unwrap();
    }
    let (open, gate) = gate();
    assert_eq!(found(through_a_thread(gate)).await, [Code::LeakedTask]);
    drop(open);
}
