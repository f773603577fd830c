/*
overrun[LG001]: `waits` is still running at its timeout of 500 ms
   --> examples/waiting_gateway.rs:119:23
    |
119 |         page += &call.await.expect("no call panics");
    |                       ^^^^^ join, for 551 ms
    |
    = entered:  examples/waiting_gateway.rs:125:10, 552 ms ago
    = stack:    waiting_gateway::all at examples/waiting_gateway.rs:119:23
                waiting_gateway::waits at examples/waiting_gateway.rs:127:16
    = alive:    1 task of examples/waiting_gateway.rs:126:40: http request at
                  examples/waiting_gateway.rs:111:39, for 551 ms
    = verdict:  blocked for 551 ms after 3 polls, until what it joins ends
    = help: line 119 joins a task; perhaps it is that of line 126, which waits at line 111: put a deadline
            there

leak[LG002]: task `ask`, spawned by `waits`, is still alive
   --> examples/waiting_gateway.rs:111:39
    |
111 |         let response = request.send().await.expect("the upstream is there");
    |                                       ^^^^^ http request, for 1.3 s
    |
    = spawned:  examples/waiting_gateway.rs:126:40, by `waits` (line 125), 1.3 s ago
    = stack:    waiting_gateway::Upstream::ask at examples/waiting_gateway.rs:111:39
    = dropped:  `waits`, 103 ms ago, before it was ready; its tasks were allowed another 100 ms
    = verdict:  waits on I/O, for 1.3 s after 3 polls; it may still finish on its own
    = help: keep the handle of line 126 in a `JoinSet` or `AbortOnDropHandle`, so that the task ends with
            `waits`, or put a deadline around line 111

leak[LG002]: task `ask`, spawned by `gives_up`, is still alive
   --> examples/waiting_gateway.rs:111:39
    |
111 |         let response = request.send().await.expect("the upstream is there");
    |                                       ^^^^^ http request, for 504 ms
    |
    = spawned:  examples/waiting_gateway.rs:132:40, by `gives_up` (line 131), 506 ms ago
    = stack:    waiting_gateway::Upstream::ask at examples/waiting_gateway.rs:111:39
    = returned: `gives_up`, 401 ms ago; its tasks were allowed another 397 ms
    = verdict:  waits on I/O, for 504 ms after 3 polls; it may still finish on its own
    = help: keep the handle of line 132 in a `JoinSet` or `AbortOnDropHandle`, so that the task ends with
            `gives_up`, or put a deadline around line 111

kept[LG015]: a value of type `Response` is still alive
   --> examples/waiting_gateway.rs:156:20
    |
156 |     let response = Tracked::new(sent.expect("the upstream is there"));
    |                    ^^^^^^^^^^^^ created here, 504 ms ago
    |
    = returned: `keeps`, 500 ms ago; its tasks were allowed another 498 ms
    = help: drop the value of line 156 before `keeps` returns: look for a struct, a task or a cycle of `Arc`s
            that keeps it

4 findings in 3 functions
note: `allow = "examples/waiting_gateway.rs:125, examples/waiting_gateway.rs:126,
      examples/waiting_gateway.rs:132, examples/waiting_gateway.rs:156"` allows them
note: 6 more tasks live on this runtime unwatched (spawned by libraries or by functions without an attribute)
*/

//! The waiting gateway: it calls three services for each page, and one of them never responds. Three
//! handlers show three forms: `waits` waits for ever, so requests pile up. `gives_up` times out and
//! leaks its calls. `cancels` aborts them. A fourth, `keeps`, never reads the body of its response and
//! so holds the connection. `drops` is its mended form.
//!
//! Many requests make many calls, even if each is cancelled in time. `limits` allows two calls of the
//! slow service at a time, through a `Monitor`, and refuses further ones.
//!
//! `cargo run --example waiting_gateway` reports `waits`, `gives_up` and `keeps`. With `-- mended` only
//! the other handlers run and nothing is reported.

mod support;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use futures::future::join_all;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use leakguard::supervise::CallError;
use leakguard::{Tracked, background, monitor, must_terminate, track};
use reqwest::{RequestBuilder, Response};
use std::future::pending;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

const PATIENCE: Duration = Duration::from_millis(100);
const SERVICES: [&str; 3] = ["prices", "stock", "reviews"];

/// The services that the handlers call.
#[derive(Clone)]
struct Upstream {
    client: reqwest::Client,
    address: SocketAddr,
}

impl Upstream {
    fn request(&self, service: &str) -> RequestBuilder {
        let address = format!("http://{}/{service}", self.address);
        self.client.get(address)
    }

    async fn ask(self, service: &'static str) -> String {
        let request = self.request(service);
        let response = request.send().await.expect("the upstream is there");
        response.text().await.expect("it sends what it promised")
    }
}

async fn all(calls: [JoinHandle<String>; 3]) -> String {
    let mut page = String::new();
    for call in calls {
        page += &call.await.expect("no call panics");
    }
    page
}

#[must_terminate(timeout = "500ms")]
async fn waits(State(upstream): State<Upstream>) -> String {
    let calls = SERVICES.map(|service| tokio::spawn(upstream.clone().ask(service)));
    all(calls).await
}

#[must_terminate(timeout = "500ms")]
async fn gives_up(State(upstream): State<Upstream>) -> Result<String, StatusCode> {
    let calls = SERVICES.map(|service| tokio::spawn(upstream.clone().ask(service)));
    // The timeout drops the handles, and a task whose handle is dropped continues.
    timeout(PATIENCE, all(calls)).await.or(Err(StatusCode::GATEWAY_TIMEOUT))
}

#[must_terminate(timeout = "1s")]
async fn cancels(State(upstream): State<Upstream>) -> Result<String, StatusCode> {
    let mut calls = JoinSet::new();
    for service in SERVICES {
        calls.spawn(upstream.clone().ask(service));
    }
    // The timeout drops the set, and a dropped set aborts its tasks.
    let pages = timeout(PATIENCE, calls.join_all()).await.or(Err(StatusCode::GATEWAY_TIMEOUT))?;
    Ok(pages.concat())
}

/// The last responses, kept for inspection.
static LAST: Mutex<Vec<Tracked<Response>>> = Mutex::new(Vec::new());

/// Reports whether there are photos, so only the status matters. But the body of the response is still
/// in the connection, which stays open until the body is read or dropped.
#[must_terminate(timeout = "500ms")]
async fn keeps(State(upstream): State<Upstream>) -> StatusCode {
    let sent = upstream.request("photos").send().await;
    let response = Tracked::new(sent.expect("the upstream is there"));
    let status = response.status();
    LAST.lock().unwrap().push(response);
    status
}

/// Drops the response and returns its status only.
#[must_terminate(timeout = "1s")]
async fn drops(State(upstream): State<Upstream>) -> StatusCode {
    let sent = upstream.request("photos").send().await;
    let response = Tracked::new(sent.expect("the upstream is there"));
    response.status()
}

/// At most two calls run at a time, each for 100 ms at most. `alert_after` would report if both slots
/// stayed occupied for too long.
#[monitor(max_active = 2, call_timeout = "100ms", cancel_abandoned = true)]
async fn reviews(upstream: Upstream) -> Result<String, CallError> {
    Ok(upstream.ask("reviews").await)
}

#[must_terminate(timeout = "1s")]
async fn limits(State(upstream): State<Upstream>) -> Result<String, StatusCode> {
    // `TimedOut` after 100 ms or `Busy` at once. Either way the visitor gets a response.
    reviews(upstream).await.or(Err(StatusCode::SERVICE_UNAVAILABLE))
}

/// More bytes than the buffers of a connection can hold.
const PHOTOS: usize = 32 << 20;

/// Three services that respond and one that does not.
async fn serve_upstream(listener: TcpListener) {
    let services = Router::new()
        .route("/photos", get(async || vec![0; PHOTOS]))
        .route("/prices", get("prices"))
        .route("/stock", get("stock"))
        .route("/reviews", get(pending::<()>));
    axum::serve(listener, services).await.expect("it goes on");
}

/// Spelled out because leakguard does not see the tasks of `axum::serve`. The handlers would work there
/// too, but their findings would go to the log instead of `find`.
#[track]
async fn serve_gateway(listener: TcpListener, upstream: Upstream) {
    let pages = Router::new()
        .route("/waits", get(waits))
        .route("/gives_up", get(gives_up))
        .route("/cancels", get(cancels))
        .route("/keeps", get(keeps))
        .route("/drops", get(drops))
        .route("/limits", get(limits))
        .with_state(upstream);
    while let Ok((stream, _)) = listener.accept().await {
        let service = TowerToHyperService::new(pages.clone());
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move { connection.await.unwrap_or_default() });
    }
}

/// A free port of this machine.
async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    (listener, address)
}

/// A visitor leaves after 1.2 s without a page, long after the gateway should have timed out.
async fn visit(gateway: SocketAddr, page: &str) -> Option<StatusCode> {
    let request = reqwest::Client::new().get(format!("http://{gateway}/{page}"));
    let response = request.timeout(Duration::from_millis(1_200)).send().await;
    response.ok().map(|response| response.status())
}

const TOO_LATE: Option<StatusCode> = Some(StatusCode::GATEWAY_TIMEOUT);

#[track]
async fn story(mended: bool) {
    let (listener, address) = listen().await;
    tokio::spawn(background(serve_upstream(listener)));
    // One connection per call, so that the number of live tasks is the same in every run.
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build();
    let upstream = Upstream { client: client.expect("it needs no TLS"), address };
    let (listener, gateway) = listen().await;
    let _gateway = AbortOnDropHandle::new(tokio::spawn(serve_gateway(listener, upstream)));
    if mended {
        assert_eq!(visit(gateway, "cancels").await, TOO_LATE);
        assert_eq!(visit(gateway, "drops").await, Some(StatusCode::OK));
        let visits = [(); 3].map(|()| visit(gateway, "limits"));
        for status in join_all(visits).await {
            assert_eq!(status, Some(StatusCode::SERVICE_UNAVAILABLE));
        }
    } else {
        assert_eq!(visit(gateway, "keeps").await, Some(StatusCode::OK));
        assert_eq!(visit(gateway, "waits").await, None);
        assert_eq!(visit(gateway, "gives_up").await, TOO_LATE);
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let mended = support::wants_mended();
    support::report(leakguard::find(story(mended)).await)
}
