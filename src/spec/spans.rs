//! Where the values of one thing of the file stand, by their paths.
//!
//! Every value has a place, and few of them are ever asked for. So all paths of a thing stand in one text.

use super::Span;

/// Places by path, as plans write it: `ports`, `ports[8080:80/tcp]`, `depends_on.db`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans {
    /// All paths, one behind the other.
    paths: Box<str>,
    /// Sorted by path; of two of the same path the later one counts.
    places: Box<[Place]>,
}

/// Where a path begins and ends among the paths, and what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    start: usize,
    end: usize,
    span: Span,
}

impl Spans {
    /// The place of a single path.
    #[must_use]
    pub fn one(path: &str, span: Span) -> Self {
        let mut gathered = Gathered::default();
        gathered.add(path, &[], span);
        gathered.take()
    }

    /// Where the value of a path stands.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Span> {
        let of = |place: &Place| &self.paths[place.start..place.end];
        let behind = self.places.partition_point(|place| of(place) <= path);
        let last = self.places[..behind].last()?;
        (of(last) == path).then_some(last.span)
    }

    /// Whether a path has a place.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.get(path).is_some()
    }
}

/// The places of one thing after the other, while they are found.
#[derive(Debug, Default)]
pub struct Gathered {
    paths: String,
    places: Vec<Place>,
}

impl Gathered {
    /// Adds a place, so many steps below a path.
    pub fn add(&mut self, path: &str, steps: &[&str], span: Span) {
        let start = self.paths.len();
        self.paths.push_str(path);
        self.paths.extend(steps.iter().copied());
        let end = self.paths.len();
        self.places.push(Place { start, end, span });
    }

    /// Gives out what was gathered, and begins anew.
    pub fn take(&mut self) -> Spans {
        let paths = self.paths.as_str();
        self.places
            .sort_unstable_by_key(|place| (&paths[place.start..place.end], place.start));
        let spans = Spans {
            paths: paths.into(),
            places: self.places.as_slice().into(),
        };
        self.paths.clear();
        self.places.clear();
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::{Gathered, Span};
    use crate::spec::Sources;

    #[test]
    fn a_path_has_the_place_that_was_given_last_and_nothing_stays_for_the_next_thing() {
        let file = Sources::default().add("test.yaml", "");
        let at = |start| Span {
            file,
            start,
            end: start + 1,
        };
        let mut gathered = Gathered::default();
        gathered.add("ports", &["[", "80/tcp", "]"], at(1));
        gathered.add("env", &[], at(2));
        gathered.add("", &["ports"], at(3));
        gathered.add("env", &[], at(4));
        let spans = gathered.take();
        assert_eq!(spans.get("ports[80/tcp]"), Some(at(1)));
        assert_eq!(spans.get("ports"), Some(at(3)));
        assert_eq!(spans.get("env"), Some(at(4)));
        assert!(!spans.contains("port") && !spans.contains("a") && !spans.contains("z"));
        gathered.add("env", &[], at(5));
        let next = gathered.take();
        assert_eq!(next.get("env"), Some(at(5)));
        assert_eq!(next.get("ports"), None);
    }
}
