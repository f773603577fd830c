use leakguard::supervise::CallError;

#[leakguard::monitor]
async fn asks<'a>(whom: std::borrow::Cow<'a, str>) -> Result<usize, CallError> {
    Ok(whom.len())
}

fn main() {}
