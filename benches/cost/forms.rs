//! Plain tokio and leakguard: the two forms of each workload, from one source.

use crate::scopes::scopes;
use crate::workloads::workloads;

/// What neither form puts around its futures.
pub mod bare {
    pub fn root<F>(future: F) -> F {
        future
    }
    pub fn wait<F>(future: F) -> F {
        future
    }
}

/// Which form of leakguard is compiled in, for the head of each table.
pub const FORM: &str = if cfg!(debug_assertions) {
    "dev profile"
} else if cfg!(feature = "always") {
    "release, feature `always`"
} else {
    "release, features off: annotations compile to nothing"
};

/// Whether leakguard watches in this build.
pub const IS_ON: bool = cfg!(any(debug_assertions, feature = "always"));

workloads!(plain, bare,);
workloads!(watched, bare, #[leakguard::track]);
scopes!(unscoped, [], []);
scopes!(scoped, [leakguard::must_terminate], [leakguard::must_terminate(timeout = "1s")]);
