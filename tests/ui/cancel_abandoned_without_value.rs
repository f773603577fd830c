use leakguard::supervise::CallError;

#[leakguard::monitor(cancel_abandoned)]
async fn asks() -> Result<(), CallError> {
    Ok(())
}

fn main() {}
