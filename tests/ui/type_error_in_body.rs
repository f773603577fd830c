// The error is at the same place as before, and names the user's types.
#[leakguard::must_terminate]
async fn annotated() -> Result<u8, std::num::ParseIntError> {
    let text = std::future::ready("1").await;
    text
}

fn main() {
    drop(annotated());
}
