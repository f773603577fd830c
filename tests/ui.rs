//! The error of each mistake, one file for each message, and programs that must have no warning.

#[test]
fn mistakes_are_errors_and_other_programs_have_no_warnings() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/*.rs");
}
