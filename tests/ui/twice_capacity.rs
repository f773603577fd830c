#[leakguard::bounded_channel(capacity = 5, capacity = 6)]
fn makes() {}

fn main() {}
