#[leakguard::track(name = 5)]
fn annotated() {}

fn main() {
    annotated();
}
