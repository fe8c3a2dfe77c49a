//! What a plan costs.

use std::{fs, process::Stdio, thread, time::Duration};

use super::{
    bare::{self, Reading},
    ground::{Ground, timed},
    table::Table,
};

/// The most that a plan may take beside a bare client.
const TARGET: f64 = 1.5;

/// The highest memory of a plan of five hundred, in MiB.
const MEMORY: f64 = 40.0;

/// A plan without changes of fifty running containers.
pub fn plan_running(ground: &Ground, table: &mut Table) {
    ground.prepare(50, "running");
    plan(ground, table, "plan of 50 running", 50, 61);
}

/// The same of five hundred that were never started.
pub fn plan_created(ground: &Ground, table: &mut Table) {
    ground.prepare(500, "created");
    plan(ground, table, "plan of 500 created", 500, 21);
}

fn plan(ground: &Ground, table: &mut Table, name: &str, containers: usize, rounds: usize) {
    let socket = ground.engine().socket();
    let (mut ours, mut parsed, mut skimmed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(timed(|| {
            let status = ground.program(&["plan", "--detailed-exitcode"]).status();
            assert_eq!(
                status.expect("it runs").code(),
                Some(0),
                "the plan is empty"
            );
        }));
        for (reading, times) in [
            (Reading::Parses, &mut parsed),
            (Reading::Skims, &mut skimmed),
        ] {
            times.push(timed(|| {
                let status = bare::reader(&socket, reading, containers)
                    .stdin(Stdio::null())
                    .status();
                assert!(status.expect("it runs").success());
            }));
        }
    }
    table.ratio(name, &ours, &parsed, Some(TARGET));
    table.ratio(
        &format!("{name}, client that parses nothing"),
        &ours,
        &skimmed,
        None,
    );
}

/// The highest memory of a plan.
pub fn memory(ground: &Ground, table: &mut Table) {
    ground.prepare(500, "created");
    let mut process = ground.program(&["plan"]).spawn().expect("it runs");
    let status = format!("/proc/{}/status", process.id());
    let mut peak = 0;
    while process.try_wait().expect("it can be waited for").is_none() {
        // The kernel's own high-water mark: the last reading before the end is the peak, but for what the end takes.
        peak = peak.max(high_water(&status).unwrap_or(0));
        thread::sleep(Duration::from_micros(200));
    }
    let peak = f64::from(peak) / 1024.0;
    table.limit("peak memory of a plan of 500", peak, MEMORY, "MiB", "");
}

/// The kernel's high-water mark of a process's memory, in KiB.
fn high_water(status: &str) -> Option<u32> {
    fs::read_to_string(status)
        .ok()?
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}
