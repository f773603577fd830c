// An unused function stays unused when rewritten.
#![deny(dead_code)]

#[leakguard::must_terminate]
async fn annotated(_unused: u8) {}

#[leakguard::must_terminate]
fn sync() {}

#[leakguard::track]
fn tracked() {}

fn main() {}
