#[leakguard::bounded_channel(capacity = 0)]
fn makes() {}

fn main() {}
