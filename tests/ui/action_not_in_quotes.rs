#[leakguard::must_terminate(on_overrun = panic)]
fn annotated() {}

fn main() {
    annotated();
}
