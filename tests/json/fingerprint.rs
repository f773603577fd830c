//! Findings with the same cause have the same fingerprint, and others have not.

use crate::run::written;
use std::collections::BTreeMap;

#[test]
fn each_child_has_fingerprints_of_its_own() {
    let names = ["sleeps", "receives", "can_never_be_woken", "keeps_a_value", "panics_unheard"];
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for name in names {
        for finding in written(name).of_type("finding") {
            let fingerprint = finding["fingerprint"].as_str().unwrap().to_owned();
            let other = owners.insert(fingerprint, name).filter(|other| *other != name);
            assert_eq!(other, None, "{name}");
        }
    }
    assert_eq!(owners.len(), names.len());
}

#[test]
fn another_run_has_the_same_fingerprints() {
    let fingerprints = || {
        let findings = written("locks_in_two_orders").of_type("finding");
        findings.iter().map(|finding| finding["fingerprint"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(fingerprints(), fingerprints());
}
