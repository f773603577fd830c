#[leakguard::must_terminate("1s")]
fn annotated() {}

fn main() {
    annotated();
}
