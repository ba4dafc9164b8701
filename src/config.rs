//! Settings: one struct, filled from defaults, then a file, then `CARNET_...` variables, then
//! flags; the last one wins.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::limits::{
    CALLER_SOCKETS_MAX, COST_PER_MINUTE, FREE_MIB, HEARTBEAT_SECONDS, HEARTBEAT_SECONDS_RANGE,
    OIDC_SKEW_SECONDS_MAX, SOCKETS_MAX,
};

/// The file that is read when none is named, if it is there.
const FILE: &str = "carnet.toml";

/// Every setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on; beyond loopback, under TLS or behind what does it.
    pub listen: SocketAddr,
    /// The names it answers to beside those of its own machine, with commas between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_host: Option<String>,
    /// The certificates it shows, in PEM: its own, then those of its authorities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_cert: Option<PathBuf>,
    /// The key of its certificate, in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,
    /// Whether another program, before it, does TLS.
    pub behind_proxy: bool,
    /// Directory of the log and of the read models.
    pub data_dir: PathBuf,
    /// Whether the log is kept in two copies.
    pub mirror: bool,
    /// Directory of the second copy; in the data directory where none is named.
    pub mirror_dir: Option<PathBuf>,
    /// The log takes no writes while the disk of one of its copies has less room, in MiB.
    pub free_mib: u64,
    /// Directory of the keys that personal data is sealed with; beside the data unless told, its
    /// name followed by `.keys`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys_dir: Option<PathBuf>,
    /// Who acts, until there are accounts.
    pub actor: String,
    /// The identity provider whose tokens are taken, as it names itself: its `issuer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc_issuer: Option<String>,
    /// Whom its tokens are for: this program, as it names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc_audience: Option<String>,
    /// By how much its clock may differ from ours, in seconds.
    pub oidc_skew_seconds: u32,
    /// Whether the first run makes a token for the administrator.
    pub first_token: bool,
    /// What a caller may spend in a minute, in units of cost; 0 for as much as it likes.
    pub cost_per_minute: u32,
    /// How many seconds lie between two heartbeats of what is followed.
    pub heartbeat_seconds: u32,
    /// The most connections that follow at once.
    pub sockets: u32,
    /// The most of one caller.
    pub sockets_per_caller: u32,
    /// Directory of the documents that are known beforehand, and asked for by their hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_documents: Option<PathBuf>,
    /// Who may ask for these only.
    pub trusted_only: TrustedOnly,
    /// The collector that traces of operations are handed to, over OTLP; none where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otlp_endpoint: Option<String>,
    /// Which messages are logged, in `tracing`'s filter syntax.
    pub log: String,
    /// How messages are logged.
    pub log_format: LogFormat,
}

/// How messages are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Who may send no document but those that are known beforehand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrustedOnly {
    /// Nobody: any document may be sent.
    #[default]
    None,
    /// Whoever shows no token.
    Strangers,
    /// Everybody, administrators as well.
    All,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_host: None,
            tls_cert: None,
            tls_key: None,
            behind_proxy: false,
            data_dir: PathBuf::from("carnet-data"),
            mirror: true,
            mirror_dir: None,
            free_mib: FREE_MIB,
            keys_dir: None,
            actor: "opérateur local".to_owned(),
            oidc_issuer: None,
            oidc_audience: None,
            oidc_skew_seconds: 60,
            first_token: true,
            cost_per_minute: COST_PER_MINUTE,
            heartbeat_seconds: HEARTBEAT_SECONDS,
            sockets: SOCKETS_MAX,
            sockets_per_caller: CALLER_SOCKETS_MAX,
            trusted_documents: None,
            trusted_only: TrustedOnly::None,
            otlp_endpoint: None,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
        }
    }
}

/// What each setting means, in the order of the struct.
pub const MEANINGS: &[(&str, &str)] = &[
    (
        "listen",
        "adresse et port d'écoute ; hors de la boucle locale, sous TLS seulement",
    ),
    (
        "public_host",
        "noms sous lesquels répondre, hors de la boucle locale, séparés par des virgules",
    ),
    (
        "tls_cert",
        "certificat à présenter, en PEM : le sien, puis ceux des autorités intermédiaires",
    ),
    ("tls_key", "clé de ce certificat, en PEM"),
    (
        "behind_proxy",
        "un autre programme, devant carnet, assure TLS : true ou false",
    ),
    ("data_dir", "répertoire du journal et des vues de lecture"),
    (
        "mirror",
        "tenir le journal en double : true ou false (déconseillé)",
    ),
    (
        "mirror_dir",
        "répertoire de la seconde copie, de préférence sur un autre disque",
    ),
    (
        "free_mib",
        "place libre sous laquelle le journal ne s'écrit plus, en Mio",
    ),
    (
        "keys_dir",
        "répertoire des clés des données personnelles, à l'écart du précédent",
    ),
    ("actor", "qui inscrit, tant qu'il n'y a pas de comptes"),
    (
        "oidc_issuer",
        "fournisseur d'identité (OpenID Connect) dont les jetons valent ici : son « issuer »",
    ),
    (
        "oidc_audience",
        "à qui s'adressent ses jetons : l'identifiant de ce service chez lui",
    ),
    (
        "oidc_skew_seconds",
        "écart toléré entre son horloge et celle d'ici, en secondes (300 au plus)",
    ),
    (
        "first_token",
        "délivrer un jeton d'administrateur au premier démarrage : true ou false",
    ),
    (
        "cost_per_minute",
        "coût des demandes accordé par minute à qui s'identifie ; 0 : sans limite",
    ),
    (
        "heartbeat_seconds",
        "secondes entre deux signes de vie aux abonnements ; un client muet ce temps-là est quitté",
    ),
    (
        "sockets",
        "connexions d'abonnement ouvertes à la fois, au plus",
    ),
    (
        "sockets_per_caller",
        "connexions d'abonnement d'un même jeton ou compte, au plus",
    ),
    (
        "trusted_documents",
        "répertoire des documents GraphQL de confiance, demandés par leur empreinte",
    ),
    (
        "trusted_only",
        "qui ne peut demander que ceux-là : none (personne), strangers (sans jeton) ou all (tous)",
    ),
    (
        "otlp_endpoint",
        "collecteur OpenTelemetry qui reçoit une trace de chaque opération (OTLP, HTTP)",
    ),
    ("log", "messages journalisés, en syntaxe de filtre tracing"),
    ("log_format", "forme des messages : text ou json"),
];

/// Settings given on the command line.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Réglages")]
pub struct Flags {
    /// Fichier de configuration (sinon carnet.toml, s'il existe)
    #[arg(long, global = true, value_name = "FICHIER")]
    config: Option<PathBuf>,
    /// Adresse et port d'écoute
    #[arg(long, global = true, value_name = "ADRESSE:PORT")]
    listen: Option<SocketAddr>,
    /// Répertoire du journal et des vues de lecture
    #[arg(long, global = true, value_name = "RÉPERTOIRE")]
    data_dir: Option<PathBuf>,
    /// Répertoire des clés des données personnelles
    #[arg(long, global = true, value_name = "RÉPERTOIRE")]
    keys_dir: Option<PathBuf>,
    /// Messages journalisés, en syntaxe de filtre tracing
    #[arg(long, global = true, value_name = "FILTRE")]
    log: Option<String>,
    /// Forme des messages : text (pour les personnes) ou json (pour les programmes)
    #[arg(long, global = true, value_name = "FORME", hide_possible_values = true)]
    log_format: Option<LogFormat>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file or variable does not read.
    #[error("La configuration ne se lit pas : {0}")]
    Unreadable(#[from] config::ConfigError),
    /// No directory.
    #[error("Le réglage « data_dir » est vide : il faut un répertoire.")]
    NoDataDir,
    /// No directory of the keys can be told from that of the data.
    #[error("Le réglage « keys_dir » est vide : il faut un répertoire.")]
    NoKeysDir,
    /// The keys would lie with the data.
    #[error(
        "Le répertoire des clés ({0}) doit être à l'écart du répertoire des données, ni dedans ni \
         autour : une copie des données ne doit contenir aucune clé (réglage « keys_dir »)."
    )]
    KeysWithData(String),
    /// A provider, or whom its tokens are for, and not both.
    #[error("Les réglages « oidc_issuer » et « oidc_audience » vont ensemble.")]
    HalfProvider,
    /// Only trusted documents, of which there are none.
    #[error(
        "Le réglage « trusted_only » demande des documents de confiance : dites où ils sont (réglage \
         « trusted_documents »)."
    )]
    NothingTrusted,
    /// Heartbeats that are too rare, or too many.
    #[error(
        "Le réglage « heartbeat_seconds » va de {} à {}.",
        HEARTBEAT_SECONDS_RANGE.start(),
        HEARTBEAT_SECONDS_RANGE.end()
    )]
    Heartbeat,
    /// A clock that differs by too much.
    #[error("Le réglage « oidc_skew_seconds » est de {OIDC_SKEW_SECONDS_MAX} au plus.")]
    Skew,
    /// Beyond loopback.
    #[error(
        "Écouter sur {0} ferait passer jetons et données en clair sur le réseau : il y faut un \
         certificat (réglages « tls_cert » et « tls_key »), ou un programme qui assure TLS devant \
         carnet (réglage « behind_proxy »)."
    )]
    NotLoopback(SocketAddr),
    /// Beyond loopback, under no name.
    #[error(
        "Écouter sur {0} demande le nom sous lequel répondre (réglage « public_host ») : sans lui, \
         une page d'ailleurs pourrait se faire passer pour carnet."
    )]
    NoPublicHost(SocketAddr),
    /// A certificate without a key, or the other way round.
    #[error("Les réglages « tls_cert » et « tls_key » vont ensemble.")]
    HalfTls,
}

impl Config {
    /// The settings in force.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let mut builder =
            config::Config::builder().add_source(config::Config::try_from(&Self::default())?);
        builder = match &flags.config {
            Some(path) => builder.add_source(config::File::from(path.as_path())),
            None => builder.add_source(config::File::from(Path::new(FILE)).required(false)),
        };
        for (name, _) in MEANINGS {
            // Only variables of settings: others of that prefix may be anybody's.
            let variable = std::env::var(format!("CARNET_{}", name.to_uppercase())).ok();
            builder = builder.set_override_option(*name, variable)?;
        }
        let mut config: Self = builder.build()?.try_deserialize()?;
        if let Some(listen) = flags.listen {
            config.listen = listen;
        }
        if let Some(data_dir) = &flags.data_dir {
            config.data_dir.clone_from(data_dir);
        }
        if let Some(keys_dir) = &flags.keys_dir {
            config.keys_dir = Some(keys_dir.clone());
        }
        if let Some(log) = &flags.log {
            config.log.clone_from(log);
        }
        if let Some(log_format) = flags.log_format {
            config.log_format = log_format;
        }
        if config.data_dir.as_os_str().is_empty() {
            return Err(ConfigError::NoDataDir);
        }
        config.keys_dir = Some(config.keys_apart()?);
        if config.oidc_issuer.is_some() != config.oidc_audience.is_some() {
            return Err(ConfigError::HalfProvider);
        }
        if config.trusted_only != TrustedOnly::None && config.trusted_documents.is_none() {
            return Err(ConfigError::NothingTrusted);
        }
        if config.oidc_skew_seconds > OIDC_SKEW_SECONDS_MAX {
            return Err(ConfigError::Skew);
        }
        if !HEARTBEAT_SECONDS_RANGE.contains(&config.heartbeat_seconds) {
            return Err(ConfigError::Heartbeat);
        }
        config.check_listening()?;
        Ok(config)
    }

    /// Refuses to listen where others could listen in.
    fn check_listening(&self) -> Result<(), ConfigError> {
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            return Err(ConfigError::HalfTls);
        }
        if self.is_local() {
            return Ok(());
        }
        if self.tls_cert.is_none() && !self.behind_proxy {
            return Err(ConfigError::NotLoopback(self.listen));
        }
        if self.public_hosts().is_empty() {
            return Err(ConfigError::NoPublicHost(self.listen));
        }
        Ok(())
    }

    /// Whether only this very machine reaches it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.listen.ip().is_loopback() && !self.behind_proxy
    }

    /// The names it answers to beside those of its own machine.
    #[must_use]
    pub fn public_hosts(&self) -> Vec<String> {
        let names = self.public_host.as_deref().unwrap_or_default().split(',');
        let names = names.map(str::trim).filter(|name| !name.is_empty());
        names.map(ToOwned::to_owned).collect()
    }

    /// The directory of the log's first copy.
    #[must_use]
    pub fn log_dir(&self) -> PathBuf {
        self.data_dir.join("log")
    }

    /// The directory of its second copy, if there is to be one.
    #[must_use]
    pub fn mirror_dir(&self) -> Option<PathBuf> {
        self.mirror.then(|| self.place_of_mirror())
    }

    /// Where that would be, if there is to be none.
    #[must_use]
    pub fn unused_mirror_dir(&self) -> Option<PathBuf> {
        (!self.mirror).then(|| self.place_of_mirror())
    }

    fn place_of_mirror(&self) -> PathBuf {
        let elsewhere = self.mirror_dir.clone();
        elsewhere.unwrap_or_else(|| self.data_dir.join("mirror"))
    }

    /// The keys' directory.
    #[must_use]
    pub fn keys_dir(&self) -> PathBuf {
        self.keys_dir.clone().unwrap_or_else(|| {
            let whole = std::path::absolute(&self.data_dir);
            let named = |path: &Path| path.file_name().map(ToOwned::to_owned);
            let (path, name) = match (named(&self.data_dir), whole) {
                (Some(name), _) => (self.data_dir.clone(), name),
                (None, Ok(whole)) => (whole.clone(), named(&whole).unwrap_or_default()),
                (None, Err(_)) => return PathBuf::new(),
            };
            let mut keys = name;
            keys.push(".keys");
            path.with_file_name(keys)
        })
    }

    /// The keys' directory, checked to be no part of the data, nor the data of it, as far as the
    /// names tell; opening it looks at what they stand for.
    fn keys_apart(&self) -> Result<PathBuf, ConfigError> {
        let keys = self.keys_dir();
        if keys.as_os_str().is_empty() {
            return Err(ConfigError::NoKeysDir);
        }
        let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (whole_keys, data) = (whole(&keys), whole(&self.data_dir));
        let mirror = whole(&self.place_of_mirror());
        let within = |other: &Path| whole_keys.starts_with(other) || other.starts_with(&whole_keys);
        if within(&data) || within(&mirror) {
            return Err(ConfigError::KeysWithData(keys.display().to_string()));
        }
        Ok(keys)
    }

    /// The read models' database.
    #[must_use]
    pub fn read_models(&self) -> PathBuf {
        self.data_dir.join("read.sqlite")
    }
}
