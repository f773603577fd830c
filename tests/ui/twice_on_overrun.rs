#[leakguard::must_terminate(on_overrun = "log", on_overrun = "log")]
fn annotated() {}

fn main() {
    annotated();
}
