#[leakguard::test(strict, strict = false)]
async fn twice() {}

fn main() {}
