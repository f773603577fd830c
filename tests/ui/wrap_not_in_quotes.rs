#[leakguard::bounded_channel(wrap = auto)]
fn makes() {}

fn main() {}
