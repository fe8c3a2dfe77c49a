//! Hints that a file of the specification may have changed.
//!
//! The folder is watched and never the file: a rename over a file ends a watch of the file for good. Names are not looked
//! at, because a swapped symlink far from the file changes it too. So every event of the folders is a hint, and whoever
//! gets it compares the content. A folder that is replaced falls silent: every [`REARM`] the watches are set anew where a
//! folder is another one than before, which is itself a hint.
//!
//! The system knows a folder by its inode and not by its name: two watches of one folder under two names are one watch,
//! and who ends one of them ends both. So a folder is watched once, whatever it is called.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use notify::{Config, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// How often it is looked whether a watched folder is still the same one: so rarely that it costs nothing, and so often
/// that nobody waits long for it.
pub const REARM: Duration = Duration::from_secs(10);

/// How often `--poll` looks at the files.
const POLL: Duration = Duration::from_secs(2);

/// Watches the folders of some files.
pub struct Files {
    watcher: Box<dyn Watcher + Send>,
    /// The watched folders with what they were when the watch was set.
    folders: BTreeMap<PathBuf, Option<(u64, u64)>>,
}

impl Files {
    /// Begins to watch; each hint is sent. A full queue needs no second hint.
    ///
    /// # Errors
    /// The system gives no watch (a limit on inotify instances): `--poll` does without.
    pub fn new(hints: mpsc::Sender<()>, poll: bool) -> notify::Result<Self> {
        let handler = move |event: notify::Result<notify::Event>| {
            // Reading a file is no change of it; and an error may hide one.
            let hint = event.map_or(true, |event| !matches!(event.kind, EventKind::Access(_)));
            if hint {
                let _ = hints.try_send(());
            }
        };
        let watcher: Box<dyn Watcher + Send> = if poll {
            Box::new(PollWatcher::new(
                handler,
                Config::default()
                    .with_poll_interval(POLL)
                    .with_compare_contents(true),
            )?)
        } else {
            Box::new(RecommendedWatcher::new(handler, Config::default())?)
        };
        Ok(Self {
            watcher,
            folders: BTreeMap::new(),
        })
    }

    /// Watches the folders of these files, and no others. Gives back whether a folder is another one than before.
    pub fn follow<'a>(&mut self, files: impl Iterator<Item = &'a Path>) -> bool {
        let files: Vec<&Path> = files.collect();
        let named = files.iter().flat_map(|file| named(file));
        let real = files.iter().filter_map(|file| real(file));
        let mut wanted: BTreeMap<PathBuf, Option<(u64, u64)>> = BTreeMap::new();
        let mut watched = BTreeSet::new();
        // Those that are named come first: a name may come to mean another folder, which is noticed by that name only.
        for folder in named.chain(real) {
            let identity = identity(&folder);
            if identity.is_none_or(|identity| watched.insert(identity)) {
                wanted.insert(folder, identity);
            }
        }
        let mut changed = false;
        for (folder, was) in &self.folders {
            if wanted.get(folder) != Some(was) {
                let _ = self.watcher.unwatch(folder);
            }
        }
        for (folder, is) in &mut wanted {
            if is.is_some() && self.folders.get(folder) != Some(is) {
                changed |= self.folders.contains_key(folder);
                if let Err(error) = self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                    tracing::warn!(folder = %folder.display(), %error, "cannot watch a folder; its files are looked at every 10 s");
                    *is = None;
                }
            }
        }
        self.folders = wanted;
        changed
    }

    /// Looks whether a watched folder is another one than before.
    pub fn rearm(&mut self) -> bool {
        let moved: Vec<PathBuf> = self
            .folders
            .iter()
            .filter(|(folder, was)| identity(folder) != **was)
            .map(|(folder, _)| folder.clone())
            .collect();
        for folder in &moved {
            let _ = self.watcher.unwatch(folder);
            let now = identity(folder);
            let watched = now.is_some()
                && self
                    .watcher
                    .watch(folder, RecursiveMode::NonRecursive)
                    .is_ok();
            self.folders
                .insert(folder.clone(), if watched { now } else { None });
        }
        !moved.is_empty()
    }
}

/// The folder of a file as it is named, and the file itself if it is a folder.
fn named(file: &Path) -> Vec<PathBuf> {
    // A path that cannot be made absolute is none that anything could be read from either.
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let mut folders: Vec<PathBuf> = file.parent().map(Path::to_owned).into_iter().collect();
    if file.is_dir() {
        folders.push(file);
    }
    folders
}

/// The folder that a file really lies in.
fn real(file: &Path) -> Option<PathBuf> {
    let real = std::fs::canonicalize(file).ok()?;
    real.parent().map(Path::to_owned)
}

/// What a folder is, told by device and inode.
fn identity(folder: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(folder)
        .ok()
        .map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path, time::Duration};

    use tokio::{sync::mpsc, time::timeout};

    use super::Files;

    /// Long enough for the slowest machine; a hint comes within milliseconds.
    const PATIENCE: Duration = Duration::from_secs(30);

    async fn hinted(hints: &mut mpsc::Receiver<()>) {
        timeout(PATIENCE, hints.recv())
            .await
            .expect("no hint in time")
            .expect("the watcher is there");
        tokio::time::sleep(Duration::from_millis(50)).await;
        while hints.try_recv().is_ok() {}
    }

    fn watch(file: &Path) -> (Files, mpsc::Receiver<()>) {
        let (send, hints) = mpsc::channel(16);
        let mut files = Files::new(send, false).expect("a watcher");
        assert!(!files.follow([file].into_iter()));
        (files, hints)
    }

    #[tokio::test]
    async fn every_way_of_changing_a_file_is_a_hint() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("evenkeel.yaml");
        let (_files, mut hints) = watch(&file);
        fs::write(&file, "a").expect("write");
        hinted(&mut hints).await;
        let other = folder.path().join("other");
        fs::write(&other, "b").expect("write");
        hinted(&mut hints).await;
        fs::rename(&other, &file).expect("rename over");
        hinted(&mut hints).await;
        fs::write(&file, "c").expect("write after a rename");
        hinted(&mut hints).await;
        fs::remove_file(&file).expect("remove");
        hinted(&mut hints).await;
    }

    #[tokio::test]
    async fn a_file_behind_a_symlink_is_watched_where_it_lies() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        fs::create_dir(&data).expect("a folder");
        fs::write(data.join("real.yaml"), "a").expect("write");
        let config = folder.path().join("config");
        fs::create_dir(&config).expect("a folder");
        let file = config.join("evenkeel.yaml");
        std::os::unix::fs::symlink(data.join("real.yaml"), &file).expect("a link");
        let (_files, mut hints) = watch(&file);
        fs::write(data.join("real.yaml"), "b").expect("write");
        hinted(&mut hints).await;
    }

    #[tokio::test]
    async fn a_folder_with_two_names_is_watched_on_when_one_of_them_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("inner")).expect("a folder");
        // As a relative path does, this names the folder in another way than the real path of the file.
        let file = folder.path().join("inner/../evenkeel.yaml");
        fs::write(&file, "a").expect("write");
        let (mut files, mut hints) = watch(&file);
        assert_eq!(files.folders.len(), 1, "{:?}", files.folders);
        fs::remove_file(&file).expect("remove");
        hinted(&mut hints).await;
        // The file has no real path any more.
        assert!(!files.follow([file.as_path()].into_iter()));
        fs::write(&file, "b").expect("made again");
        hinted(&mut hints).await;
    }

    #[test]
    fn folders_have_absolute_names() {
        let here = std::env::current_dir().expect("a folder");
        assert_eq!(super::named(Path::new("evenkeel.yaml")), [here]);
    }

    #[tokio::test]
    async fn a_folder_that_was_replaced_is_watched_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).expect("a folder");
        let file = inner.join("evenkeel.yaml");
        let (mut files, mut hints) = watch(&file);
        fs::rename(&inner, folder.path().join("gone")).expect("rename");
        fs::create_dir(&inner).expect("a folder again");
        assert!(files.rearm(), "another folder is a hint");
        assert!(!files.rearm());
        while hints.try_recv().is_ok() {}
        fs::write(&file, "a").expect("write");
        hinted(&mut hints).await;
    }
}
