//! The attributes and the environment have one grammar of durations.

#[test]
fn both_crates_have_the_same_grammar() {
    assert_eq!(
        include_str!("../../leakguard/src/duration.rs"),
        include_str!("../../leakguard-macros/src/args/duration_grammar.rs"),
    );
}
