use leakguard::supervise::CallError;

#[leakguard::monitor(max_active = 1, max_active = 2)]
async fn asks() -> Result<(), CallError> {
    Ok(())
}

fn main() {}
