#[leakguard::bounded_channel(wrap = "sometimes")]
fn makes() {}

fn main() {}
