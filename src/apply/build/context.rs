//! A build's context: a folder as one archive.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::ignore::Ignore;

/// The largest context that is sent: it is held in memory, and one that is larger holds what no build reads.
const LARGEST: u64 = 512 << 20;

/// The name that a Dockerfile from elsewhere has inside the archive.
const FOREIGN: &str = ".evenkeel.dockerfile";

/// A context, ready to be sent.
#[derive(Debug)]
pub struct Packed {
    /// The archive.
    pub archive: Vec<u8>,
    /// The Dockerfile's path inside it.
    pub dockerfile: String,
}

/// Why a context cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is too much of it.
    #[error("the context {} is larger than {} MiB", .0.display(), LARGEST >> 20)]
    TooLarge(PathBuf),
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check build.context and build.dockerfile",
            Self::TooLarge(_) => "leave out what the build does not need with a .dockerignore",
        }
    }
}

/// Packs a folder. The Dockerfile is from the folder, or from elsewhere, or given in full.
pub fn pack(
    folder: &Path,
    dockerfile: Option<&str>,
    inline: Option<&str>,
) -> Result<Packed, Error> {
    let named = dockerfile.unwrap_or("Dockerfile");
    // Joining an absolute path gives that path.
    let path = folder.join(named);
    let (name, foreign) = match (inline, path.strip_prefix(folder)) {
        (Some(text), _) => (FOREIGN.to_owned(), Some(text.as_bytes().to_vec())),
        (None, Ok(inside)) if !named.split('/').any(|part| part == "..") => {
            // Looked at now: the engine's own words for it do not say which folder is meant.
            fs::metadata(&path).map_err(at(&path))?;
            (slashes(inside), None)
        }
        (None, _) => (
            FOREIGN.to_owned(),
            Some(fs::read(&path).map_err(at(&path))?),
        ),
    };
    let ignore = ignore(folder, &path)?;
    let mut walk = Walk {
        folder,
        ignore,
        keep: [name.clone(), ".dockerignore".to_owned()],
        archive: tar::Builder::new(Vec::new()),
        size: 0,
    };
    walk.archive.follow_symlinks(false);
    walk.folder(folder)?;
    if let Some(content) = foreign {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        walk.archive
            .append_data(&mut header, &name, content.as_slice())
            .map_err(at(&path))?;
    }
    Ok(Packed {
        archive: walk.archive.into_inner().map_err(at(folder))?,
        dockerfile: name,
    })
}

/// `NAME.dockerignore` beside the Dockerfile counts before the folder's own.
fn ignore(folder: &Path, dockerfile: &Path) -> Result<Ignore, Error> {
    let mut own = dockerfile.as_os_str().to_owned();
    own.push(".dockerignore");
    for path in [PathBuf::from(own), folder.join(".dockerignore")] {
        match fs::read_to_string(&path) {
            Ok(text) => return Ok(Ignore::read(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(Error::Read { path, source }),
        }
    }
    Ok(Ignore::default())
}

struct Walk<'a> {
    folder: &'a Path,
    ignore: Ignore,
    keep: [String; 2],
    archive: tar::Builder<Vec<u8>>,
    size: u64,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path) -> Result<(), Error> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(at(folder))? {
            paths.push(entry.map_err(at(folder))?.path());
        }
        // The same folder gives the same archive.
        paths.sort();
        for path in paths {
            let name = slashes(path.strip_prefix(self.folder).unwrap_or(&path));
            let about = fs::symlink_metadata(&path).map_err(at(&path))?;
            let kept = self.keep.contains(&name);
            let left_out = !kept && self.ignore.covers(&name);
            if about.is_dir() {
                let needed = self.ignore.has_exceptions()
                    || self
                        .keep
                        .iter()
                        .any(|keep| keep.starts_with(&format!("{name}/")));
                if !left_out {
                    self.entry(&path, &name, &about)?;
                }
                if !left_out || needed {
                    self.folder(&path)?;
                }
            } else if !left_out {
                self.entry(&path, &name, &about)?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, path: &Path, name: &str, about: &fs::Metadata) -> Result<(), Error> {
        let mut header = tar::Header::new_gnu();
        header.set_metadata(about);
        // Who owns a file on this machine says nothing about who owns it in an image.
        header.set_uid(0);
        header.set_gid(0);
        let kind = about.file_type();
        let written = if kind.is_symlink() {
            let target = fs::read_link(path).map_err(at(path))?;
            header.set_size(0);
            self.archive.append_link(&mut header, name, target)
        } else if kind.is_dir() {
            header.set_size(0);
            self.archive
                .append_data(&mut header, format!("{name}/"), io::empty())
        } else if kind.is_file() {
            self.size += about.len();
            if self.size > LARGEST {
                return Err(Error::TooLarge(self.folder.to_owned()));
            }
            let content = fs::read(path).map_err(at(path))?;
            header.set_size(content.len() as u64);
            self.archive
                .append_data(&mut header, name, content.as_slice())
        } else {
            // Sockets, pipes and devices have no content that could be sent.
            Ok(())
        };
        written.map_err(at(path))
    }
}

fn slashes(path: &Path) -> String {
    path.components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

fn at(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Read {
        path: path.clone(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::pack;

    fn names(archive: &[u8]) -> BTreeSet<String> {
        let mut archive = tar::Archive::new(archive);
        let entries = archive.entries().expect("entries");
        entries
            .map(|entry| {
                let entry = entry.expect("an entry");
                assert_eq!(entry.header().uid().ok(), Some(0));
                entry.path().expect("a path").display().to_string()
            })
            .collect()
    }

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }

    #[test]
    fn a_folder_is_packed_without_what_is_ignored() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), "Dockerfile", "FROM a");
        write(folder.path(), "src/main.c", "");
        write(folder.path(), "src/main.o", "");
        write(folder.path(), "target/x", "");
        write(
            folder.path(),
            ".dockerignore",
            "target\n**/*.o\nDockerfile\n",
        );
        std::os::unix::fs::symlink("src", folder.path().join("link")).expect("linked");
        let packed = pack(folder.path(), None, None).expect("packed");
        assert_eq!(packed.dockerfile, "Dockerfile");
        let expected = [".dockerignore", "Dockerfile", "link", "src/", "src/main.c"];
        assert_eq!(names(&packed.archive), expected.map(str::to_owned).into());
    }

    #[test]
    fn a_dockerfile_may_be_given_in_full_or_stand_elsewhere() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), "app/x", "");
        write(folder.path(), "other/Dockerfile.dev", "FROM b");
        let app = folder.path().join("app");
        let inline = pack(&app, None, Some("FROM a")).expect("packed");
        assert!(names(&inline.archive).contains(&inline.dockerfile));
        let elsewhere = pack(&app, Some("../other/Dockerfile.dev"), None).expect("packed");
        assert!(names(&elsewhere.archive).contains(&elsewhere.dockerfile));
        let missing = pack(&app, None, None).expect_err("there is none");
        assert!(missing.to_string().contains("app/Dockerfile"), "{missing}");
    }
}
