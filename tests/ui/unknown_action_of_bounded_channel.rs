#[leakguard::bounded_channel(on_leak = "explode")]
fn makes() {}

fn main() {}
