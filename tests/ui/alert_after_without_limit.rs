use leakguard::supervise::CallError;

#[leakguard::monitor(alert_after = "1s")]
async fn asks() -> Result<(), CallError> {
    Ok(())
}

fn main() {}
