#[leakguard::monitor]
async fn asks() {}

fn main() {}
