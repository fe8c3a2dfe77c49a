//! `evenkeel-lab up`: a private engine for as long as somebody needs it.
//!
//! Prints the engine's address and stays until its standard input ends, or a signal ends it. Either way nothing is left.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use evenkeel_lab::{Engine, ImageSpec, Kind};

const HELP: &str = "evenkeel-lab up [--kind docker20|docker26|docker28|podman4] [--image NAME]... [--serve NAME]...

Starts a private container engine in namespaces of its own, prints
DOCKER_HOST=unix://... and stays until its standard input ends. Needs root.

  --kind KIND    which engine; docker20 is Debian 12's docker.io
  --image NAME   make an image of busybox that idles, under this name
  --serve NAME   make an image of busybox that serves /www on port 80, under this name

A published port answers in the engine's network only. LAB_PID, printed too, is the
process that holds it: nsenter --target LAB_PID --net curl http://127.0.0.1:8080/
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    let mut words = arguments.iter().map(String::as_str);
    match words.next() {
        Some("up") => {}
        Some("-h" | "--help") | None => {
            print!("{HELP}");
            return Ok(());
        }
        Some(other) => return Err(format!("`{other}` is no command\n\n{HELP}")),
    }
    let mut kind = Kind::Docker20;
    let mut images = Vec::new();
    while let Some(word) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| format!("`{word}` needs a value\n\n{HELP}"))?;
        match word {
            "--kind" => kind = value.parse()?,
            "--image" => images.push((value, ImageSpec::idle())),
            "--serve" => images.push((value, ImageSpec::serve())),
            _ => return Err(format!("`{word}` is no option\n\n{HELP}")),
        }
    }
    let engine = Engine::try_start(kind).map_err(|error| error.to_string())?;
    for (reference, spec) in images {
        engine.image(reference, &spec);
    }
    println!("DOCKER_HOST={}", engine.host());
    println!("LAB_PID={}", engine.holder_pid());
    io::stdout().flush().map_err(|error| error.to_string())?;
    // A signal ends this process at once; the namespaces end with it, and their janitor cleans up.
    io::copy(&mut io::stdin().lock(), &mut io::sink()).map_err(|error| error.to_string())?;
    Ok(())
}
