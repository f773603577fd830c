//! Finds what a leaf waits for, by two tables of functions; knows nothing of stacks beyond the names of functions.

mod blocking;
mod class;
mod table;

use crate::vocabulary::WaitKind;
pub(crate) use class::Class;

/// A pattern and the kind of wait that it stands for.
type Row = (&'static str, WaitKind);

/// Finds the wait of a task by the functions between the leaf and the user's await.
pub(super) fn of_task<'a>(functions: impl Iterator<Item = &'a str>) -> WaitKind {
    find(table::TABLE, functions).unwrap_or(WaitKind::Unknown)
}

/// Finds the wait of a thread by the functions that the user's own has called.
pub(super) fn of_thread<'a>(functions: impl Iterator<Item = &'a str>) -> WaitKind {
    find(blocking::TABLE, functions).unwrap_or(WaitKind::Running)
}

fn find<'a>(table: &[Row], functions: impl Iterator<Item = &'a str>) -> Option<WaitKind> {
    let functions: Vec<(&str, &str)> = functions.map(split).collect();
    let row = table.iter().find(|(pattern, _)| is_met(pattern, &functions));
    row.map(|(_, kind)| *kind)
}

fn is_met(pattern: &str, functions: &[(&str, &str)]) -> bool {
    pattern.split(" in ").all(|part| {
        let (path, last) = part.split_once(' ').unwrap_or((part, ""));
        functions.iter().any(|(whole, end)| whole.starts_with(path) && end.starts_with(last))
    })
}

/// A function's path without `<` and `&`, and its last segment that is not a closure.
fn split(function: &str) -> (&str, &str) {
    let named = function.strip_suffix("::{closure}").unwrap_or(function);
    let last = named.rsplit("::").next().unwrap_or(named);
    (named.trim_start_matches(['<', '&']).trim_start_matches("mut "), last)
}

#[cfg(test)]
mod tests {
    use super::Class::{Channel, Lock, Other, Timer};
    use super::*;

    fn of(functions: &[&str]) -> (&'static str, Class) {
        let wait = of_task(functions.iter().copied());
        (wait.words(), wait.class())
    }

    #[test]
    fn code_built_on_other_code_is_named_first() {
        let acquire = "<tokio::sync::batch_semaphore::Acquire as Future>::poll";
        assert_eq!(of(&[acquire]), ("semaphore acquire", Lock));
        assert_eq!(of(&[acquire, "tokio::sync::mutex::Mutex::lock"]), ("mutex lock", Lock));
        assert_eq!(
            of(&[acquire, "tokio::sync::mpsc::bounded::Sender::send"]),
            ("mpsc send", Channel)
        );
        assert_eq!(
            of(&[acquire, "tokio::sync::rwlock::RwLock::read::{closure}"]),
            ("rwlock read", Lock)
        );
    }

    #[test]
    fn timeout_is_named_only_for_its_own_timer() {
        let timeout = "<tokio::time::timeout::Timeout as Future>::poll";
        let sleep = "<tokio::time::sleep::Sleep as Future>::poll";
        assert_eq!(of(&[sleep, timeout]), ("timeout", Timer));
        assert_eq!(of(&[sleep]), ("sleep", Timer));
        assert_eq!(of(&["tokio::sync::mpsc::chan::Rx::recv", timeout]), ("mpsc receive", Channel));
        assert_eq!(of(&["<my::Fut as Future>::poll", timeout]), ("async wait", Other));
    }

    #[test]
    fn thread_wait_is_named_by_the_outermost_known_call() {
        let of = |functions: &[&str]| of_thread(functions.iter().copied()).words();
        let park = "std::thread::thread::Thread::park";
        let inner = "std::sync::mpmc::context::Context::wait_until";
        assert_eq!(of(&[park]), "thread park");
        assert_eq!(of(&[park, inner, "std::sync::mpsc::Receiver::recv"]), "std channel receive");
        assert_eq!(of(&["std::sync::poison::condvar::Condvar::wait"]), "condvar");
        assert_eq!(of(&["core::hint::spin_loop"]), "running");
    }

    #[test]
    fn each_row_can_match() {
        assert_each_row_can_match(table::TABLE);
        assert_each_row_can_match(blocking::TABLE);
    }

    fn assert_each_row_can_match(table: &[Row]) {
        for (at, (later, kind)) in table.iter().enumerate() {
            let hidden_by = table[..at].iter().find(|(earlier, _)| hides(earlier, later));
            assert_eq!(hidden_by, None, "{later} ({kind}) can never match");
        }
    }

    fn hides(earlier: &str, later: &str) -> bool {
        later.starts_with(earlier) && !later[earlier.len()..].starts_with(" in ")
    }
}
