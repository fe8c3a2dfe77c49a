//! The files that are copied into a container before it starts, as one archive.

use std::io;

use crate::plan::InjectedFile;

/// An archive of files, to be unpacked at `/`. Folders that are missing are made by the engine, and those that are there
/// keep their owner and mode, because the archive does not name them.
pub fn archive(files: &[InjectedFile]) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(file.content.len() as u64);
        header.set_mode(file.mode);
        header.set_uid(file.uid);
        header.set_gid(file.gid);
        // The same file gives the same archive; when it was copied says nothing.
        header.set_mtime(0);
        let path = file.target.trim_start_matches('/');
        archive.append_data(&mut header, path, file.content.as_bytes())?;
    }
    archive.into_inner()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::archive;
    use crate::plan::InjectedFile;

    #[test]
    fn a_file_has_its_path_owner_mode_and_content() {
        let long = format!("/etc/{}/app.conf", "d".repeat(150));
        let files = ["/run/secrets/db", long.as_str()].map(|target| InjectedFile {
            target: target.into(),
            uid: 70,
            gid: 71,
            mode: 0o400,
            content: "hunter2".into(),
        });
        let bytes = archive(&files).expect("packed");
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut seen = Vec::new();
        for entry in archive.entries().expect("entries") {
            let mut entry = entry.expect("an entry");
            let path = entry.path().expect("a path").display().to_string();
            let header = entry.header();
            assert_eq!(
                (header.mode().ok(), header.uid().ok(), header.gid().ok()),
                (Some(0o400), Some(70), Some(71))
            );
            let mut content = String::new();
            entry.read_to_string(&mut content).expect("content");
            assert_eq!(content, "hunter2");
            seen.push(path);
        }
        assert_eq!(seen, ["run/secrets/db", long.trim_start_matches('/')]);
    }

    #[test]
    fn a_path_that_leaves_the_container_is_refused() {
        let file = InjectedFile {
            target: "/../etc/passwd".into(),
            uid: 0,
            gid: 0,
            mode: 0o444,
            content: String::new(),
        };
        assert!(archive(&[file]).is_err());
    }
}
