//! A real disk that fills up: what was acknowledged stays, what cannot be written is told, who
//! only asks is served, and writing goes on once there is room.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    files::{self, LAUNCH, launching, lines, until, whole},
    support::{
        carnet::number,
        program::{Program, command, complaint, printed},
        socket::Socket,
    },
};

/// Says that the test runs with mounts of its own.
const OWN_MOUNTS: &str = "CARNET_OWN_MOUNTS";
const MIB: u64 = 1024 * 1024;

/// A file system of 60 MiB.
struct Disk {
    directory: TempDir,
    /// Where temporary files go, elsewhere.
    temporary: TempDir,
}

/// Runs `body` on a small disk, in a process of its own whose mounts nobody else sees: they are
/// gone with it, however it ends.
fn on_a_small_disk<F: Future<Output = ()>>(test: &str, body: impl FnOnce(Disk) -> F) {
    if std::env::var_os(OWN_MOUNTS).is_some() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        return runtime.block_on(body(Disk::mount()));
    }
    let ways: [&[&str]; 2] = [&["--user", "--map-root-user", "--mount"], &["--mount"]];
    let way = ways.into_iter().find(|way| {
        let tried = Command::new("unshare").args(*way).arg("true").output();
        tried.is_ok_and(|output| output.status.success())
    });
    let Some(way) = way else {
        panic!(
            "this test mounts a small disk: it needs Linux with unshare(1), and root or the right \
             to make user namespaces (sysctl kernel.unprivileged_userns_clone=1)"
        )
    };
    let output = Command::new("unshare")
        .args(way)
        .arg(std::env::current_exe().unwrap())
        .args([&format!("disk::{test}"), "--exact", "--nocapture"])
        .env(OWN_MOUNTS, "1")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{errors}");
    assert!(told.contains("1 passed"), "{told}\n{errors}");
}

impl Disk {
    fn mount() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=60m", "carnet"])
            .arg(directory.path())
            .status()
            .unwrap();
        assert!(mounted.success(), "no small disk could be mounted");
        Self {
            directory,
            temporary: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn free(&self) -> u64 {
        let space = rustix::fs::statvfs(self.path()).unwrap();
        space.f_bavail * space.f_frsize
    }

    /// Fills it until no more than that is free.
    fn fill(&self, leave: u64) {
        let path = self.path().join("ballast");
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        while self.free() > leave {
            let some = (self.free() - leave).min(MIB);
            let zeros = vec![0; usize::try_from(some).unwrap()];
            file.write_all(&zeros).unwrap();
        }
    }

    /// Makes room.
    fn clear(&self) {
        fs::remove_file(self.path().join("ballast")).unwrap();
    }

    fn serve(&self, free_mib: &str) -> Program {
        self.serve_from(self.path(), free_mib, None)
    }

    /// Serves the data of a place, its second copy elsewhere.
    fn serve_from(&self, place: &Path, free_mib: &str, mirror: Option<&Path>) -> Program {
        let arguments = ["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"];
        let mut command = command(place, &arguments);
        if let Some(mirror) = mirror {
            command.env("CARNET_MIRROR_DIR", mirror);
        }
        command.env_remove("CARNET_FIRST_TOKEN");
        command.env("CARNET_FREE_MIB", free_mib);
        command.env("TMPDIR", self.temporary.path());
        Program::served(command)
    }

    /// The read models that were built elsewhere.
    fn refuges(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.temporary.path()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _gone_with_the_process = Command::new("umount")
            .arg("--lazy")
            .arg(self.directory.path())
            .status();
    }
}

async fn health(program: &Program, page: &str) -> Value {
    serde_json::from_str(&program.page(page).await).unwrap()
}

async fn head(program: &Program) -> u64 {
    number(&program.data("{ position }", None).await["position"])
}

/// A socket of who has the first token.
async fn socket_of(program: &Program) -> Socket {
    let mut socket = Socket::silent(program.address).await;
    let shown = format!("Bearer {}", program.token);
    socket.initialise(&json!({ "authorization": shown })).await;
    socket
}

/// Where the `n`th launch stands: after the first token.
fn place_of(n: u64) -> u64 {
    n + 1
}

/// Carries the `n`th launch out; answers its position.
async fn launched(program: &Program, n: u64) -> u64 {
    let answer = program.answer(LAUNCH, launching(n, 100)).await;
    let launched = &answer["data"]["launchExperiment"];
    assert_eq!(launched["userErrors"], json!([]), "{answer}");
    number(&launched["position"])
}

/// That the `n`th launch is refused for want of room, in French; and everybody is told.
async fn refused(program: &Program, n: u64) {
    let answer = program.answer(LAUNCH, launching(n, 100)).await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "LOG_READ_ONLY", "{answer}");
    let told = error["message"].as_str().unwrap();
    assert!(told.contains("n'accepte plus d'inscriptions"), "{told}");
    for page in ["/health", "/health/live", "/health/ready"] {
        let health = health(program, page).await;
        assert_eq!(health["readOnly"], true, "{health}");
        let why = health["readOnlyReason"].as_str().unwrap();
        assert!(!why.is_empty(), "{health}");
    }
    let metrics = program.page("/metrics").await;
    assert!(metrics.contains("carnet_log_read_only 1\n"), "{metrics}");
}

/// Waits until writes are taken again; nobody has to ask for any.
async fn resumed(program: &Program) {
    until("room to write", || async {
        health(program, "/health").await["readOnly"] == false
    })
    .await;
    assert_eq!(
        health(program, "/health").await["readOnlyReason"],
        Value::Null
    );
    let metrics = program.page("/metrics").await;
    assert!(metrics.contains("carnet_log_read_only 0\n"), "{metrics}");
}

/// Catches: a server that writes until the disk is full, forgets what it refused, or must be
/// started again to write; a subscription that is cut meanwhile.
#[test]
fn with_little_room_left_it_only_reads_and_goes_on_when_there_is_more() {
    let test = "with_little_room_left_it_only_reads_and_goes_on_when_there_is_more";
    on_a_small_disk(test, |disk| async move {
        let program = disk.serve("8");
        for n in 1..=3 {
            assert_eq!(launched(&program, n).await, place_of(n));
        }
        let mut socket = socket_of(&program).await;
        socket.follow("a", place_of(2)).await;
        assert_eq!(socket.position("a").await, place_of(3));
        disk.fill(4 * MIB);
        refused(&program, 4).await;
        refused(&program, 5).await;
        let told = health(&program, "/health").await["readOnlyReason"].to_string();
        assert!(told.contains("il ne reste que 4 Mio"), "{told}");
        assert_eq!(head(&program).await, place_of(3));
        // Who begins to ask now is served as well.
        let mut late = socket_of(&program).await;
        late.follow("b", place_of(0)).await;
        for n in 1..=3 {
            assert_eq!(late.position("b").await, place_of(n));
        }
        disk.clear();
        resumed(&program).await;
        for _ in 0..2 {
            assert_eq!(launched(&program, 4).await, place_of(4));
        }
        assert_eq!(head(&program).await, place_of(4));
        assert_eq!(socket.position("a").await, place_of(4));
        assert_eq!(late.position("b").await, place_of(4));
        program.stop();
        whole(disk.path(), "data");
        assert_eq!(lines(disk.path(), "data").len(), 5);
    });
}

/// Catches: a server that does not start on a full disk, or starts and cannot go on.
#[test]
fn it_starts_on_a_full_disk_whatever_became_of_the_read_models() {
    let test = "it_starts_on_a_full_disk_whatever_became_of_the_read_models";
    on_a_small_disk(test, |disk| async move {
        let mut written = 0;
        let gone: [&[&str]; 4] = [
            &[],
            &["read.sqlite-wal", "read.sqlite-shm"],
            &["read.sqlite-shm"],
            &["read.sqlite", "read.sqlite-wal", "read.sqlite-shm"],
        ];
        for gone in gone {
            let program = disk.serve("8");
            for _ in 0..3 {
                written += 1;
                assert_eq!(launched(&program, written).await, place_of(written));
            }
            disk.fill(0);
            refused(&program, written + 1).await;
            // Killed, not stopped.
            drop(program);
            for name in gone {
                fs::remove_file(disk.path().join("data").join(name)).unwrap();
            }
            disk.fill(0);
            assert_eq!(disk.free(), 0);

            let program = disk.serve("8");
            until("the read models", || async {
                head(&program).await == place_of(written)
            })
            .await;
            refused(&program, written + 1).await;
            let refuges = disk.refuges();
            assert!(refuges.len() <= 1, "{gone:?}: {refuges:?}");
            assert!(!refuges.is_empty() || gone.is_empty(), "{gone:?}");
            for refuge in &refuges {
                let mode = fs::metadata(refuge).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o700, "{}", refuge.display());
            }
            disk.clear();
            resumed(&program).await;
            written += 1;
            assert_eq!(launched(&program, written).await, place_of(written));
            assert_eq!(head(&program).await, place_of(written));
            program.stop();
            assert_eq!(disk.refuges(), Vec::<PathBuf>::new(), "{gone:?}");
            whole(disk.path(), "data");
        }
    });
}

/// Catches: something lost, doubled or falsely promised where the write itself fails.
#[test]
fn a_write_that_fails_is_refused_and_taken_later() {
    let test = "a_write_that_fails_is_refused_and_taken_later";
    on_a_small_disk(test, |disk| async move {
        let program = disk.serve("0");
        assert_eq!(launched(&program, 1).await, place_of(1));
        let mut n = 1;
        for _ in 0..2 {
            disk.fill(256 * 1024);
            let code = loop {
                n += 1;
                let answer = program.answer(LAUNCH, launching(n, 4_000)).await;
                let launched = &answer["data"]["launchExperiment"]["position"];
                if launched.is_null() {
                    break answer["errors"][0]["extensions"]["code"].clone();
                }
                assert_eq!(number(launched), place_of(n), "{answer}");
            };
            assert_eq!(code, "LOG_READ_ONLY");
            assert_eq!(health(&program, "/health").await["readOnly"], true);
            assert!(head(&program).await < place_of(n));
            disk.clear();
            resumed(&program).await;
            for _ in 0..2 {
                let answer = program.answer(LAUNCH, launching(n, 4_000)).await;
                let launched = &answer["data"]["launchExperiment"]["position"];
                assert_eq!(number(launched), place_of(n), "{answer}");
            }
        }
        program.stop();
        whole(disk.path(), "data");
        let all = lines(disk.path(), "data");
        assert_eq!(all.len() as u64, place_of(n));
        let verified = printed(disk.path(), &["log", "verify", "--data-dir", "data"]);
        assert!(
            verified.contains(&format!("{} événements lus", place_of(n))),
            "{verified}"
        );
    });
}

/// Catches: a second copy whose disk is full that is left behind, or a first copy that goes on
/// without it.
#[test]
fn a_mirror_on_a_full_disk_holds_up_both_copies() {
    let test = "a_mirror_on_a_full_disk_holds_up_both_copies";
    on_a_small_disk(test, |disk| async move {
        let place = tempfile::tempdir().unwrap();
        let mirror = disk.path().join("miroir");
        let settings = format!("mirror_dir = \"{}\"", mirror.display());
        fs::write(place.path().join("carnet.toml"), settings).unwrap();
        let mut n = 0;
        for free_mib in ["0", "8"] {
            let program = disk.serve_from(place.path(), free_mib, Some(&mirror));
            disk.fill(0);
            loop {
                n += 1;
                let answer = program.answer(LAUNCH, launching(n, 4_000)).await;
                if answer["data"]["launchExperiment"]["position"].is_null() {
                    break;
                }
            }
            refused(&program, n + 1).await;
            disk.clear();
            resumed(&program).await;
            assert_eq!(launched_again(&program, n).await, place_of(n));
            program.stop();
            whole(place.path(), "data");
            assert_eq!(lines(place.path(), "data").len() as u64, place_of(n));
        }
    });
}

async fn launched_again(program: &Program, n: u64) -> u64 {
    let answer = program.answer(LAUNCH, launching(n, 4_000)).await;
    number(&answer["data"]["launchExperiment"]["position"])
}

/// Catches: a backup or an import that found no room and is never whole again.
#[test]
fn what_finds_no_room_is_completed_once_there_is() {
    let test = "what_finds_no_room_is_completed_once_there_is";
    on_a_small_disk(test, |disk| async move {
        let place = tempfile::tempdir().unwrap();
        let arguments = ["generate", "--experiments", "300", "--data-dir", "data"];
        printed(place.path(), &arguments);
        let was = files::head(place.path(), "data");
        for (n, leave) in [0, 200 * 1024, MIB, 3 * MIB].into_iter().enumerate() {
            let to = |what: &str| {
                let path = disk.path().join(format!("{what}-{n}"));
                path.to_str().unwrap().to_owned()
            };
            let (sauve, neuf) = (to("sauve"), to("neuf"));
            let backup = ["backup", &sauve, "--data-dir", "data"];
            let import = ["log", "import", "data/mirror", "--data-dir", &neuf];
            disk.fill(leave);
            if leave < 2 * MIB {
                let told = complaint(place.path(), &backup);
                assert!(!told.contains("panicked"), "{leave}: {told}");
            }
            let told = complaint(place.path(), &import);
            assert!(!told.contains("panicked at src/"), "{leave}: {told}");
            disk.clear();
            printed(place.path(), &backup);
            printed(place.path(), &import);
            assert_eq!(files::head(place.path(), &neuf), was, "{leave}");
            whole(place.path(), &neuf);
            fs::remove_dir_all(&neuf).unwrap();
            printed(place.path(), &["restore", &sauve, "--data-dir", &neuf]);
            assert_eq!(files::head(place.path(), &neuf), was, "{leave}");
            fs::remove_dir_all(&neuf).unwrap();
            fs::remove_dir_all(&sauve).unwrap();
        }
    });
}
