//! The call of a library in which a leaf waits for what the library itself made, such as the reply that a client's own
//! task is to send.

use super::frame::Frame;
use super::origin::FrameOrigin;
use super::package;
use super::trace::Stack;

/// Libraries whose channels, locks and timers belong to the code that calls them, and what only wraps futures.
const PRIMITIVES: &[&str] = &[
    "async-broadcast",
    "async-channel",
    "async-io",
    "async-lock",
    "async-once-cell",
    "async-stream",
    "async-trait",
    "concurrent-queue",
    "crossbeam-channel",
    "event-listener",
    "event-listener-strategy",
    "flume",
    "futures-intrusive",
    "futures-lite",
    "futures-timer",
    "kanal",
    "lock_api",
    "once_cell",
    "oneshot",
    "parking_lot",
    "parking_lot_core",
    "pollster",
    "postage",
    "tower",
];

/// A call of a library's function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LibraryCall {
    /// The name of the package.
    pub(crate) package: String,
    pub(crate) version: Option<String>,
    /// The function that the user's code called.
    pub(crate) function: String,
}

impl Stack {
    /// The call between the leaf and the user's innermost frame, if it is one of a library.
    pub(crate) fn library(&self) -> Option<LibraryCall> {
        let inside = self.frames().iter().take_while(|frame| frame.origin() != FrameOrigin::User);
        inside.filter(|frame| frame.origin() == FrameOrigin::Library).filter_map(call).last()
    }
}

impl Stack {
    /// The version of tokio whose functions are on the stack, by the directory of their source.
    pub(crate) fn tokio(&self) -> Option<String> {
        let version = |frame: &Frame| match package::named(frame.source()?)? {
            (package, version) if package == "tokio" => version,
            _ => None,
        };
        self.frames().iter().find_map(version)
    }
}

fn call(frame: &Frame) -> Option<LibraryCall> {
    let (package, version) = package::named(frame.source()?)?;
    let is_primitive = PRIMITIVES.contains(&package.as_str());
    let function = frame.function().trim_end_matches("::{closure}").to_owned();
    (!is_primitive).then_some(LibraryCall { package, version, function })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "/r/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f";
    const LEAF: &str = "<tokio::sync::oneshot::Receiver as Future>::poll";

    fn library(frames: &[(&'static str, &'static str)]) -> Option<LibraryCall> {
        let frame = |&(function, file): &(&'static str, &'static str)| {
            let file: &'static str = match file {
                "" => return (function, None),
                "user" => "/w/src/main.rs",
                file => format!("{REGISTRY}/{file}/src/lib.rs").leak(),
            };
            (function, Some((file, 4, 9)))
        };
        Stack::of_table(&frames.iter().map(frame).collect::<Vec<_>>()).library()
    }

    #[test]
    fn call_that_the_user_made_is_named_with_its_package() {
        let user = ("shop::order", "user");
        let frames = [
            (LEAF, ""),
            ("redis::aio::send::{{closure}}", "redis-0.32.4"),
            user,
            ("x::y", "x-1.0.0"),
        ];
        let redis = LibraryCall {
            package: "redis".to_owned(),
            version: Some("0.32.4".to_owned()),
            function: "redis::aio::send".to_owned(),
        };
        assert_eq!(library(&frames), Some(redis));
        // A library around the user's code, such as a server, has no part in the wait.
        assert_eq!(library(&[(LEAF, ""), user, ("hyper::serve", "hyper-1.6.0")]), None);
    }

    #[test]
    fn channel_of_a_library_of_channels_is_the_users() {
        let user = ("shop::order", "user");
        let frames = [("flume::async::RecvFut<T>::poll", "flume-0.11.1"), user];
        assert_eq!(library(&frames), None);
        let frames = [frames[0], ("bb8::Pool::get", "bb8-0.9.0"), user];
        assert_eq!(library(&frames).map(|call| call.package), Some("bb8".to_owned()));
    }
}
