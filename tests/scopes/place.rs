//! One spawn. A test names its line, 5.

#[leakguard::track]
pub async fn starts(gate: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(gate);
}
