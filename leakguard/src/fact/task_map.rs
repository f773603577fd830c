//! Maps and sets of tasks. A judgement of many leaks looks up each task many times, and the default hasher, which resists
//! chosen keys, takes most of that time.

use crate::fact::id::TaskId;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

pub(crate) type TaskMap<T> = HashMap<TaskId, T, BuildHasherDefault<NumberHasher>>;
pub(crate) type TaskSet = HashSet<TaskId, BuildHasherDefault<NumberHasher>>;

/// For numbers that no input of the program chooses. Tasks are looked at in the order of their numbers, so neighbours are
/// kept close to each other in the table, which spares the processor's caches.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(self.0 << 8 ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    /// The lower bits are the place in the table. Regular gaps between the numbers must not make them equal. The upper 7
    /// bits tell entries of close places apart.
    fn finish(&self) -> u64 {
        let place = self.0 ^ (self.0 >> 12);
        // 2^64 divided by the golden ratio, as Fibonacci hashing has it.
        let tag = self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (place & (u64::MAX >> 7)) | (tag & !(u64::MAX >> 7))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_numbers_differ_in_the_bits_that_a_table_uses() {
        for gap in [1, 2, 3, 64, 1_000, 4_096] {
            let hash = |number: u64| {
                let mut hasher = NumberHasher::default();
                hasher.write_u64(number * gap);
                hasher.finish()
            };
            let lower: HashSet<u64> = (0..1024).map(|number| hash(number) & 0x7FF).collect();
            let upper: HashSet<u64> = (0..1024).map(|number| hash(number) >> 57).collect();
            assert!(
                lower.len() > 500 && upper.len() > 60,
                "{gap}: {} {}",
                lower.len(),
                upper.len()
            );
        }
    }
}
