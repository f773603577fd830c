use leakguard::supervise::CallError;

#[leakguard::monitor(max_active = "10")]
async fn asks() -> Result<(), CallError> {
    Ok(())
}

fn main() {}
