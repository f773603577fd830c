#[leakguard::bounded_channel(allow = "LG005", allow = "LG006")]
fn makes() {}

fn main() {}
