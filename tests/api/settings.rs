//! Settings: defaults, then a file, then the environment, then flags.

use std::{fs, path::Path};

use crate::support::program::{command, complaint};

/// The setting of that name, as `carnet config` prints it.
#[track_caller]
fn setting(directory: &Path, environment: &[(&str, &str)], flags: &[&str], name: &str) -> String {
    let arguments = [&["config"], flags].concat();
    let output = command(directory, &arguments)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let prefix = format!("{name} = ");
    let line = printed.lines().find_map(|line| line.strip_prefix(&prefix));
    line.unwrap_or_else(|| panic!("no {name} in:\n{printed}"))
        .to_owned()
}

/// Catches a source that wins where another should: each setting, one source after the other.
#[test]
fn each_source_overrides_the_one_before() {
    for (name, variable, flag, values) in [
        (
            "listen",
            "CARNET_LISTEN",
            Some("--listen"),
            ["127.0.0.1:8080", "127.0.0.1:1", "127.0.0.1:2", "[::1]:3"],
        ),
        (
            "data_dir",
            "CARNET_DATA_DIR",
            Some("--data-dir"),
            ["carnet-data", "file", "environment", "flag"],
        ),
        (
            "keys_dir",
            "CARNET_KEYS_DIR",
            Some("--keys-dir"),
            ["carnet-data.keys", "file", "environment", "flag"],
        ),
        (
            "log",
            "CARNET_LOG",
            Some("--log"),
            ["info", "warn", "error", "debug"],
        ),
        (
            "log_format",
            "CARNET_LOG_FORMAT",
            Some("--log-format"),
            ["text", "json", "text", "json"],
        ),
        (
            "actor",
            "CARNET_ACTOR",
            None,
            ["opérateur local", "du fichier", "de l'environnement", ""],
        ),
    ] {
        let [default, in_file, in_environment, in_flag] = values;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let quoted = |value: &str| format!("\"{value}\"");
        assert_eq!(setting(path, &[], &[], name), quoted(default));
        let file = format!("{name} = \"{in_file}\"\n");
        fs::write(path.join("carnet.toml"), &file).unwrap();
        assert_eq!(setting(path, &[], &[], name), quoted(in_file));
        fs::write(
            path.join("other.toml"),
            file.replace(in_file, in_environment),
        )
        .unwrap();
        let named = ["--config", "other.toml"];
        assert_eq!(setting(path, &[], &named, name), quoted(in_environment));
        let environment = [(variable, in_environment)];
        assert_eq!(
            setting(path, &environment, &[], name),
            quoted(in_environment)
        );
        if let Some(flag) = flag {
            let flags = [flag, in_flag];
            assert_eq!(setting(path, &environment, &flags, name), quoted(in_flag));
        }
    }
}

#[test]
fn a_setting_nobody_knows_or_that_does_not_read_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    for file in [
        "lsten = \"127.0.0.1:1\"",
        "listen = \"nowhere\"",
        "listen = 3",
        "listen",
    ] {
        fs::write(path.join("carnet.toml"), file).unwrap();
        let told = complaint(path, &["config"]);
        assert!(
            told.contains("La configuration ne se lit pas"),
            "{file}: {told}"
        );
    }
    let told = complaint(path, &["config", "--config", "missing.toml"]);
    assert!(told.contains("La configuration ne se lit pas"), "{told}");
}

/// Catches keys that a copy of the data would hold, and a default that does not follow the data.
#[test]
fn keys_that_would_lie_with_the_data_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    for data in ["there/data", "there/data/"] {
        let keys = setting(path, &[], &["--data-dir", data], "keys_dir");
        assert_eq!(keys, "\"there/data.keys\"", "{data}");
    }
    let whole = path.canonicalize().unwrap();
    let keys = setting(path, &[], &["--data-dir", "."], "keys_dir");
    assert_eq!(keys, format!("\"{}.keys\"", whole.display()));
    for (data, keys) in [
        ("data", "data"),
        ("data", "data/keys"),
        ("data", "data/log/keys"),
        ("data", "."),
        ("./data", "data/../data/keys"),
    ] {
        let told = complaint(path, &["serve", "--data-dir", data, "--keys-dir", keys]);
        assert!(
            told.contains("doit être à l'écart du répertoire des données"),
            "{keys}: {told}"
        );
    }
    let empty = command(path, &["config"])
        .env("CARNET_KEYS_DIR", "")
        .output();
    let told = String::from_utf8(empty.unwrap().stderr).unwrap();
    assert!(told.contains("Le réglage « keys_dir » est vide"), "{told}");
}

/// Catches tokens and data that the whole network can read.
#[test]
fn listening_beyond_loopback_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    for address in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1"] {
        let told = complaint(directory.path(), &["serve", "--listen", address]);
        let sentence =
            format!("Écouter sur {address} ferait passer jetons et données en clair sur le réseau");
        assert!(told.contains(&sentence), "{told}");
    }
    let output = command(directory.path(), &["serve"])
        .env("CARNET_LISTEN", "0.0.0.0:1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    // It refused before it touched anything.
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

/// Catches settings of which one is nothing without the other, and that are taken all the same.
#[test]
fn settings_that_go_together_are_asked_for_together() {
    let directory = tempfile::tempdir().unwrap();
    for (settings, sentence) in [
        (
            &[("TLS_CERT", "a.pem")][..],
            "« tls_cert » et « tls_key » vont ensemble",
        ),
        (
            &[("TLS_KEY", "a.pem")],
            "« tls_cert » et « tls_key » vont ensemble",
        ),
        (
            &[("OIDC_ISSUER", "https://a.example")],
            "« oidc_issuer » et « oidc_audience » vont ensemble",
        ),
        (
            &[("OIDC_AUDIENCE", "carnet")],
            "« oidc_issuer » et « oidc_audience » vont ensemble",
        ),
        (&[("OIDC_SKEW_SECONDS", "301")], "est de 300 au plus"),
        (
            &[("BEHIND_PROXY", "true"), ("LISTEN", "0.0.0.0:1")],
            "demande le nom sous lequel répondre (réglage « public_host »)",
        ),
        (
            &[("BEHIND_PROXY", "true"), ("PUBLIC_HOST", " , ")],
            "demande le nom sous lequel répondre (réglage « public_host »)",
        ),
        (
            &[
                ("TLS_CERT", "a.pem"),
                ("TLS_KEY", "b.pem"),
                ("LISTEN", "0.0.0.0:1"),
            ],
            "demande le nom sous lequel répondre (réglage « public_host »)",
        ),
    ] {
        let mut command = command(directory.path(), &["config"]);
        for (name, value) in settings {
            command.env(format!("CARNET_{name}"), value);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{settings:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(sentence), "{settings:?}: {told}");
    }
}

#[test]
fn an_address_that_is_taken_is_told_so() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let directory = tempfile::tempdir().unwrap();
    let told = complaint(
        directory.path(),
        &["serve", "--listen", &address, "--data-dir", "data"],
    );
    assert!(
        told.contains(&format!("Le serveur ne peut écouter sur {address}")),
        "{told}"
    );
}
