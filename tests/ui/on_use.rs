#[leakguard::track]
use std::future::ready;

fn main() {
    drop(ready(1));
}
