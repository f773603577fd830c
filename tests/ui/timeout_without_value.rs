#[leakguard::must_terminate(timeout)]
fn annotated() {}

fn main() {
    annotated();
}
