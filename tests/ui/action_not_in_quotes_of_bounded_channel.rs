#[leakguard::bounded_channel(on_leak = panic)]
fn makes() {}

fn main() {}
