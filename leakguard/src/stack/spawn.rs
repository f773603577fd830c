//! The stack of a spawn, and whether an initialiser is on it that runs once in a process.
#![expect(unsafe_code, reason = "the state of a cell is found by its address")]

use super::frame::Frame;
use super::initialiser;
use super::module;
use super::raw::RawStack;
use super::resolve::{frames_at, polls_task};
use std::ops::Range;
use std::ptr::with_exposed_provenance_mut;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// A cell of another crate than std.
struct CellType {
    /// The start of the function that runs its initialiser. It names the crate.
    runs: &'static str,
    name: &'static str,
    /// Whether its state is a byte as of `once_cell`, whose address the function has.
    has_state: bool,
}

/// Those of `lazy_static` are std's, which is known by its address, or `spin`'s.
const CELLS: &[CellType] = &[
    CellType::new("once_cell::imp::initialize", "once_cell::sync::OnceCell", true),
    CellType::new("spin::once::Once::try_call_once", "spin::Once", true),
    CellType::new("parking_lot::once::Once::call_once_slow", "parking_lot::Once", false),
    CellType::new("tokio::sync::once_cell::OnceCell::get_or_", "tokio::sync::OnceCell", false),
    CellType::new("async_lock::once_cell::OnceCell::init", "async_lock::OnceCell", false),
];

impl CellType {
    const fn new(runs: &'static str, name: &'static str, has_state: bool) -> Self {
        CellType { runs, name, has_state }
    }

    fn of(frame: &Frame) -> Option<&'static CellType> {
        CELLS.iter().find(|cell| frame.function().starts_with(cell.runs))
    }
}

/// A twin of leakguard's, which knows by itself whether it is a static.
const TWIN: &str = "leakguard::sync::once_cell";

/// The callers of a spawn. Their names are looked up when a report needs them.
#[derive(Debug)]
pub(crate) struct SpawnStack {
    raw: RawStack,
    cells: Vec<CellState>,
}

/// What may be the state of a static cell whose initialiser ran.
#[derive(Debug)]
struct CellState {
    /// The frame that has its address.
    frame: usize,
    state: &'static AtomicU8,
}

/// An initialiser that has started a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Initialiser {
    /// That of a static.
    OfStatic,
    /// That of a cell of this type, of which it is not known whether it is a static.
    OfCell(&'static str),
}

impl SpawnStack {
    /// Walks the stack of the calling thread, which takes a tenth of a millisecond.
    #[cold]
    pub(crate) fn here() -> Self {
        let (statics, mut cells) = (module::statics(), Vec::new());
        let raw = RawStack::walk_words(|frame, word| {
            let state = state_at(word, &statics).filter(|state| is_initialising(state));
            cells.extend(state.map(|state| CellState { frame, state }));
        });
        SpawnStack { raw, cells }
    }

    /// Whether an initialiser of std's runs. No name has to be looked up.
    pub(crate) fn is_in_std(&self) -> bool {
        initialiser::is_among(&self.raw)
    }

    /// The initialiser of another crate in which the current task has spawned. Looks names up.
    pub(crate) fn initialiser(&self) -> Option<Initialiser> {
        for (at, &address) in self.raw.addresses().iter().enumerate() {
            let frames = frames_at(address);
            let is_edge = |frame: &Frame| polls_task(frame) || frame.function().starts_with(TWIN);
            if frames.iter().any(is_edge) {
                return None;
            }
            if let Some(cell) = frames.iter().find_map(CellType::of) {
                // What the function calls may have saved the register with the address.
                let is_near =
                    |state: &CellState| (at.saturating_sub(1)..=at).contains(&state.frame);
                let is_own = |state: &CellState| is_near(state) && state.is_done();
                return Some(match cell.has_state && self.cells.iter().any(is_own) {
                    true => Initialiser::OfStatic,
                    false => Initialiser::OfCell(cell.name),
                });
            }
        }
        None
    }
}

/// The states of `once_cell`. The upper bits may be the address of a thread that waits.
const STATES: u8 = 3;
const RUNNING: u8 = 1;
const DONE: u8 = 2;

fn is_initialising(state: &AtomicU8) -> bool {
    state.load(Relaxed) & STATES == RUNNING
}

impl CellState {
    /// Whether it has changed as that of a cell does. Anything else that the frame points at hardly does.
    fn is_done(&self) -> bool {
        self.state.load(Relaxed) == DONE
    }
}

/// The byte at `address`, if the program has a static there.
fn state_at(address: usize, statics: &[Range<usize>]) -> Option<&'static AtomicU8> {
    let is_static = statics.iter().any(|part| part.contains(&address));
    let place = with_exposed_provenance_mut::<u8>(address);
    // SAFETY: It lies in data of the program that can be read and is never unmapped. What else it may belong to is written
    // by other threads, and any byte is a valid value.
    is_static.then(|| unsafe { AtomicU8::from_ptr(place) })
}
