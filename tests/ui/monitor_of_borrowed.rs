use leakguard::supervise::CallError;

#[leakguard::monitor]
async fn asks(whom: &str) -> Result<usize, CallError> {
    Ok(whom.len())
}

fn main() {}
