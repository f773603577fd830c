#[leakguard::main]
#[tokio::main]
async fn main() {}
