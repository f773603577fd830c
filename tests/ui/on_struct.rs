#[leakguard::must_terminate]
pub struct Annotated;

fn main() {
    let _ = Annotated;
}
