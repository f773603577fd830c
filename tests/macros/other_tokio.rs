//! A file in which `tokio` is not the crate.

mod tokio {
    pub fn spawn(number: u8) -> u8 {
        number
    }
}

#[leakguard::track]
#[test]
fn spawn_of_another_module_as_a_value_is_left_alone() {
    let start = tokio::spawn;
    assert_eq!(start(3), 3);
}
