#[leakguard::track]
pub enum Annotated {
    One,
}

fn main() {
    let _ = Annotated::One;
}
