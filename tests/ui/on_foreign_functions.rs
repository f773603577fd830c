#[leakguard::track]
unsafe extern "C" {
    pub safe fn abs(number: i32) -> i32;
}

fn main() {
    let _ = abs(1);
}
