//! A task that is spawned through an owner ends with the owner, not with the function that created it.

use crate::support::{codes, line};
use leakguard::{Code, Owner, Scope};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::broadcast::{self, Sender, error::RecvError};
use tokio::sync::{Notify, mpsc};
use tokio::task::{AbortHandle, yield_now};

const SOURCE: &str = include_str!("owners.rs");

/// Closes its connection only in `close`, which a caller may forget.
struct Client {
    closed: Arc<Notify>,
    _owner: Owner,
}

impl Client {
    async fn connect() -> Client {
        let closed = Arc::new(Notify::new());
        let until = closed.clone();
        let owner = Owner::new("Client"); // here: created
        tokio::spawn(owner.own(async move { until.notified().await })); // here: own
        yield_now().await;
        Client { closed, _owner: owner }
    }

    async fn close(self) {
        self.closed.notify_one();
    }
}

#[tokio::test]
async fn client_that_is_not_closed_leaks_its_task() {
    let forgets = async {
        let _client = Client::connect().await;
    };
    let report = leakguard::find(forgets).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask]);
    let (text, finding) = (report.to_string(), &report.findings()[0]);
    assert_eq!(finding.site().location().line() as usize, line(SOURCE, "own"));
    assert!(text.contains("outlived its owner `Client`"), "{text}");
    let created =
        format!("`Client`, created at tests/scopes/owners.rs:{}:", line(SOURCE, "created"));
    assert!(text.contains(&created), "{text}");
    let closes = async { Client::connect().await.close().await };
    leakguard::find(closes).await.unwrap();
}

/// Aborts its task on drop.
struct Mended {
    task: AbortHandle,
    _owner: Owner,
}

impl Mended {
    fn connect() -> Mended {
        let owner = Owner::new("Mended");
        let task = tokio::spawn(owner.own(std::future::pending::<()>()));
        Mended { task: task.abort_handle(), _owner: owner }
    }
}

impl Drop for Mended {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[tokio::test]
async fn client_that_aborts_on_drop_is_silent() {
    leakguard::find(async { drop(Mended::connect()) }).await.unwrap();
}

/// A function that returns an owner is not blamed for the owner's tasks. A scope that ends while the owner lives is.
#[tokio::test]
async fn task_is_reported_by_the_scope_that_keeps_its_owner() {
    #[leakguard::must_terminate(grace = "5ms")]
    async fn connect() -> Client {
        Client::connect().await
    }
    let scope = Scope::new("start-up").grace(Duration::from_millis(20));
    let (kept, mut keep) = mpsc::channel(1);
    let report = scope
        .find(async move {
            let client = connect().await;
            // Past the function's own limit.
            let mut timer = tokio::time::interval(Duration::from_millis(30));
            timer.tick().await;
            timer.tick().await;
            kept.send(client).await.ok().unwrap();
        })
        .await
        .unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
    let text = report.to_string();
    assert!(!text.contains("outlived its owner"), "the owner lives: {text}");
    drop(keep.recv().await);
}

#[tokio::test]
async fn task_spawned_in_an_entered_owner_belongs_to_it() {
    #[leakguard::track]
    fn start(owner: &Owner, until: Arc<Notify>) {
        owner.enter(|| tokio::spawn(async move { until.notified().await }));
    }
    let until = Arc::new(Notify::new());
    let body = async {
        let owner = Owner::new("Pool").grace(Duration::from_millis(5));
        start(&owner, until.clone());
        yield_now().await;
        let again = owner.clone();
        drop(owner);
        again.enter(|| ());
    };
    let report = leakguard::find(body).await.unwrap_err();
    let text = report.to_string();
    assert!(text.contains("outlived its owner `Pool`"), "{text}");
    assert!(text.contains("its tasks were allowed another 5 ms"), "{text}");
    until.notify_one();
}

/// A spawn in an annotated function does not register a task of an owner again.
#[tokio::test]
async fn owned_task_is_registered_once() {
    #[leakguard::track]
    async fn starts(owner: &Owner) -> AbortHandle {
        let task = tokio::spawn(owner.own(std::future::pending::<()>())); // here: once
        yield_now().await;
        task.abort_handle()
    }
    let task = starts(&Owner::new("Counted")).await;
    let started = format!("spawned at tests/scopes/owners.rs:{}:", line(SOURCE, "once"));
    assert_eq!(leakguard::dump().to_string().matches(&started).count(), 1);
    task.abort();
}

/// r02: the task keeps the session alive whose end it waits for.
struct Session {
    events: Sender<u32>,
    _owner: Owner,
}

impl Session {
    fn new() -> Arc<Session> {
        let (events, _) = broadcast::channel(4);
        Arc::new(Session { events, _owner: Owner::new("Session") })
    }

    fn handle(&self, _event: u32) {}

    fn start(self: &Arc<Self>) {
        let (session, mut events) = (self.clone(), self.events.subscribe());
        tokio::spawn(self._owner.own(async move {
            while let Ok(event) = events.recv().await {
                session.handle(event);
            }
        }));
    }

    fn start_mended(self: &Arc<Self>) {
        let (session, mut events) = (Arc::downgrade(self), self.events.subscribe());
        tokio::spawn(self._owner.own(async move { run(session, &mut events).await }));
    }
}

async fn run(session: Weak<Session>, events: &mut broadcast::Receiver<u32>) {
    loop {
        match events.recv().await {
            Ok(event) => match session.upgrade() {
                Some(session) => session.handle(event),
                None => return,
            },
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

#[tokio::test]
async fn task_that_keeps_its_owner_alive_leaks() {
    let scope = Scope::new("r02").grace(Duration::from_millis(20));
    let leaks = async {
        let session = Session::new();
        session.start();
        session.events.send(1).unwrap();
        yield_now().await;
    };
    let report = scope.find(leaks).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
    let mended = async {
        let session = Session::new();
        session.start_mended();
        session.events.send(1).unwrap();
        yield_now().await;
    };
    leakguard::find(mended).await.unwrap();
}
