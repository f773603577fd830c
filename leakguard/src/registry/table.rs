//! A list whose entries keep their places until they are removed. It knows nothing of tasks.

/// Number of places by which a table grows, so that it is never half empty.
const PAGE: usize = 256;

/// Entries that each keep one place until they are removed.
pub(super) struct Table<T> {
    pages: Vec<Box<[Option<T>; PAGE]>>,
    /// Number of places that have ever been used.
    used: usize,
    free: Vec<u32>,
}

impl<T> Table<T> {
    pub(super) const fn new() -> Self {
        Table { pages: Vec::new(), used: 0, free: Vec::new() }
    }

    /// Keeps the first value that `create` returns for its place, and returns the second.
    #[inline]
    pub(super) fn add<R>(&mut self, create: impl FnOnce(usize) -> (T, R)) -> R {
        let place = match self.free.pop() {
            Some(place) => place as usize,
            None => self.grow(),
        };
        let (kept, returned) = create(place);
        self.pages[place / PAGE][place % PAGE] = Some(kept);
        returned
    }

    fn grow(&mut self) -> usize {
        if self.used == self.pages.len() * PAGE {
            self.pages.push(Box::new([const { None }; PAGE]));
        }
        self.used += 1;
        self.used - 1
    }

    #[inline]
    pub(super) fn remove(&mut self, place: usize) -> Option<T> {
        let removed = self.pages.get_mut(place / PAGE)?[place % PAGE].take()?;
        self.free.push(place as u32);
        Some(removed)
    }

    #[inline]
    pub(super) fn get(&self, place: usize) -> Option<&T> {
        self.pages.get(place / PAGE)?[place % PAGE].as_ref()
    }

    /// The entries of a page; `None` behind the last one.
    pub(super) fn page(&self, page: usize) -> Option<impl Iterator<Item = &T>> {
        Some(self.pages.get(page)?.iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_reused_and_a_table_grows_by_pages() {
        let mut table = Table::new();
        let add = |table: &mut Table<usize>| table.add(|place| (place, place));
        let places: Vec<usize> = (0..PAGE + 1).map(|_| add(&mut table)).collect();
        assert_eq!(places, (0..PAGE + 1).collect::<Vec<_>>());
        assert_eq!(table.pages.len(), 2);
        assert_eq!(table.remove(7), Some(7));
        assert_eq!((table.remove(7), table.get(7)), (None, None));
        let kept = [0, 1].map(|page| table.page(page).unwrap().count());
        assert_eq!((kept, table.page(2).is_none()), ([PAGE - 1, 1], true));
        assert_eq!(add(&mut table), 7);
        assert_eq!(add(&mut table), PAGE + 1);
        assert_eq!(table.remove(10 * PAGE), None);
    }
}
