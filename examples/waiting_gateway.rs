/*
overrun[LG001]: `waits` is still running at its timeout of 500 ms, at examples/waiting_gateway.rs:94:23: join, for 625 ms

overrun[LG001]: `waits` is still running at its timeout of 500 ms
  --> examples/waiting_gateway.rs:94:23
   |
94 |         page += &call.await.expect("no call panics");
   |                       ^^^^^ join, for 625 ms
   |
   = entered:  examples/waiting_gateway.rs:100:10, 628 ms ago
   = stack:    waiting_gateway::all at examples/waiting_gateway.rs:94:23
               waiting_gateway::waits::{closure} at examples/waiting_gateway.rs:102:16
   = alive:    1 task of examples/waiting_gateway.rs:101:40: http request at examples/waiting_gateway.rs:86:39, for 625 ms
   = verdict:  blocked for 625 ms after 3 polls; it may yet be woken
   = help: line 94 joins a task; the only one left is that of line 101, which waits at line 86: put a deadline there

leak[LG002]: task `ask`, started by `waits`, is still alive
  --> examples/waiting_gateway.rs:86:39
   |
86 |         let response = request.send().await.expect("the upstream is there");
   |                                       ^^^^^ http request, for 1.0 s
   |
   = started:  examples/waiting_gateway.rs:101:40, by `waits` (examples/waiting_gateway.rs:100), 1.0 s ago
   = stack:    waiting_gateway::Upstream::ask at examples/waiting_gateway.rs:86:39
   = dropped:  `waits`, 103 ms ago, before it was ready; its tasks had 100 ms
   = verdict:  waits on I/O, for 1.0 s after 3 polls; that may yet end it
   = help: keep the handle of line 101 in a `JoinSet` or `AbortOnDropHandle`, so that the task ends with `waits`, or put a deadline around line 86

leak[LG002]: task `ask`, started by `gives_up`, is still alive
  --> examples/waiting_gateway.rs:86:39
   |
86 |         let response = request.send().await.expect("the upstream is there");
   |                                       ^^^^^ http request, for 508 ms
   |
   = started:  examples/waiting_gateway.rs:107:40, by `gives_up` (examples/waiting_gateway.rs:106), 510 ms ago
   = stack:    waiting_gateway::Upstream::ask at examples/waiting_gateway.rs:86:39
   = returned: `gives_up`, 404 ms ago; its tasks had 397 ms
   = verdict:  waits on I/O, for 508 ms after 3 polls; that may yet end it
   = help: keep the handle of line 107 in a `JoinSet` or `AbortOnDropHandle`, so that the task ends with `gives_up`, or put a deadline around line 86

3 findings in 2 functions
note: 4 more tasks live on this runtime that leakguard did not see start (started by libraries or by functions without an attribute)
*/

//! The waiting gateway: it asks three services for each page, and one of them never answers. Three
//! forms of it, each a handler: `waits` for ever, so requests pile up; `gives_up` in time, and leaves
//! its calls behind; `cancels` them.
//!
//! `cargo run --example waiting_gateway` reports on the first two; with `-- mended` only the third
//! runs and nothing is left to report.

mod support;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use leakguard::{background, must_terminate, track};
use std::future::pending;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

const PATIENCE: Duration = Duration::from_millis(100);
const SERVICES: [&str; 3] = ["prices", "stock", "reviews"];

/// What the handlers ask.
#[derive(Clone)]
struct Upstream {
    client: reqwest::Client,
    address: SocketAddr,
}

impl Upstream {
    async fn ask(self, service: &'static str) -> String {
        let request = self
            .client
            .get(format!("http://{}/{service}", self.address));
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
    // When time is up this drops the handles, and a task whose handle is dropped goes on.
    timeout(PATIENCE, all(calls))
        .await
        .or(Err(StatusCode::GATEWAY_TIMEOUT))
}

#[must_terminate(timeout = "500ms")]
async fn cancels(State(upstream): State<Upstream>) -> Result<String, StatusCode> {
    let mut calls = JoinSet::new();
    for service in SERVICES {
        calls.spawn(upstream.clone().ask(service));
    }
    // When time is up this drops the set, and a set that is dropped aborts its tasks.
    let pages = timeout(PATIENCE, calls.join_all())
        .await
        .or(Err(StatusCode::GATEWAY_TIMEOUT))?;
    Ok(pages.concat())
}

/// Two services that answer, and one that does not.
async fn serve_upstream(listener: TcpListener) {
    let services = Router::new()
        .route("/prices", get("prices"))
        .route("/stock", get("stock"))
        .route("/reviews", get(pending::<()>));
    axum::serve(listener, services).await.expect("it goes on");
}

/// Written out, because leakguard does not see what `axum::serve` starts: there the handlers would
/// work all the same, but their findings would go to the log and not to `find`.
#[track]
async fn serve_gateway(listener: TcpListener, upstream: Upstream) {
    let pages = Router::new()
        .route("/waits", get(waits))
        .route("/gives_up", get(gives_up))
        .route("/cancels", get(cancels))
        .with_state(upstream);
    while let Ok((stream, _)) = listener.accept().await {
        let service = TowerToHyperService::new(pages.clone());
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move { connection.await.unwrap_or_default() });
    }
}

/// A free port of this machine.
async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    (listener, address)
}

/// A visitor leaves if there is no page in time, which is long after the gateway should have given up.
async fn visit(gateway: SocketAddr, page: &str) -> Option<StatusCode> {
    let request = reqwest::Client::new().get(format!("http://{gateway}/{page}"));
    let response = request.timeout(Duration::from_millis(900)).send().await;
    response.ok().map(|response| response.status())
}

#[track]
async fn tell(mended: bool) {
    let (listener, address) = listen().await;
    tokio::spawn(background(serve_upstream(listener)));
    // A connection for each call, so that the number of live tasks is the same in every run.
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build();
    let upstream = Upstream {
        client: client.expect("it needs no TLS"),
        address,
    };
    let (listener, gateway) = listen().await;
    let _gateway = AbortOnDropHandle::new(tokio::spawn(serve_gateway(listener, upstream)));
    if mended {
        assert_eq!(
            visit(gateway, "cancels").await,
            Some(StatusCode::GATEWAY_TIMEOUT)
        );
    } else {
        assert_eq!(visit(gateway, "waits").await, None);
        assert_eq!(
            visit(gateway, "gives_up").await,
            Some(StatusCode::GATEWAY_TIMEOUT)
        );
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let mended = support::wants_mended();
    support::report(leakguard::find(tell(mended)).await)
}
