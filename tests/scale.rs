//! That a file of five times as many containers takes about five times as long to be read, checked and resolved, and two
//! thousand are read soon: in release, where `cargo bench --bench cost -- file --check` measures it closely.

mod large;

use std::time::{Duration, Instant};

fn time(containers: usize) -> Duration {
    let text = large::file(containers);
    // The fastest of a few: other programs run on this machine, too.
    (0..3)
        .map(|_| {
            let start = Instant::now();
            let desired = large::resolve(&text);
            assert_eq!(desired.containers.len(), containers);
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

#[test]
fn a_file_of_two_thousand_containers_is_read_soon_and_the_cost_is_linear() {
    let (some, many) = (time(2_000), time(10_000));
    println!("2,000 containers: {some:?}; 10,000 containers: {many:?}");
    if !cfg!(debug_assertions) {
        assert!(some < Duration::from_millis(150), "{some:?}");
    }
    // Five times as many; twice that is far from the square.
    assert!(many < some * 10, "{some:?}, then {many:?}");
}
