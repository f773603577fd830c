#[leakguard::monitor]
async fn asks() -> u8 {
    7
}

fn main() {}
