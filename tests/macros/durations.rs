//! The attributes and the environment have one grammar of durations and the same suggestions.

#[test]
fn both_crates_have_the_same_grammar() {
    assert_eq!(
        include_str!("../../leakguard/src/duration.rs"),
        include_str!("../../leakguard-macros/src/args/duration_grammar.rs"),
    );
}

#[test]
fn both_crates_have_the_same_suggestions() {
    assert_eq!(
        include_str!("../../leakguard/src/config/suggest.rs"),
        include_str!("../../leakguard-macros/src/args/suggest.rs"),
    );
}
