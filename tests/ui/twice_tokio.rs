#[leakguard::test(flavor = "current_thread", flavor = "current_thread")]
async fn annotated() {}

fn main() {}
