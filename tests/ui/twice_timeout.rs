#[leakguard::must_terminate(timeout = "1s", timeout = "1s")]
fn annotated() {}

fn main() {
    annotated();
}
