#[leakguard::must_terminate(timeout = 100)]
fn annotated() {}

fn main() {
    annotated();
}
