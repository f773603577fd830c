//! Where no signal can take a stack: another system or processor, or without the feature `native-stacks`.

use super::{Missing, Preference};
use crate::stack::raw::RawStack;

/// How a thread is reached; here, not at all.
#[derive(Clone, Debug)]
pub(crate) struct Target;

impl Target {
    /// The calling thread.
    pub(crate) fn here() -> Option<Self> {
        None
    }
}

/// Asks threads for their stacks.
pub(crate) struct Asker;

#[derive(Debug)]
pub(crate) struct Question;

impl Asker {
    pub(crate) fn new(_: Preference) -> Self {
        Asker
    }

    pub(crate) fn signal(&mut self, _: &Target) -> Result<Question, Missing> {
        Err(Missing::Unsupported)
    }

    pub(crate) fn wait(&mut self, _: Question) -> Result<RawStack, Missing> {
        Err(Missing::Unsupported)
    }
}
