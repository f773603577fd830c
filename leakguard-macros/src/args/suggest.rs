//! Finds the known name that a misspelt one is closest to.
//!
//! The two crates cannot share code, so each has a copy of this file. A test compares the copies.

/// The nearest of `known`, if it is near enough to be what the user meant.
pub(super) fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known.iter().map(|name| (distance(written, name), *name));
    let (distance, name) = distances.min()?;
    (distance <= 1 + name.len() / 4).then_some(name)
}

/// The Levenshtein distance, row by row.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typo_gets_a_suggestion_and_another_word_gets_none() {
        assert_eq!(nearest("timout", &["timeout", "grace"]), Some("timeout"));
        assert_eq!(nearest("colour", &["timeout", "grace"]), None);
    }
}
