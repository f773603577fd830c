use leakguard::supervise::CallError;

trait Asks {
    #[leakguard::monitor]
    async fn asks() -> Result<(), CallError>;
}

fn main() {}
