use leakguard::supervise::CallError;

struct Client;

impl Client {
    #[leakguard::monitor]
    async fn asks(&self) -> Result<(), CallError> {
        Ok(())
    }
}

fn main() {}
