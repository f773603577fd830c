#[leakguard::bounded_channel(capacity = "5")]
fn makes() {}

fn main() {}
