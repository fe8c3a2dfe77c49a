//! What must hold for any text, one function a fuzz target: nothing panics, every place of a problem lies in its text, and
//! what is printed parses to the same thing.

mod file;
mod texts;

pub use file::{file, yaml};
pub use texts::{env_files, interpolation};

use std::{
    fmt::{Debug, Display},
    str::FromStr,
};

use evenkeel::{
    spec::{Problem, Sources, Span},
    value::{
        Capability, ContainerPath, Cpus, Cpuset, Device, DeviceRule, Duration, ExposedPort,
        HostEntry, MacAddress, Microseconds, Mode, Mount, Name, PortMapping, PortRange, Reference,
        RestartPolicy, SecurityOpt, Signal, Size, Subnet, Tmpfs, Ulimit, clean, parse_ip,
    },
};

/// A value that a text is read as is read again from its own text.
fn parses_again<T: FromStr<Err = String> + Display + PartialEq + Debug>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    let printed = value.to_string();
    assert_eq!(
        printed.parse::<T>().as_ref(),
        Ok(&value),
        "{text:?} is printed as {printed:?}"
    );
    Some(value)
}

/// Every place lies in its text, on the borders of characters.
fn places(problems: &[Problem], sources: &Sources) {
    for problem in problems {
        let others = problem.related.iter().map(|(span, _)| *span);
        for span in problem.span.into_iter().chain(others) {
            place(span, sources, &problem.text);
        }
    }
}

fn place(span: Span, sources: &Sources, whose: &str) {
    let text = sources.get(span.file).text.as_str();
    assert!(
        text.get(span.start..span.end).is_some(),
        "{span:?} of {whose:?} does not lie in {text:?}"
    );
}

/// Published and exposed ports.
pub fn ports(text: &str) {
    let _ = parses_again::<PortRange>(text);
    for mapping in PortMapping::parse_all(text).unwrap_or_default() {
        let printed = mapping.to_string();
        assert_eq!(
            PortMapping::parse_all(&printed),
            Ok(vec![mapping]),
            "{printed}"
        );
    }
    for port in ExposedPort::parse_all(text).unwrap_or_default() {
        assert_eq!(ExposedPort::parse_all(&port.to_string()), Ok(vec![port]));
    }
}

/// Image references, in full and as people write them.
pub fn references(text: &str) {
    if let Some(reference) = parses_again::<Reference>(text) {
        let familiar = reference.familiar();
        assert_eq!(
            familiar.parse().as_ref(),
            Ok(&reference),
            "{text:?} is {familiar:?}"
        );
    }
}

/// Sizes, and what else is a number with a unit.
pub fn sizes(text: &str) {
    if let Some(size) = parses_again::<Size>(text) {
        assert!(size.bytes() >= 0, "{text:?}");
    }
    let _ = parses_again::<Cpus>(text);
}

/// Time spans.
pub fn durations(text: &str) {
    if let Some(duration) = parses_again::<Duration>(text) {
        assert!(duration.nanoseconds() >= 0, "{text:?}");
        assert!(duration.whole_seconds() >= duration.nanoseconds() / Duration::SECOND);
    }
    let _ = parses_again::<Microseconds>(text);
}

/// What is mounted, and where.
pub fn volumes(text: &str) {
    if let Some(mount) = parses_again::<Mount>(text) {
        assert_eq!(Mount::from_engine(text), Some(mount), "{text:?}");
    }
    let _ = Mount::from_engine(text);
    let _ = parses_again::<Tmpfs>(text);
    let _ = parses_again::<ContainerPath>(text);
    let short = clean(text);
    assert_eq!(clean(&short), short, "{text:?}");
}

/// Every other value with a grammar of its own.
pub fn words(text: &str) {
    let _ = parses_again::<Capability>(text);
    let _ = parses_again::<Cpuset>(text);
    let _ = parses_again::<Device>(text);
    let _ = parses_again::<DeviceRule>(text);
    let _ = parses_again::<HostEntry>(text);
    let _ = parses_again::<MacAddress>(text);
    let _ = parses_again::<Mode>(text);
    let _ = parses_again::<Name>(text);
    let _ = parses_again::<RestartPolicy>(text);
    let _ = parses_again::<SecurityOpt>(text);
    let _ = parses_again::<Signal>(text);
    let _ = parses_again::<Subnet>(text);
    let _ = parses_again::<Ulimit>(text);
    if let Some(address) = parse_ip(text) {
        assert_eq!(parse_ip(&address.to_string()), Some(address));
    }
}
