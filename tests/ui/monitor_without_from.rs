#[leakguard::monitor]
async fn asks() -> Result<(), std::fmt::Error> {
    Ok(())
}

fn main() {}
