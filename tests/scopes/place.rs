//! One spawn whose line, 5, is named by a test.

#[leakguard::track]
pub async fn starts(gate: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(gate);
}
