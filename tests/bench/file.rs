//! What a file costs before anything is asked of an engine: parsed, checked and normalised, in this process.

use std::{hint::black_box, time::Duration};

use super::{
    ground::{Ground, timed},
    large,
    table::{Table, median},
};

/// The longest time for [`MANY`] containers, in milliseconds.
const LIMIT: f64 = 150.0;

/// How many containers that limit is for: more than any host has.
const MANY: usize = 2_000;

/// How many times as much a container of the largest file may cost as one of the smallest.
const GROWTH: f64 = 1.5;

/// Sizes of files, each with how often it is read: as many containers in all, about, but for the largest.
const SIZES: &[(usize, usize)] = &[(100, 101), (500, 41), (MANY, 15), (5_000, 7), (10_000, 5)];

/// Files of growing size.
pub fn file(_: &Ground, table: &mut Table) {
    let mut each = Vec::new();
    for (containers, rounds) in SIZES {
        let text = large::file(*containers);
        let times: Vec<Duration> = (0..*rounds)
            .map(|_| {
                timed(|| {
                    black_box(large::resolve(black_box(&text)));
                })
            })
            .collect();
        let time = median(&times).as_secs_f64();
        let one = time * 1e6 / f64::from(u32::try_from(*containers).expect("not so many"));
        each.push(one);
        let name = format!("file of {containers} containers");
        let one = format!("{one:.1} µs each");
        if *containers == MANY {
            table.limit(&name, time * 1e3, LIMIT, "ms", &one);
        } else {
            table.told(&name, &format!("{:.2} ms", time * 1e3), &one);
        }
    }
    if let [least, .., most] = each.as_slice() {
        table.limit(
            "container of 10000, beside one of 100",
            most / least,
            GROWTH,
            "times",
            "",
        );
    }
}
