#[leakguard::must_terminate(timeout = "999999999999h")]
fn annotated() {}

fn main() {
    annotated();
}
