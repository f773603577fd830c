#[leakguard::must_terminate(on_leak = "explode")]
fn annotated() {}

fn main() {
    annotated();
}
