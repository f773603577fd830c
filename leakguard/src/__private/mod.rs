//! Not public API. All that generated code may call.

#[cfg(any(debug_assertions, feature = "always"))]
#[path = "on.rs"]
mod form;
#[cfg(not(any(debug_assertions, feature = "always")))]
#[path = "off.rs"]
mod form;

pub use crate::__monitored as monitored;
pub use crate::supervise::Monitor;
pub use crate::supervise::attribute::{Duration, Lazy, outcome, supervised};
pub use form::*;
pub use tokio;

/// Generated code names its version, so that it does not build with a runtime of another version.
pub mod v0_1_0 {
    pub use super::*;
}

/// The body of an async function, in a monitor that all its calls share.
#[doc(hidden)]
#[macro_export]
macro_rules! __monitored {
    ($function:expr, $options:expr, $body:expr) => {
        match $body {
            // The body is evaluated outside of the block, so that it cannot name the static.
            body => {
                static MONITOR: $crate::__private::Lazy<$crate::__private::Monitor> =
                    $crate::__private::Lazy::new(|| $options.name($function).build());
                async move {
                    $crate::__private::outcome($crate::__private::supervised(&MONITOR, body).await)
                }
            }
        }
    };
}
