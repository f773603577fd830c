//! Which test a thread runs, or a process.

use super::runner::Runner;
use crate::json::{Json, fields};
use crate::site::Site;
use std::env;
use std::sync::{Arc, OnceLock};
use std::thread::Thread;

/// A test as its runner names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TestName {
    name: String,
    /// Only nextest gives these two.
    binary: Option<String>,
    attempt: Option<String>,
}

impl TestName {
    /// The test that is all that this process runs.
    pub(crate) fn of_process() -> Option<&'static Arc<TestName>> {
        static NAME: OnceLock<Option<Arc<TestName>>> = OnceLock::new();
        let read = || {
            let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
            let name = variable("NEXTEST_TEST_NAME")?;
            let binary = variable("NEXTEST_BINARY_ID");
            let attempt = variable("NEXTEST_ATTEMPT_ID");
            Some(Arc::new(TestName { name, binary, attempt }))
        };
        NAME.get_or_init(read).as_ref()
    }

    /// The test in whose scope `site` a scope opened on `thread`: of the process, of the thread, or that of the annotated
    /// function, which a harness may run on the main thread.
    pub(crate) fn new(thread: &Thread, site: &Site) -> Option<Arc<TestName>> {
        if let Some(name) = TestName::of_process() {
            return Some(name.clone());
        }
        let is_harness = Runner::here() == Runner::Libtest;
        let of_thread = thread.name().filter(|name| is_harness && is_test(name));
        let name = of_thread.map(str::to_owned).or_else(|| of_function(site))?;
        Some(Arc::new(TestName { name, binary: None, attempt: None }))
    }

    /// The test in which a runtime was created whose scope is named `name`.
    pub(crate) fn of_runtime(name: &str) -> Option<Arc<TestName>> {
        let is_harness = Runner::here() == Runner::Libtest;
        let of_thread = || {
            let name = name.to_owned();
            Arc::new(TestName { name, binary: None, attempt: None })
        };
        let process = TestName::of_process().cloned();
        process.or_else(|| (is_harness && is_test(name)).then(of_thread))
    }

    pub(crate) fn json(&self) -> impl Json {
        fields(|o| {
            o.field("name", self.name.as_str());
            o.field("binary_id", self.binary.as_deref());
            o.field("attempt_id", self.attempt.as_deref());
        })
    }
}

/// Whether a thread with this name runs a test. A harness names it by the path of the function, and other threads have
/// names with dashes or spaces, as a rule.
fn is_test(thread: &str) -> bool {
    let is_segment =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    thread != "main" && thread.split("::").all(is_segment)
}

/// The path of an annotated function as the harness spells it: without the crate.
fn of_function(site: &Site) -> Option<String> {
    let function = site.function();
    match site.module().split_once("::") {
        _ if site.module().is_empty() => None,
        Some((_, inside)) => Some(format!("{inside}::{function}")),
        None => Some(function.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::SiteKind;

    #[test]
    fn threads_of_tests_have_paths_as_names() {
        assert!(is_test("pool::tests::drains") && is_test("drains"));
        for other in ["main", "tokio-rt-worker", "my thread", "", "pool::"] {
            assert!(!is_test(other), "{other}");
        }
    }

    #[test]
    fn the_function_names_the_test_of_a_thread_without_a_name_of_its_own() {
        static IN_MODULE: Site = Site::new(SiteKind::Function, "drains", "", "my_app::pool::tests");
        static AT_ROOT: Site = Site::new(SiteKind::Function, "drains", "", "my_app");
        static BY_HAND: Site = Site::new(SiteKind::Function, "start-up", "", "");
        assert_eq!(of_function(&IN_MODULE).as_deref(), Some("pool::tests::drains"));
        assert_eq!(of_function(&AT_ROOT).as_deref(), Some("drains"));
        assert_eq!(of_function(&BY_HAND), None);
    }
}
