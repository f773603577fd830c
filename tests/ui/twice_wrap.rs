#[leakguard::bounded_channel(wrap = "auto", wrap = "never")]
fn makes() {}

fn main() {}
