use leakguard::supervise::CallError;

#[leakguard::monitor(call_timeout = "1s", call_timeout = "2s")]
async fn asks() -> Result<(), CallError> {
    Ok(())
}

fn main() {}
