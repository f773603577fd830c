//! Walks stacks by the unwind tables of the loaded modules. Takes no lock that is held while names are looked up.
#![expect(unsafe_code, reason = "a walk reads the stack that it is on")]

mod registers;
mod system;
mod tables;

use super::raw::WalkedFrames;
use super::span::{StackEdge, StackSpan};
use framehop::{CacheNative, FrameAddress, MayAllocateDuringUnwind, Unwinder};
pub(super) use registers::Registers;
use registers::registers_here;
use std::sync::Arc;
use tables::Tables;

/// Reads the tables of modules that were loaded since they were last read, so that no walk has to.
pub(crate) fn prepare() {
    // Miri has no loader.
    if !cfg!(miri) {
        Tables::current();
    }
}

/// Walks with what is known from earlier walks, which takes 10 ns a frame.
pub(super) struct Walker {
    tables: Arc<Tables>,
    cache: CacheNative<MayAllocateDuringUnwind>,
}

/// Why a walk ended.
#[derive(PartialEq, Eq)]
enum End {
    /// At the edge, or because the stack is deep enough.
    Stopped,
    /// At a function without a table, at the end of a copy, or at the outermost frame.
    Lost,
}

impl Walker {
    pub(super) fn new() -> Self {
        Walker {
            tables: Tables::latest().unwrap_or_else(Tables::current),
            cache: CacheNative::new(),
        }
    }

    /// Walks the calling thread's stack out to the frame that holds `edge`, that frame included. The unwinder of std,
    /// which takes ten times as long, walks stacks without an edge, and where this one knows no way.
    #[inline(never)]
    pub(super) fn walk_here(&mut self, edge: Option<StackEdge>, frames: &mut WalkedFrames) {
        let here = registers_here!();
        if let Some(edge) = edge {
            if let Some(later) = self.tables.later() {
                self.tables = later;
            }
            // SAFETY: The stack pointer is that of this function's frame, and the span is used nowhere else.
            let span = unsafe { StackSpan::new(here.sp, edge) };
            if span.is_some_and(|span| self.walk_span(here, edge, &span, frames)) {
                return;
            }
        }
        frames.clear();
        system::walk(&mut |address, pointer| frames.add(address, pointer, edge));
    }

    /// Returns `false` if the walk was lost, even with the tables of the modules that are loaded now.
    fn walk_span(
        &mut self,
        here: Registers,
        edge: StackEdge,
        span: &StackSpan,
        frames: &mut WalkedFrames,
    ) -> bool {
        loop {
            let mut is_beyond = false;
            let mut read = |address: u64| {
                let word = span.read(address as usize);
                // Only the frame that holds the edge has words further out.
                is_beyond |= word.is_none() && address as usize >= span.to();
                word.map(|word| word as u64).ok_or(())
            };
            frames.clear();
            let mut add = |address, pointer| frames.add(address, pointer, Some(edge));
            let end = self.walk(here, &mut read, &mut add);
            if end == End::Stopped || is_beyond {
                return true;
            }
            let before = std::mem::replace(&mut self.tables, Tables::current());
            if before.edition == self.tables.edition {
                return false;
            }
        }
    }

    /// Walks a copy of another thread's stack.
    #[allow(dead_code, reason = "not every build takes stacks of threads")]
    pub(super) fn walk_copy(
        &mut self,
        registers: Registers,
        read: impl Fn(usize) -> Option<usize>,
        frames: &mut WalkedFrames,
    ) {
        self.tables = Tables::current();
        frames.clear();
        let mut read = |address| read(address as usize).map(|word| word as u64).ok_or(());
        self.walk(registers, &mut read, &mut |address, pointer| frames.add(address, pointer, None));
    }

    /// Takes closures behind pointers, so that framehop is compiled once.
    fn walk(
        &mut self,
        start: Registers,
        mut read: &mut dyn FnMut(u64) -> Result<u64, ()>,
        add: &mut dyn FnMut(usize, usize) -> bool,
    ) -> End {
        let mut registers = start.for_walk();
        let mut frame = FrameAddress::InstructionPointer(start.pc as u64);
        loop {
            let within = frame.address_for_lookup() as usize;
            // A return address is that of the instruction after the call, for which names are not looked up.
            if !add(within + 1, registers.sp() as usize) {
                return End::Stopped;
            }
            if !self.tables.cover(within) {
                return End::Lost;
            }
            let unwinder = &self.tables.unwinder;
            let next = unwinder.unwind_frame(frame, &mut registers, &mut self.cache, &mut read);
            match next.ok().flatten().and_then(FrameAddress::from_return_address) {
                Some(next) => frame = next,
                None => return End::Lost,
            }
        }
    }
}
