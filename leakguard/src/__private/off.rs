//! What generated code may call where nothing is watched.

pub use crate::__gate as gate;

/// Keeps the second of two forms of an item.
#[doc(hidden)]
#[macro_export]
macro_rules! __gate {
    ({ $($on:tt)* } { $($off:tt)* }) => { $($off)* };
}
