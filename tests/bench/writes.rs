//! What an apply costs, and for how long containers are down.

use std::time::Duration;

use super::{
    bare,
    events::Events,
    ground::{Ground, timed},
    table::{Table, median},
};

/// At how many calls at the same time the bare client writes; the best of them counts.
const WRITERS: &[usize] = &[1, 2, 3, 4, 8, 16];

/// The most that an apply of new containers may take beside a bare client.
const APPLY: f64 = 1.1;

/// The most that a recreate of fifty may take beside a bare client.
const RECREATE: f64 = 1.15;

/// The most that the downtime of one replacement may be beside a bare client's.
const DOWNTIME: f64 = 1.2;

/// How long a container may be down while fifty are replaced, in seconds.
const DOWN: f64 = 0.5;

/// How many containers are written.
const CONTAINERS: usize = 50;

/// How often an apply is measured.
const ROUNDS: usize = 3;

/// How often one replacement is measured.
const REPLACEMENTS: usize = 15;

/// An apply of new containers, beside the same creates and starts.
pub fn apply(ground: &Ground, table: &mut Table) {
    let socket = ground.engine().socket();
    let make = |writers| {
        ground.engine().clear();
        timed(|| bare::make(&socket, writers, CONTAINERS))
    };
    let best = best("makes", make);
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ground.engine().clear();
        ground.write(CONTAINERS, "running", "red");
        ours.push(ground.apply());
        bare.push(make(best));
    }
    table.ratio("apply of 50 new", &ours, &bare, Some(APPLY));
}

/// A changed variable of fifty containers, beside the same calls.
pub fn recreate(ground: &Ground, table: &mut Table) {
    ground.prepare(CONTAINERS, "running");
    let socket = ground.engine().socket();
    let replace = |writers, colour: &str| {
        let bodies = bare::bodies(&socket, CONTAINERS, colour);
        let events = Events::listen(&socket);
        let took = timed(|| bare::replace(&socket, writers, &bodies));
        (took, events.downtimes())
    };
    let best = best("replaces", |writers| {
        replace(writers, &format!("bare-{writers}")).0
    });
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    let (mut down, mut bare_down) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        ground.write(CONTAINERS, "running", &format!("ours-{round}"));
        let events = Events::listen(&socket);
        ours.push(ground.apply());
        down.extend(events.downtimes());
        let (took, downtimes) = replace(best, &format!("bare-again-{round}"));
        bare.push(took);
        bare_down.extend(downtimes);
    }
    assert_eq!(down.len(), ROUNDS * CONTAINERS, "each was down once");
    table.ratio("recreate of 50", &ours, &bare, Some(RECREATE));
    table.limit(
        "median time that each of the 50 is down",
        median(&down).as_secs_f64(),
        DOWN,
        "s",
        &format!("{:.2} s", median(&bare_down).as_secs_f64()),
    );
}

/// How long one container is down while it is replaced, beside the same calls.
pub fn downtime(ground: &Ground, table: &mut Table) {
    ground.prepare(1, "running");
    let socket = ground.engine().socket();
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..REPLACEMENTS {
        ground.write(1, "running", &format!("ours-{round}"));
        let events = Events::listen(&socket);
        ground.apply();
        ours.extend(events.downtimes());
        let bodies = bare::bodies(&socket, 1, &format!("bare-{round}"));
        let events = Events::listen(&socket);
        bare::replace(&socket, 1, &bodies);
        bare.extend(events.downtimes());
    }
    assert_eq!(ours.len(), REPLACEMENTS, "it was down once each time");
    table.ratio("downtime of one recreate", &ours, &bare, Some(DOWNTIME));
}

/// The concurrency at which the bare client is fastest.
fn best(what: &str, measure: impl Fn(usize) -> Duration) -> usize {
    let timed = WRITERS.iter().map(|&writers| {
        let took = measure(writers);
        println!(
            "  bare client {what} {writers} at a time: {:.2} s",
            took.as_secs_f64()
        );
        (took, writers)
    });
    timed.min().expect("some were measured").1
}
