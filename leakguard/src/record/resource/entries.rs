//! A list in the order of entry, from which one is removed without a look at all others.

/// The entries, and the places of those that were removed since the list was last shortened.
#[derive(Debug)]
pub(super) struct Entries<T> {
    /// By their places, which only grow.
    all: Vec<(u64, Option<T>)>,
    next: u64,
    live: usize,
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Entries { all: Vec::new(), next: 0, live: 0 }
    }
}

impl<T> Entries<T> {
    /// The place of the next entry.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    pub(super) fn push(&mut self, entry: T) {
        self.all.push((self.next, Some(entry)));
        self.next += 1;
        self.live += 1;
    }

    pub(super) fn remove(&mut self, place: u64) -> Option<T> {
        // Often the youngest goes first.
        if self.all.last().is_some_and(|(last, _)| *last == place) {
            let (_, removed) = self.all.pop()?;
            self.live -= usize::from(removed.is_some());
            return removed;
        }
        let at = self.all.binary_search_by_key(&place, |(place, _)| *place).ok()?;
        let removed = self.all[at].1.take()?;
        self.live -= 1;
        // So seldom that it costs each removal the same, however long the list is.
        if self.all.len() > 2 * self.live + 8 {
            self.all.retain(|(_, entry)| entry.is_some());
        }
        Some(removed)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.live == 0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.all.iter().filter_map(|(_, entry)| entry.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_their_order_whichever_are_removed() {
        let mut entries = Entries::default();
        let places: Vec<u64> = (0..100).map(|n| (entries.next(), entries.push(n)).0).collect();
        for place in places.iter().filter(|place| *place % 3 != 0) {
            assert_eq!(entries.remove(*place), Some(*place as i32));
            assert_eq!(entries.remove(*place), None);
        }
        entries.push(100);
        let last = entries.next();
        entries.push(101);
        assert_eq!((entries.remove(last), entries.remove(last)), (Some(101), None));
        let kept: Vec<i32> = entries.iter().copied().collect();
        let wanted: Vec<i32> = (0..100).filter(|n| n % 3 == 0).chain([100]).collect();
        assert_eq!(kept, wanted);
        assert!(entries.all.len() <= 2 * kept.len() + 8, "{}", entries.all.len());
    }
}
