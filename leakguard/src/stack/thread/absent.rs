//! Stands in where no signal can take a stack: another system or processor, or no feature `native-stacks`.

use super::{Missing, SignalPreference};
use crate::stack::raw::RawStack;

/// How a thread is reached; here, not at all.
#[derive(Clone, Debug)]
pub(crate) struct ThreadRef;

impl ThreadRef {
    pub(crate) fn current() -> Option<Self> {
        None
    }
}

/// Takes no stacks.
pub(crate) struct Sampler;

#[derive(Debug)]
pub(crate) struct SampleRequest;

impl Sampler {
    pub(crate) fn new(_: SignalPreference) -> Self {
        Sampler
    }

    pub(crate) fn request(&mut self, _: &ThreadRef) -> Result<SampleRequest, Missing> {
        Err(Missing::Unsupported)
    }

    pub(crate) fn wait(&mut self, _: SampleRequest) -> Result<RawStack, Missing> {
        Err(Missing::Unsupported)
    }
}
