//! Works out from a copy of a stack who called whom; reads nothing of the thread that it is of.

use super::module;
use super::page::Page;
use crate::stack::raw::{MAX_FRAMES, RawStack};
use framehop::{CacheNative, FrameAddress, Unwinder, UnwinderNative};

/// What is known of the program's code, kept from one stack to the next.
pub(super) struct Walker {
    unwinder: UnwinderNative<Vec<u8>, framehop::MayAllocateDuringUnwind>,
    cache: CacheNative<framehop::MayAllocateDuringUnwind>,
    /// By which it is seen that a library was loaded or closed.
    mark: Option<module::Mark>,
}

impl Default for Walker {
    fn default() -> Self {
        Walker {
            unwinder: UnwinderNative::new(),
            cache: CacheNative::new(),
            mark: None,
        }
    }
}

impl Walker {
    pub(super) fn walk(&mut self, page: &Page) -> RawStack {
        self.refresh();
        let registers = page.registers();
        let (pc, start) = (registers.pc as u64, registers.for_walk());
        let mut read = |address| page.read(address).ok_or(());
        let mut frames = self
            .unwinder
            .iter_frames(pc, start, &mut self.cache, &mut read);
        let mut addresses = Vec::new();
        // An error is the end of what was copied, or of what can be known.
        while let Ok(Some(frame)) = frames.next() {
            addresses.push(match frame {
                // Names are looked up for the instruction before a return address; this one is none.
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
        let mark = module::mark();
        if self.mark == mark && mark.is_some() {
            return;
        }
        self.unwinder = UnwinderNative::new();
        module::all()
            .into_iter()
            .for_each(|module| self.unwinder.add_module(module));
        self.mark = mark;
    }
}
