#[leakguard::must_terminate]
#[leakguard::bounded_channel(wrap = "sometimes")]
fn makes() {
    let (tx, _rx) = tokio::sync::oneshot::channel::<u8>();
    drop(tx);
}

fn main() {}
