//! Walks a copy of a stack; reads nothing of the thread itself.

use super::module;
use super::stack_copy::StackCopy;
use crate::stack::raw::{MAX_FRAMES, RawStack};
use framehop::{CacheNative, FrameAddress, Unwinder, UnwinderNative};

/// The unwind tables of the program, kept from one stack to the next.
pub(super) struct Walker {
    unwinder: UnwinderNative<Vec<u8>, framehop::MayAllocateDuringUnwind>,
    cache: CacheNative<framehop::MayAllocateDuringUnwind>,
    /// Changes when a library is loaded or closed.
    version: Option<module::Version>,
}

impl Default for Walker {
    fn default() -> Self {
        Walker { unwinder: UnwinderNative::new(), cache: CacheNative::new(), version: None }
    }
}

impl Walker {
    pub(super) fn walk(&mut self, copy: &StackCopy) -> RawStack {
        self.refresh();
        let registers = copy.registers();
        let (pc, start) = (registers.pc as u64, registers.for_walk());
        let mut read = |address| copy.read(address).ok_or(());
        let mut frames = self.unwinder.iter_frames(pc, start, &mut self.cache, &mut read);
        let mut addresses = Vec::new();
        // An error means the end of the copy, or a function without a table.
        while let Ok(Some(frame)) = frames.next() {
            addresses.push(match frame {
                // Names are looked up for the instruction before a return address, and this is not a return address.
                FrameAddress::InstructionPointer(address) => address as usize + 1,
                FrameAddress::ReturnAddress(address) => address.get() as usize,
            });
            if addresses.len() == MAX_FRAMES {
                break;
            }
        }
        RawStack::of(&addresses)
    }

    fn refresh(&mut self) {
        let version = module::version();
        if self.version == version && version.is_some() {
            return;
        }
        self.unwinder = UnwinderNative::new();
        module::all().into_iter().for_each(|module| self.unwinder.add_module(module));
        self.version = version;
    }
}
