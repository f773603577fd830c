#[leakguard::bounded_channel(capasity = 5)]
fn makes() {}

fn main() {}
