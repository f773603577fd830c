//! What the attributes say to a mistake, one file for each message, and what they must never say.

#[test]
fn mistakes_are_told_and_the_rest_is_silent() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/*.rs");
}
