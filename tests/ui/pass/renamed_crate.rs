//! The crate under another name.
mod deep {
    pub use ::leakguard as guard;
}

#[deep::guard::must_terminate(crate = crate::deep::guard, timeout = "1s")]
async fn annotated() -> u8 {
    tokio::spawn(async { 1 }).await.unwrap()
}

#[deep::guard::track(crate = "crate::deep::guard")]
fn tracked() -> u8 {
    std::thread::spawn(|| 1).join().unwrap()
}

#[deep::guard::main(crate = crate::deep::guard)]
async fn main() {
    assert_eq!(annotated().await + tracked(), 2);
}
