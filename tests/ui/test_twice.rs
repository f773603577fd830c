#[leakguard::test]
#[tokio::test]
async fn annotated() {}

fn main() {}
