//! Variables of the environment that are not understood are reported. Each test runs this test binary again as a child.
#![cfg(any(debug_assertions, feature = "always"))]

use std::process::Command;

const CHILD: &str = "ENVIRONMENT_CHILD";

/// Uses leakguard in the child.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_some() {
        for _ in 0..2 {
            leakguard::Scope::new("child").verify_sync(|| ());
        }
    }
}

/// What a child with these variables reports.
fn stderr(variables: &[(&str, &str)]) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .envs(variables.iter().copied())
        .env(CHILD, "")
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn misspelt_variables_are_reported_once() {
    let stderr = stderr(&[("LEAKGUARD", "pnaic"), ("LEAKGUARD_GRAC", "5ms")]);
    let lines: Vec<_> = stderr.lines().filter(|l| l.contains("LEAKGUARD")).collect();
    assert_eq!(lines.len(), 2, "{stderr}");
    assert!(stderr.contains("did you mean `panic`?"), "{stderr}");
    assert!(stderr.contains("did you mean `GRACE`?"), "{stderr}");
}

#[test]
fn correct_variables_are_not_reported() {
    let correct = [("LEAKGUARD", "log"), ("LEAKGUARD_GRACE", "5ms"), ("LEAKGUARD_ALLOW", "LG002")];
    assert!(!stderr(&correct).contains("LEAKGUARD"));
}
