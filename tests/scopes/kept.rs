//! Tracked values that must be dropped by the end of their scope.

use crate::support::{codes, line};
use leakguard::{Code, Scope, Tracked, Verdict};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::yield_now;

const SOURCE: &str = include_str!("kept.rs");

/// A response body that its caller has to read.
#[derive(Clone, Debug, Default, PartialEq)]
struct Body(Vec<u8>);

type Pool = Arc<Mutex<Vec<Tracked<Body>>>>;

#[leakguard::must_terminate(grace = "20ms")]
async fn fetch(pool: Pool, times: usize) {
    for _ in 0..times {
        let body = Tracked::new(Body(vec![1])); // here: created
        pool.lock().unwrap().push(body);
    }
    yield_now().await;
}

#[tokio::test]
async fn unread_body_is_reported() {
    let pool = Pool::default();
    let report = leakguard::find(fetch(pool.clone(), 3)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::KeptResource]);
    let finding = &report.findings()[0];
    assert_eq!(finding.count(), 3);
    assert_eq!(finding.site().location().line() as usize, line(SOURCE, "created"));
    assert!(matches!(finding.verdict(), Verdict::Happened(_)));
    let text = report.to_string();
    assert!(text.contains("kept[LG015]: 3 values of type `Body`"), "{text}");
    assert!(text.contains("= returned: `fetch`"), "{text}");

    let read = async {
        let pool = Pool::default();
        fetch(pool.clone(), 3).await;
        pool.lock().unwrap().clear();
    };
    leakguard::find(read).await.unwrap();
}

#[tokio::test]
async fn value_taken_out_is_no_longer_tracked() {
    let body = async { Tracked::new(Body(vec![1])).into_inner() };
    assert_eq!(leakguard::find(body).await.unwrap(), Body(vec![1]));
}

/// A value that a task creates belongs to the task's scope. A value of a background task belongs to no scope.
#[tokio::test]
async fn value_belongs_to_the_scope_of_its_task() {
    #[leakguard::track]
    async fn starts(pool: Pool, background: bool) {
        let create = async move { pool.lock().unwrap().push(Tracked::default()) };
        if background {
            tokio::spawn(leakguard::background(create)).await.unwrap();
        } else {
            tokio::spawn(create).await.unwrap();
        }
    }
    let scope = Scope::new("tasks").grace(Duration::from_millis(10));
    let pool = Pool::default();
    let report = scope.find(starts(pool.clone(), false)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::KeptResource]);
    scope.find(starts(pool.clone(), true)).await.unwrap();
}

#[tokio::test]
async fn kept_value_can_be_allowed() {
    let pool = Pool::default();
    let allowed = format!("kept.rs:{}", line(SOURCE, "created"));
    let scope = Scope::new("allowed").allow(allowed.leak());
    scope.find(fetch(pool, 1)).await.unwrap();
}

#[tokio::test]
async fn dump_shows_a_tracked_value() {
    let body = Tracked::new(Body(vec![2])); // here: shown
    let at = format!("tests/scopes/kept.rs:{}:", line(SOURCE, "shown"));
    let created = format!("value of type scopes::kept::Body created at {at}");
    assert!(leakguard::dump().to_string().contains(&created));
    drop(body);
    assert!(!leakguard::dump().to_string().contains(&created));
}

#[test]
fn tracked_value_derefs_compares_and_prints() {
    let mut body = Tracked::from(Body(vec![1]));
    body.0.push(2);
    assert_eq!(body.clone().into_inner(), Body(vec![1, 2]));
    assert_eq!(format!("{body:?}"), "Body([1, 2])");
}
