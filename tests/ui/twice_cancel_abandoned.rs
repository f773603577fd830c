use leakguard::supervise::CallError;

#[leakguard::monitor(cancel_abandoned = true, cancel_abandoned = false)]
async fn asks() -> Result<(), CallError> {
    Ok(())
}

fn main() {}
