#[leakguard::must_terminate(name = "a", name = "a")]
fn annotated() {}

fn main() {
    annotated();
}
