#[leakguard::must_terminate(on_leak = "log", on_leak = "log")]
fn annotated() {}

fn main() {
    annotated();
}
