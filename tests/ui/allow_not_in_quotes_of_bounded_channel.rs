#[leakguard::bounded_channel(allow = LG005)]
fn makes() {}

fn main() {}
