//! One apply at a time for each engine and project. The lock is the operating system's, so that it ends with the process
//! that holds it, however that ends; the file says only who that is.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};

/// How often a lock that is held is tried again: a person does not notice the wait, and a machine not the tries.
const AGAIN: Duration = Duration::from_millis(100);

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else holds it.
    #[error(
        "another apply of this project holds the lock ({holder}), and did not end within {waited}; wait for it, or give --lock-timeout more"
    )]
    Held {
        /// Who, as the lock's file says.
        holder: String,
        /// How long was waited.
        waited: String,
    },
    /// The file of the lock cannot be used.
    #[error("cannot use the lock {path}: {source}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Takes the lock of a project on an engine; waits for whoever holds it, and says so once.
pub fn take(
    engine: &str,
    project: &str,
    patience: Duration,
    say: impl FnOnce(&str),
) -> Result<Lock, LockError> {
    take_in(&folder(), engine, project, patience, say)
}

fn take_in(
    folder: &Path,
    engine: &str,
    project: &str,
    patience: Duration,
    say: impl FnOnce(&str),
) -> Result<Lock, LockError> {
    let path = folder.join(file_name(engine, project));
    let unusable = |source| LockError::Unusable {
        path: path.clone(),
        source,
    };
    let mut file = open(&path).map_err(unusable)?;
    let begun = Instant::now();
    let mut say = Some(say);
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        if begun.elapsed() >= patience {
            return Err(LockError::Held {
                holder: holder(&mut file),
                waited: crate::report::seconds(patience),
            });
        }
        if let Some(say) = say.take() {
            say(&format!(
                "another apply of this project runs ({}); waiting up to {}",
                holder(&mut file),
                crate::report::seconds(patience)
            ));
        }
        std::thread::sleep(AGAIN.min(patience));
    }
    // Who holds it is for people; a file of another user cannot be written, and locks all the same.
    let _ = sign(&mut file);
    Ok(Lock { _file: file })
}

/// Where locks lie: one place for all users and sessions, so that a service and a person see each other.
fn folder() -> PathBuf {
    let shared = PathBuf::from("/run/lock");
    if shared.is_dir() {
        shared
    } else {
        std::env::temp_dir()
    }
}

/// The engine's address may have any length and characters; its digest has not.
fn file_name(engine: &str, project: &str) -> String {
    let digest = Sha256::digest(format!("{engine}\0{project}"));
    let short = digest
        .iter()
        .take(8)
        .fold(0_u64, |short, byte| (short << 8) | u64::from(*byte));
    format!("evenkeel-{short:016x}.lock")
}

/// Opens the file to write, or to read if it is another user's. A link is not followed: the folder is everybody's.
fn open(path: &Path) -> io::Result<File> {
    if path
        .symlink_metadata()
        .is_ok_and(|metadata| !metadata.is_file())
    {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "it is not a plain file; remove it",
        ));
    }
    let written = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    match written {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => File::open(path),
        result => result,
    }
}

fn sign(file: &mut File) -> io::Result<()> {
    let since = jiff::Timestamp::now();
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "process {} since {since:.0}", std::process::id())
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file
        .rewind()
        .and_then(|()| file.take(200).read_to_string(&mut text));
    match read {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        Ok(_) | Err(_) => "an unknown process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LockError, take_in};

    #[test]
    fn the_second_apply_of_a_project_is_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().expect("a folder");
        let take = |project: &str, say: &mut dyn FnMut(&str)| {
            take_in(
                folder.path(),
                "unix:///x",
                project,
                Duration::from_millis(20),
                say,
            )
        };
        let first = take("shop", &mut |_| panic!("it is free")).expect("it is free");
        let mut said = String::new();
        let error = take("shop", &mut |text| said.push_str(text)).expect_err("it is held");
        let us = format!("process {}", std::process::id());
        assert!(said.contains(&us), "{said}");
        assert!(matches!(error, LockError::Held { ref holder, .. } if holder.starts_with(&us)));
        take("other", &mut |_| panic!("another project does not wait")).expect("it is free");
        drop(first);
        take("shop", &mut |_| panic!("it is free again")).expect("it is free again");
    }
}
