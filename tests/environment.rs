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
fn json_without_a_directory_is_reported() {
    let stderr = stderr(&[("LEAKGUARD", "json")]);
    assert!(stderr.contains("set `LEAKGUARD_JSON=DIR`"), "{stderr}");
}

#[test]
fn correct_variables_are_not_reported() {
    let directory = std::env::temp_dir().join(format!("leakguard-env-{}", std::process::id()));
    let json = [("LEAKGUARD", "json"), ("LEAKGUARD_JSON", directory.to_str().unwrap())];
    assert!(!stderr(&json).contains("LEAKGUARD"));
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1);
    std::fs::remove_dir_all(directory).unwrap();
    let correct = [("LEAKGUARD", "log"), ("LEAKGUARD_GRACE", "5ms"), ("LEAKGUARD_ALLOW", "LG002")];
    assert!(!stderr(&correct).contains("LEAKGUARD"));
}
