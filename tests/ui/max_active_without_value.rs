use leakguard::supervise::CallError;

#[leakguard::monitor(max_active)]
async fn asks() -> Result<(), CallError> {
    Ok(())
}

fn main() {}
