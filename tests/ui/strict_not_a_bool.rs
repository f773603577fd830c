#[leakguard::test(strict = "yes")]
async fn strict() {}

fn main() {}
