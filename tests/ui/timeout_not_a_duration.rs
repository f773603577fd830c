#[leakguard::must_terminate(timeout = "soon")]
async fn annotated() {}

fn main() {
    drop(annotated());
}
