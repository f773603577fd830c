#[leakguard::bounded_channel(on_leak = "log", on_leak = "log")]
fn makes() {}

fn main() {}
