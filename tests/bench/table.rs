//! What was measured, in one table.

use std::time::Duration;

/// One line of the table.
#[derive(Debug)]
struct Row {
    name: String,
    ours: String,
    bare: String,
    found: String,
    target: String,
    met: Option<bool>,
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// A time beside a bare client's; without a target it is only told.
    pub fn ratio(&mut self, name: &str, ours: &[Duration], bare: &[Duration], target: Option<f64>) {
        let (ours, bare) = (median(ours), median(bare));
        let ratio = ours.as_secs_f64() / bare.as_secs_f64();
        self.push(Row {
            name: name.to_owned(),
            ours: time(ours),
            bare: time(bare),
            found: format!("{ratio:.2}"),
            target: target.map_or_else(String::new, |target| format!("{target:.2}")),
            met: target.map(|target| ratio <= target),
        });
    }

    /// A figure that has a limit of its own.
    pub fn limit(&mut self, name: &str, found: f64, limit: f64, unit: &str, bare: &str) {
        self.push(Row {
            name: name.to_owned(),
            ours: format!("{found:.2} {unit}"),
            bare: bare.to_owned(),
            found: String::new(),
            target: format!("{limit} {unit}"),
            met: Some(found > 0.0 && found < limit),
        });
    }

    /// A figure without a limit, and what belongs beside it.
    pub fn told(&mut self, name: &str, found: &str, beside: &str) {
        self.push(Row {
            name: name.to_owned(),
            ours: found.to_owned(),
            bare: beside.to_owned(),
            found: String::new(),
            target: String::new(),
            met: None,
        });
    }

    fn push(&mut self, row: Row) {
        // Said at once, too: the whole takes minutes.
        println!("{}", line(&row));
        self.rows.push(row);
    }

    /// Prints all of it.
    pub fn print(&self) {
        let head = Row {
            name: "measure".to_owned(),
            ours: "evenkeel".to_owned(),
            bare: "bare client".to_owned(),
            found: "ratio".to_owned(),
            target: "at most".to_owned(),
            met: None,
        };
        println!("\n{}", line(&head).trim_end());
        for row in &self.rows {
            println!("{}", line(row).trim_end());
        }
    }

    /// Whether no target was missed.
    pub fn all_met(&self) -> bool {
        self.rows.iter().all(|row| row.met != Some(false))
    }
}

/// The one in the middle.
pub fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

fn time(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", time.as_secs_f64())
    }
}

fn line(row: &Row) -> String {
    let mark = match row.met {
        None => "",
        Some(true) => "met",
        Some(false) => "MISSED",
    };
    format!(
        "{:<44} {:>10} {:>12} {:>6} {:>10} {mark}",
        row.name, row.ours, row.bare, row.found, row.target
    )
}
