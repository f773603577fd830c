// The error is where it was, and it speaks of the user's types.
#[leakguard::must_terminate]
async fn annotated() -> Result<u8, std::num::ParseIntError> {
    let text = std::future::ready("1").await;
    text
}

fn main() {
    drop(annotated());
}
