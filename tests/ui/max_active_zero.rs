use leakguard::supervise::CallError;

#[leakguard::monitor(max_active = 0)]
async fn asks() -> Result<(), CallError> {
    Ok(())
}

fn main() {}
