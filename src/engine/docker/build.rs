//! The parameters of a build as bollard has them, and what it says while it runs.

use bollard::{models::BuildInfo, query_parameters::BuildImageOptions};
use serde::de::DeserializeOwned;

use crate::engine::{EngineError, PullProgress};

/// The parameters that the engine takes more than once, and bollard has once: they travel as lines of one text, and
/// [`repeated`] takes them apart on the way out.
const REPEATED: &[&str] = &["t", "extrahosts"];

/// The options of a build. A parameter that is not known is refused, because the engine would never see it.
pub fn options(parameters: &[(String, String)]) -> Result<BuildImageOptions, EngineError> {
    let mut options = BuildImageOptions {
        // Its own default names a file that may not be there.
        dockerfile: "Dockerfile".into(),
        ..BuildImageOptions::default()
    };
    for (name, value) in parameters {
        let text = || Some(value.clone());
        let refused = |cause: String| EngineError::Refused {
            status: 400,
            text: format!("cannot send the build's {name}: {cause}"),
        };
        match name.as_str() {
            "dockerfile" => options.dockerfile.clone_from(value),
            "target" => options.target.clone_from(value),
            "platform" => options.platform.clone_from(value),
            "remote" => options.remote = text(),
            "networkmode" => options.networkmode = text(),
            "pull" => options.pull = text(),
            "nocache" => options.nocache = value == "1",
            "rm" => options.rm = value == "1",
            "forcerm" => options.forcerm = value == "1",
            "buildargs" => options.buildargs = Some(json(value).map_err(refused)?),
            "labels" => options.labels = Some(json(value).map_err(refused)?),
            "cachefrom" => options.cachefrom = Some(json(value).map_err(refused)?),
            "shmsize" => {
                let size = value.parse::<i32>();
                options.shmsize = Some(size.map_err(|error| refused(error.to_string()))?);
            }
            "t" => add_line(&mut options.t, value),
            "extrahosts" => add_line(&mut options.extrahosts, value),
            _ => return Err(refused("the client does not know it".into())),
        }
    }
    Ok(options)
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn add_line(lines: &mut Option<String>, line: &str) {
    match lines {
        Some(lines) => {
            lines.push('\n');
            lines.push_str(line);
        }
        None => *lines = Some(line.to_owned()),
    }
}

/// A build's address with every parameter of several lines as several parameters; any other address as it is.
pub fn repeated(path: &str) -> String {
    let Some((before, query)) = path
        .split_once('?')
        .filter(|(before, _)| before.ends_with("/build"))
    else {
        return path.to_owned();
    };
    let pairs: Vec<String> = query
        .split('&')
        .flat_map(|pair| match pair.split_once('=') {
            Some((name, value)) if REPEATED.contains(&name) => value
                .split("%0A")
                .map(|value| format!("{name}={value}"))
                .collect(),
            Some(_) | None => vec![pair.to_owned()],
        })
        .collect();
    format!("{before}?{}", pairs.join("&"))
}

/// What a build says, and its error if it has failed.
pub fn read(info: BuildInfo) -> (PullProgress, Option<String>) {
    let failed = info.error_detail.and_then(|detail| detail.message);
    let text = info.stream.or(info.status).unwrap_or_default();
    let bytes = info.progress_detail.and_then(|detail| {
        Some((
            u64::try_from(detail.current?).ok()?,
            u64::try_from(detail.total?).ok()?,
        ))
    });
    (
        PullProgress {
            text: text.trim_end().to_owned(),
            bytes,
        },
        failed,
    )
}

#[cfg(test)]
mod tests {
    use super::{options, repeated};

    #[test]
    fn a_parameter_that_is_there_twice_is_sent_twice() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let options = options(&[
            pair("t", "a:1"),
            pair("t", "b:2"),
            pair("labels", r#"{"x":"y"}"#),
        ])
        .expect("known");
        assert_eq!(options.t.as_deref(), Some("a:1\nb:2"));
        assert_eq!(
            repeated("/v1.41/build?t=a%3A1%0Ab%3A2&target=x%0Ay"),
            "/v1.41/build?t=a%3A1&t=b%3A2&target=x%0Ay"
        );
        assert_eq!(repeated("/v1.41/x?t=a%0Ab"), "/v1.41/x?t=a%0Ab");
    }

    #[test]
    fn a_parameter_that_nobody_knows_is_refused() {
        assert!(options(&[("levitate".into(), "1".into())]).is_err());
        assert!(options(&[("labels".into(), "{".into())]).is_err());
    }
}
