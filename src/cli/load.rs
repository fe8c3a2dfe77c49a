//! From the files that were named to what they want: nothing is contacted before every one of them is sound.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, stdin},
    path::{Path, PathBuf},
};

use super::{fault::Fault, output, settings::Settings};
use crate::{
    desired::{self, Desired},
    report,
    spec::{self, Document, Inputs},
};

/// The largest file that is read: a hundred times the largest one that was ever seen, and far from a machine's memory.
const LARGEST: u64 = 64 << 20;

/// One project: what its files say, and what they want.
#[derive(Debug)]
pub struct Project {
    /// The checked file.
    pub document: Document,
    /// What it wants.
    pub desired: Desired,
}

/// Reads every project that was named. All problems of all files are told before this fails.
pub fn projects(settings: &Settings) -> Result<Vec<Project>, Fault> {
    let mut projects = Vec::new();
    let mut sound = true;
    for files in groups(&settings.files)? {
        match parse(settings, &files) {
            Ok(document) => {
                if !settings.quiet && !document.warnings.is_empty() {
                    output::message(&report::problems_text(
                        &document.warnings,
                        &document.sources,
                        settings.err,
                    ));
                }
                projects.push(Project {
                    desired: desired::resolve(&document),
                    document,
                });
            }
            Err(failure) => {
                sound = false;
                output::message(&report::problems_text(
                    &failure.problems,
                    &failure.sources,
                    settings.err,
                ));
            }
        }
    }
    if !sound {
        return Err(Fault::told());
    }
    one_file_a_project(&projects)?;
    Ok(projects)
}

/// Two files of one project would take turns removing each other's containers.
fn one_file_a_project(projects: &[Project]) -> Result<(), Fault> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for Project { desired, .. } in projects {
        if let Some(first) = seen.insert(&desired.project, &desired.file) {
            return Err(Fault::new(format!(
                "{first} and {} are both of the project {}; give one of them another project, or merge them with one -f each",
                desired.file, desired.project
            )));
        }
    }
    Ok(())
}

/// Parses the files of one project.
pub fn parse(settings: &Settings, files: &[PathBuf]) -> Result<Document, Box<spec::Failure>> {
    spec::parse(&Inputs {
        files,
        env_files: &settings.env_files,
        variables: &settings.variables,
        base: &settings.base,
        profiles: &settings.profiles,
        read: &read,
    })
}

/// The files of each project: those that were named are one project together, each file of a folder is one of its own.
pub fn groups(named: &[PathBuf]) -> Result<Vec<Vec<PathBuf>>, Fault> {
    let mut together = Vec::new();
    let mut groups = Vec::new();
    for path in named {
        if path.is_dir() {
            groups.extend(folder(path)?.into_iter().map(|file| vec![file]));
        } else {
            together.push(path.clone());
        }
    }
    if !together.is_empty() {
        groups.insert(0, together);
    }
    Ok(groups)
}

/// The files of a folder, by name; hidden ones are an editor's.
fn folder(path: &Path) -> Result<Vec<PathBuf>, Fault> {
    let cannot = |error: io::Error| {
        Fault::new(format!(
            "cannot read the folder {}: {error}",
            path.display()
        ))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(cannot)? {
        let file = entry.map_err(cannot)?.path();
        let hidden = file
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let yaml = file
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        if yaml && !hidden && !file.is_dir() {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Fault::new(format!(
            "there is no *.yaml file in the folder {}; name a file with -f",
            path.display()
        )));
    }
    Ok(files)
}

/// Reads a file, or standard input for `-`, up to [`LARGEST`].
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path == Path::new("-") {
        return bounded(stdin().lock());
    }
    bounded(File::open(path)?)
}

fn bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is larger than {} MiB", LARGEST >> 20),
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::{bounded, groups};

    #[test]
    fn a_folder_is_one_project_a_file_and_named_files_are_one_together() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.yaml", "a.yml", ".hidden.yaml", "notes.md"] {
            fs::write(folder.path().join(name), "").expect("a file");
        }
        let named = ["x.yaml".into(), folder.path().to_owned(), "y.yaml".into()];
        assert_eq!(
            groups(&named).expect("a folder with files"),
            [
                vec![PathBuf::from("x.yaml"), PathBuf::from("y.yaml")],
                vec![folder.path().join("a.yml")],
                vec![folder.path().join("b.yaml")],
            ]
        );
        let empty = tempfile::tempdir().expect("a folder");
        assert!(groups(&[empty.path().to_owned()]).is_err());
    }

    #[test]
    fn a_file_without_an_end_is_refused() {
        assert!(bounded(std::io::repeat(0)).is_err());
    }
}
