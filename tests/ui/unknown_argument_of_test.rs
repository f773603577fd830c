#[leakguard::test(start_pause = true)]
async fn annotated() {}

fn main() {}
