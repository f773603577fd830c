use leakguard::supervise::CallError;

#[leakguard::monitor(call_timeout = "50")]
async fn asks() -> Result<(), CallError> {
    Ok(())
}

fn main() {}
