//! Carries the type of a value, so that a trait implementation can be chosen by it. It knows no channel.

use std::marker::PhantomData;

/// The type of a value.
#[derive(Debug)]
pub struct TypeOf<P>(PhantomData<fn() -> P>);

/// Not public API. Used by generated code.
pub fn type_of<P>(_: &P) -> TypeOf<P> {
    TypeOf(PhantomData)
}
