struct Client;

#[leakguard::monitor(max_active = 10)]
impl Client {}

fn main() {}
