// The rewritten function is as dead as the plain one.
#![deny(dead_code)]

#[leakguard::must_terminate]
async fn annotated(_unused: u8) {}

#[leakguard::must_terminate]
fn sync() {}

#[leakguard::track]
fn tracked() {}

fn main() {}
