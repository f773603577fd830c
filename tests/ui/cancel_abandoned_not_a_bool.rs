use leakguard::supervise::CallError;

#[leakguard::monitor(cancel_abandoned = "yes")]
async fn asks() -> Result<(), CallError> {
    Ok(())
}

fn main() {}
