//! The name of a task, from the type of its future.

use std::cell::Cell;

/// `worker` for the future of `async fn pool::worker`. Empty where the type has no such name, as for an `async` block
/// inside another, a box or a combinator.
pub(crate) fn of_type(name: &'static str) -> &'static str {
    // Tasks of one type tend to be adjacent.
    thread_local!(static LAST: Cell<[&'static str; 2]> = const { Cell::new([""; 2]) });
    let [known, short] = LAST.get();
    if std::ptr::eq(known, name) {
        return short;
    }
    let short = shorten(name);
    LAST.set([name, short]);
    short
}

fn shorten(name: &'static str) -> &'static str {
    let Some(path) = name.strip_suffix("::{{closure}}") else {
        return "";
    };
    if path.contains(['<', '{', ' ']) {
        return "";
    }
    path.rsplit("::").next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::of_type;

    #[test]
    fn only_async_functions_have_names() {
        assert_eq!(of_type("pool::worker::{{closure}}"), "worker");
        assert_eq!(of_type("pool::start::{{closure}}::{{closure}}"), "");
        assert_eq!(of_type("core::pin::Pin<alloc::boxed::Box<dyn Future>>"), "");
        assert_eq!(of_type("pool::run<F>::{{closure}}"), "");
    }
}
