//! Whether this thread runs an initialiser of std's: of a `OnceLock`, a `LazyLock` or a `Once`.
//!
//! All of them pass through one function of std that is not generic, so a return address inside of it shows that one
//! runs. That address is learned from two initialisers of leakguard's own. No name has to be looked up.

use super::raw::RawStack;
use std::sync::{Once, OnceLock};
use std::thread;

/// Whether an initialiser of std's is among the callers. Walks the whole stack, which takes a tenth of a millisecond.
#[cfg(test)]
fn is_running() -> bool {
    is_among(&RawStack::walk(None))
}

pub(super) fn is_among(callers: &RawStack) -> bool {
    static LEARNED: OnceLock<Vec<usize>> = OnceLock::new();
    // On a thread of its own, because this one may be inside an initialiser. Without a thread nothing is recognised.
    let learned = LEARNED.get_or_init(|| {
        let named = thread::Builder::new().name("leakguard".to_owned());
        named.spawn(learn).ok().and_then(|thread| thread.join().ok()).unwrap_or_default()
    });
    callers.addresses().iter().any(|address| learned.contains(address))
}

/// The return addresses that two initialisers have in common, and that are not there outside of them.
fn learn() -> Vec<usize> {
    let outside = RawStack::walk(None);
    let (once, mut first) = (Once::new(), RawStack::default());
    once.call_once(|| first = RawStack::walk(None));
    let cell = OnceLock::new();
    let second: &RawStack = cell.get_or_init(|| RawStack::walk(None));
    let is_common = |address: &usize| {
        second.addresses().contains(address) && !outside.addresses().contains(address)
    };
    first.addresses().iter().copied().filter(is_common).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    #[test]
    fn every_initialiser_of_std_is_recognised() {
        static LAZY: LazyLock<bool> = LazyLock::new(is_running);
        let cell = OnceLock::new();
        let once = Once::new();
        let mut in_once = false;
        once.call_once(|| in_once = is_running());
        assert!(*LAZY && *cell.get_or_init(is_running) && in_once);
    }

    #[test]
    fn other_code_is_no_initialiser() {
        assert!(!is_running());
        static LAZY: LazyLock<fn() -> bool> = LazyLock::new(|| is_running);
        // The initialiser has ended.
        assert!(!LAZY());
        let cell = OnceLock::new();
        assert!(*cell.get_or_init(|| !thread::spawn(is_running).join().unwrap()));
    }
}
