// Unused variables are still reported, at their own place.
#![deny(warnings)]

#[leakguard::must_terminate]
pub async fn annotated(unused: u8, (_one, two): (u8, u8)) {
    let also_unused = 1;
    let mut never_changed = 2;
    println!("{never_changed}");
}

fn main() {}
