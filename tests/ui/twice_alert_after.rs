use leakguard::supervise::CallError;

#[leakguard::monitor(max_active = 1, alert_after = "1s", alert_after = "2s")]
async fn asks() -> Result<(), CallError> {
    Ok(())
}

fn main() {}
