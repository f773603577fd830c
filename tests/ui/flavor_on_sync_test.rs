#[leakguard::test(flavor = "multi_thread")]
fn annotated() {}

fn main() {}
