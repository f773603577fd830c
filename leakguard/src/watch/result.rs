//! Inspects what sends and receives on plain channels return. The name of the type alone tells what a future or sender is.

use crate::fact::kind::ResourceKind;
use crate::record::resource::channel::ChannelRule;
use crate::site::CallSite;
use crate::sync::alarm;
use pin_project_lite::pin_project;
use std::any::type_name;
use std::future::{Future, IntoFuture};
use std::hash::{Hash, Hasher};
use std::mem::discriminant;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A send or receive that is awaited.
    #[derive(Debug)]
    pub struct InspectedAwait<F> {
        #[pin]
        future: F,
        rule: &'static ChannelRule,
        at: CallSite,
    }
}

/// Not public API. Used by generated code: `x.await` becomes `inspect_await(rule, x).await`.
#[track_caller]
pub fn inspect_await<F: IntoFuture>(
    rule: &'static ChannelRule,
    awaited: F,
) -> InspectedAwait<F::IntoFuture> {
    InspectedAwait { future: awaited.into_future(), rule, at: Location::caller() }
}

impl<F: Future> Future for InspectedAwait<F> {
    type Output = F::Output;

    // For futures that use the caller's location, such as a twin's receiver.
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let poll = this.future.poll(cx);
        if let Poll::Ready(output) = &poll {
            match operation(type_name::<F>()) {
                Some(Awaited::Send) if is_err(output) => {
                    alarm::plain_send_failed(this.rule, ResourceKind::Mpsc, this.at)
                }
                Some(Awaited::Promise) if is_err(output) => {
                    alarm::plain_sender_dropped(this.rule, this.at)
                }
                _ => {}
            }
        }
        poll
    }
}

/// Not public API. Used by generated code: the name of a sender's type.
pub fn sender_of<S: ?Sized>(_: &S) -> &'static str {
    type_name::<S>()
}

/// Not public API. Used by generated code: returns the result of a call on `sender` unchanged.
#[track_caller]
pub fn inspect_send<R>(rule: &'static ChannelRule, sender: &'static str, result: R) -> R {
    match kind_of_send(sender, type_name::<R>()) {
        Some(kind) if is_err(&result) => alarm::plain_send_failed(rule, kind, Location::caller()),
        _ => {}
    }
    result
}

#[derive(Debug, PartialEq, Eq)]
enum Awaited {
    Send,
    Promise,
}

/// The operation of a future by the name of its type. Its output does not suffice, because other futures may have the same.
fn operation(future: &str) -> Option<Awaited> {
    let receiver = future.strip_prefix("&mut ").unwrap_or(future);
    if receiver.starts_with("tokio::sync::oneshot::Receiver<") && receiver.ends_with('>') {
        return Some(Awaited::Promise);
    }
    let send = future.starts_with("tokio::sync::mpsc::bounded::Sender<")
        && future.ends_with(">::send::{{closure}}");
    send.then_some(Awaited::Send)
}

/// The kind of the channel whose sender has this type name, if its `send` is not async and has this result.
fn kind_of_send(sender: &str, result: &str) -> Option<ResourceKind> {
    let sender = sender.split_once('<')?.0;
    let (kind, error) = match sender {
        "tokio::sync::mpsc::unbounded::UnboundedSender" => {
            (ResourceKind::UnboundedMpsc, "tokio::sync::mpsc::error::SendError<")
        }
        "std::sync::mpsc::Sender" => (ResourceKind::UnboundedMpsc, "std::sync::mpsc::SendError<"),
        "std::sync::mpsc::SyncSender" => (ResourceKind::Mpsc, "std::sync::mpsc::SendError<"),
        // Its error is the message itself.
        "tokio::sync::oneshot::Sender" => (ResourceKind::Oneshot, ""),
        _ => return None,
    };
    let given = result.strip_prefix("core::result::Result<(), ")?;
    given.starts_with(error).then_some(kind)
}

/// Whether a `Result` of types that cannot be named here is an `Err`. Only a hasher can read a discriminant.
fn is_err<R>(result: &R) -> bool {
    let mut number = AnyNonZero(false);
    discriminant(result).hash(&mut number);
    number.0
}

/// Whether any hashed byte is not zero.
struct AnyNonZero(bool);

impl Hasher for AnyNonZero {
    fn write(&mut self, bytes: &[u8]) {
        self.0 |= bytes.iter().any(|byte| *byte != 0);
    }

    fn finish(&self) -> u64 {
        u64::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::any::type_name_of_val;
    use std::num::NonZeroU8;
    use tokio::sync::{mpsc, oneshot};

    fn both<T, E>(ok: T, err: E) {
        let name = type_name::<Result<T, E>>();
        assert!(!is_err::<Result<T, E>>(&Ok(ok)), "{name}");
        assert!(is_err::<Result<T, E>>(&Err(err)), "{name}");
    }

    fn operation_of<F>(_: &F) -> Option<Awaited> {
        operation(type_name::<F>())
    }

    fn kind_of<S, R>(sender: &S, result: &R) -> Option<ResourceKind> {
        kind_of_send(sender_of(sender), type_name_of_val(result))
    }

    #[test]
    fn errors_are_recognised_in_every_layout() {
        both((), 0u8);
        both((), NonZeroU8::MIN);
        both(NonZeroU8::MIN, ());
        both((), Box::new(1));
        both(Some(Some(true)), ());
        both((), "lent");
        both(Ok::<u8, Box<u8>>(1), Err::<(), bool>(true));
        both(String::from("niche"), ());
        both((), ());
        assert!(is_err::<Result<std::convert::Infallible, u8>>(&Err(1)));
        assert!(!is_err::<Result<u8, std::convert::Infallible>>(&Ok(1)));
    }

    #[test]
    fn operations_are_recognised_by_type_name() {
        struct Payload;
        let (bounded, _queue) = mpsc::channel::<Payload>(1);
        assert_eq!(operation_of(&bounded.send(Payload)), Some(Awaited::Send));
        assert_eq!(operation_of(&bounded.closed()), None);
        assert_eq!(operation_of(&bounded.reserve()), None);
        let (promise, mut receiver) = oneshot::channel::<Payload>();
        assert_eq!(operation_of(&&mut receiver), Some(Awaited::Promise));
        let name = sender_of(&promise);
        let sent = type_name_of_val(&promise.send(Payload));
        assert_eq!(kind_of_send(name, sent), Some(ResourceKind::Oneshot));
        let (unbounded, _queue) = mpsc::unbounded_channel::<&Payload>();
        let sent = unbounded.send(&Payload);
        let kind = Some(ResourceKind::UnboundedMpsc);
        assert_eq!(kind_of(&unbounded, &sent), kind);
        assert_eq!(kind_of(&bounded, &sent), None);
        let (plain, _queue) = std::sync::mpsc::sync_channel::<u8>(2);
        assert_eq!(kind_of(&plain, &plain.try_send(1)), None);
        assert_eq!(kind_of(&plain, &plain.send(1)), Some(ResourceKind::Mpsc));
    }

    #[test]
    fn twins_and_user_types_are_not_inspected() {
        let (twin, _queue) = crate::sync::mpsc::channel::<u8>(1);
        assert_eq!(operation_of(&twin.send(1)), None);
        let (promise, receiver) = crate::sync::oneshot::channel::<u8>();
        assert_eq!(operation_of(&receiver), None);
        assert_eq!(kind_of(&promise, &Ok::<(), u8>(())), None);
        struct SendError;
        assert_eq!(operation_of(&async { Err::<(), _>(SendError) }), None);
        let optional = "core::option::Option<tokio::sync::oneshot::Receiver<u8>>";
        assert_eq!(operation(optional), None);
    }
}
