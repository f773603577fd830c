use leakguard::supervise::CallError;

#[leakguard::monitor(max_active = 10, alert_after = 1)]
async fn asks() -> Result<(), CallError> {
    Ok(())
}

fn main() {}
