//! Instrumented drop-ins for `tokio::sync::mpsc`.

mod bounded;
mod permit;
mod receiver;
mod unbounded;
mod weak;

pub(crate) use bounded::adopt as adopt_bounded;
pub use bounded::{Sender, channel};
pub use permit::{OwnedPermit, Permit, PermitIterator};
pub use receiver::{Receiver, UnboundedReceiver};
// The items here shadow those with the same name.
#[doc(no_inline)]
pub use tokio::sync::mpsc::*;
pub(crate) use unbounded::adopt as adopt_unbounded;
pub use unbounded::{UnboundedSender, unbounded_channel};
pub use weak::{WeakSender, WeakUnboundedSender};
