//! Configuration: a TOML file, then the environment, then defaults under the data folder.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::access::AccessRules;
use crate::domain::registry::Code;
use crate::telemetry::{LogForm, TelemetryConfig};
use crate::vault::Suite;

/// Where the server keeps its data, its database and its door.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder for the embedded database and the key file (`JUNCAI_DATA`).
    pub data: PathBuf,
    /// Folder or `s3://bucket/folder` for attachments (`JUNCAI_FILES`); `files` in `data` by default.
    pub files: String,
    /// Folder of the signed heads of the log (`JUNCAI_HEADS`); `heads` in `data` by default, none for
    /// `off`.
    pub heads: Option<PathBuf>,
    /// Folder of bank forms and treasury codes of this installation (`JUNCAI_PROFILES`); none by
    /// default.
    pub profiles: Option<PathBuf>,
    /// Megabytes of attachments that one organisation may keep (`JUNCAI_ATTACHMENT_QUOTA_MB`).
    pub attachment_quota_mb: Option<i64>,
    /// `sqlite://…` or `postgres://…` (`JUNCAI_DATABASE_URL`).
    pub database_url: String,
    /// Address to listen on (`JUNCAI_LISTEN`).
    pub listen: SocketAddr,
    /// Address under which the public reaches the site (`JUNCAI_PUBLIC_ADDRESS`), for the QR codes
    /// of certificates; the address to listen on by default, none when that is every one.
    pub public_address: String,
    /// Base64 master key (`JUNCAI_MASTER_KEY`); without it, the file `master.key` in `data`.
    pub master_key: Option<String>,
    /// Algorithms of the keys of a new database (`JUNCAI_CRYPTO_SUITE`: `intl`, `gm`); `juncai key`
    /// changes those of another.
    pub suite: Suite,
    /// Send cookies over HTTPS only (`JUNCAI_SECURE_COOKIES`); off by default on loopback.
    pub secure_cookies: bool,
    /// Reverse proxies whose `X-Forwarded-For` is believed (`JUNCAI_TRUSTED_PROXIES`, separated by
    /// commas); none by default.
    pub trusted_proxies: Vec<IpAddr>,
    /// Offices search the registry before it shows anybody (`JUNCAI_SEARCH_FIRST`); off by default.
    pub search_first: bool,
    /// Mail goes out through this server; off without one.
    pub mail: Option<MailConfig>,
    /// Events may go to endpoints in one's own network, and by http to this machine
    /// (`JUNCAI_WEBHOOK_PRIVATE`); off by default.
    pub webhook_private: bool,
    /// The date can be set (`JUNCAI_TEST_ENVIRONMENT`): only with a database made for that.
    pub test_environment: bool,
    /// Where figures for Prometheus are served (`JUNCAI_METRICS_LISTEN`), apart from the site; nowhere by
    /// default.
    pub metrics_listen: Option<SocketAddr>,
    /// Log and spans (`JUNCAI_LOG`, `JUNCAI_OTLP_ENDPOINT`).
    pub telemetry: TelemetryConfig,
    /// What is asked of those who sign in: `JUNCAI_SECOND_FACTOR` (`required`, `offered`),
    /// `JUNCAI_PASSWORD_PROFILE` (`dengbao3`, `asvs`), `JUNCAI_PASSWORD_DAYS`,
    /// `JUNCAI_IDLE_ACCOUNT_DAYS` and `JUNCAI_REVEALS_A_DAY`; strict by default.
    pub access: AccessRules,
}

/// How mail goes out.
#[derive(Clone)]
pub struct MailConfig {
    /// `smtp://user:password@host:port` or `smtps://…` (`JUNCAI_MAIL_SERVER`).
    pub server: String,
    /// The sender (`JUNCAI_MAIL_FROM`).
    pub from: String,
    /// Address of this site as people open it (`JUNCAI_SITE`): where mails lead.
    pub site: String,
}

impl std::fmt::Debug for MailConfig {
    /// Without the server's address: it may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailConfig").field("from", &self.from).field("site", &self.site).finish()
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read or has an unknown key.
    #[error("configuration file {0}: {1}")]
    File(PathBuf, String),
    /// A value has the wrong form.
    #[error("{0}: {1}")]
    Value(&'static str, String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileConfig {
    data: Option<PathBuf>,
    files: Option<String>,
    heads: Option<String>,
    profiles: Option<PathBuf>,
    attachment_quota_mb: Option<i64>,
    database_url: Option<String>,
    listen: Option<String>,
    public_address: Option<String>,
    secure_cookies: Option<bool>,
    trusted_proxies: Option<Vec<IpAddr>>,
    search_first: Option<bool>,
    mail_server: Option<String>,
    mail_from: Option<String>,
    site: Option<String>,
    webhook_private: Option<bool>,
    test_environment: Option<bool>,
    metrics_listen: Option<String>,
    log: Option<String>,
    crypto_suite: Option<String>,
    otlp_endpoint: Option<String>,
    second_factor: Option<String>,
    password_profile: Option<String>,
    password_days: Option<u32>,
    idle_account_days: Option<u32>,
    reveals_a_day: Option<u32>,
}

/// What the command line may set; it wins over file and environment.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<SocketAddr>,
    /// `--config`: path of the TOML file.
    pub file: Option<PathBuf>,
}

impl Config {
    /// Puts the sources together. `env` looks a variable up.
    ///
    /// # Errors
    /// When the file or a value has the wrong form.
    pub fn load(
        overrides: &Overrides,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let file = match &overrides.file {
            Some(path) => read_file(path)?,
            None => FileConfig::default(),
        };
        let access = access(&env, &file)?;
        let data = overrides
            .data
            .clone()
            .or_else(|| env("JUNCAI_DATA").map(PathBuf::from))
            .or(file.data)
            .unwrap_or_else(|| PathBuf::from("data"));
        let database_url = env("JUNCAI_DATABASE_URL")
            .or(file.database_url)
            .unwrap_or_else(|| format!("sqlite://{}", data.join("juncai.db").display()));
        let files = env("JUNCAI_FILES")
            .or(file.files)
            .unwrap_or_else(|| data.join("files").display().to_string());
        let attachment_quota_mb = quota(&env, file.attachment_quota_mb)?;
        let listen = match (overrides.listen, env("JUNCAI_LISTEN").or(file.listen)) {
            (Some(listen), _) => listen,
            (None, Some(text)) => door("JUNCAI_LISTEN", &text)?,
            (None, None) => SocketAddr::from(([127, 0, 0, 1], 8080)),
        };
        let (metrics_listen, telemetry) =
            telemetry(&env, (file.metrics_listen, file.log, file.otlp_endpoint))?;
        let suite = env("JUNCAI_CRYPTO_SUITE").or(file.crypto_suite);
        let suite = one_of("JUNCAI_CRYPTO_SUITE", suite, Suite::Intl)?;
        let mail = mail(&env, (file.mail_server, file.mail_from, file.site))?;
        let switch = |name, in_file| switch(&env, name, in_file);
        let secure_cookies = switch("JUNCAI_SECURE_COOKIES", file.secure_cookies)?
            .unwrap_or(!listen.ip().is_loopback());
        let search_first = switch("JUNCAI_SEARCH_FIRST", file.search_first)?.unwrap_or(false);
        let webhook_private = switch("JUNCAI_WEBHOOK_PRIVATE", file.webhook_private)?;
        let test_environment = switch("JUNCAI_TEST_ENVIRONMENT", file.test_environment)?;
        let trusted_proxies = match env("JUNCAI_TRUSTED_PROXIES") {
            Some(text) => addresses(&text)?,
            None => file.trusted_proxies.unwrap_or_default(),
        };
        let public_address = match env("JUNCAI_PUBLIC_ADDRESS").or(file.public_address) {
            Some(text) => web_address(&text)?,
            None if listen.ip().is_unspecified() => String::new(),
            None if secure_cookies => format!("https://{listen}"),
            None => format!("http://{listen}"),
        };
        Ok(Self {
            profiles: env("JUNCAI_PROFILES").map(PathBuf::from).or(file.profiles),
            heads: heads(env("JUNCAI_HEADS").or(file.heads), &data),
            public_address,
            search_first,
            mail,
            data,
            files,
            attachment_quota_mb,
            database_url,
            listen,
            trusted_proxies,
            master_key: env("JUNCAI_MASTER_KEY"),
            suite,
            secure_cookies,
            webhook_private: webhook_private.unwrap_or(false),
            test_environment: test_environment.unwrap_or(false),
            metrics_listen,
            telemetry,
            access,
        })
    }
}

impl Config {
    /// Makes the data folder, for its owner only, when it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_data_folder(&self) -> std::io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.data)
    }
}

/// Megabytes that an organisation may keep.
fn quota(
    env: &impl Fn(&str) -> Option<String>,
    in_file: Option<i64>,
) -> Result<Option<i64>, ConfigError> {
    const NAME: &str = "JUNCAI_ATTACHMENT_QUOTA_MB";
    let Some(text) = env(NAME) else { return Ok(in_file) };
    let number = text.parse();
    number.map(Some).map_err(|_| ConfigError::Value(NAME, format!("{text:?} is no number")))
}

/// Where figures are served, and what becomes of log and spans.
fn telemetry(
    env: &impl Fn(&str) -> Option<String>,
    (listen, log, otlp): (Option<String>, Option<String>, Option<String>),
) -> Result<(Option<SocketAddr>, TelemetryConfig), ConfigError> {
    let listen = env("JUNCAI_METRICS_LISTEN").or(listen);
    let listen = listen.map(|text| door("JUNCAI_METRICS_LISTEN", &text)).transpose()?;
    let log = log_form(env("JUNCAI_LOG").or(log).as_deref())?;
    Ok((listen, TelemetryConfig { log, otlp: env("JUNCAI_OTLP_ENDPOINT").or(otlp) }))
}

/// An address to listen on.
fn door(name: &'static str, text: &str) -> Result<SocketAddr, ConfigError> {
    text.parse().map_err(|_| ConfigError::Value(name, format!("{text:?} is no address")))
}

fn log_form(given: Option<&str>) -> Result<LogForm, ConfigError> {
    match given {
        None | Some("text") => Ok(LogForm::Text),
        Some("json") => Ok(LogForm::Json),
        Some(_) => Err(ConfigError::Value("JUNCAI_LOG", "text or json".to_owned())),
    }
}

/// `true` or `false` in a variable, else what the file says.
fn switch(
    env: &impl Fn(&str) -> Option<String>,
    name: &'static str,
    in_file: Option<bool>,
) -> Result<Option<bool>, ConfigError> {
    match env(name) {
        Some(text) => {
            text.parse().map(Some).map_err(|_| ConfigError::Value(name, "true or false".to_owned()))
        }
        None => Ok(in_file),
    }
}

/// One of a closed list by its code.
fn one_of<C: Code>(name: &'static str, given: Option<String>, or: C) -> Result<C, ConfigError> {
    let Some(text) = given else { return Ok(or) };
    let codes = || C::ALL.iter().map(|one| one.code()).collect::<Vec<_>>().join(" or ");
    C::from_code(text.trim()).ok_or_else(|| ConfigError::Value(name, codes()))
}

/// What is asked of those who sign in: the strict rules, but for what is set.
fn access(
    env: &impl Fn(&str) -> Option<String>,
    file: &FileConfig,
) -> Result<AccessRules, ConfigError> {
    let number = |name: &'static str, in_file: Option<u32>, or: u32| match env(name) {
        Some(text) => text
            .trim()
            .parse()
            .map_err(|_| ConfigError::Value(name, format!("{text:?} is no whole number"))),
        None => Ok(in_file.unwrap_or(or)),
    };
    let strict = AccessRules::STRICT;
    let factor = env("JUNCAI_SECOND_FACTOR").or_else(|| file.second_factor.clone());
    let profile = env("JUNCAI_PASSWORD_PROFILE").or_else(|| file.password_profile.clone());
    Ok(AccessRules {
        second_factor: one_of("JUNCAI_SECOND_FACTOR", factor, strict.second_factor)?,
        passwords: one_of("JUNCAI_PASSWORD_PROFILE", profile, strict.passwords)?,
        password_days: number("JUNCAI_PASSWORD_DAYS", file.password_days, strict.password_days)?,
        idle_days: number("JUNCAI_IDLE_ACCOUNT_DAYS", file.idle_account_days, strict.idle_days)?,
        reveals_a_day: number("JUNCAI_REVEALS_A_DAY", file.reveals_a_day, strict.reveals_a_day)?,
    })
}

/// The folder of the heads of the log; `off` is none.
fn heads(given: Option<String>, data: &Path) -> Option<PathBuf> {
    match given.as_deref() {
        Some("off") => None,
        Some(folder) => Some(PathBuf::from(folder)),
        None => Some(data.join("heads")),
    }
}

fn web_address(text: &str) -> Result<String, ConfigError> {
    let trimmed = text.trim().trim_end_matches('/');
    let host = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => {
            Ok(trimmed.to_owned())
        }
        _ => {
            let text = format!("{text:?} does not begin with https:// or http://");
            Err(ConfigError::Value("JUNCAI_PUBLIC_ADDRESS", text))
        }
    }
}

/// The mail server, the sender and the address of the site: all three or none.
fn mail(
    env: &impl Fn(&str) -> Option<String>,
    (server, from, site): (Option<String>, Option<String>, Option<String>),
) -> Result<Option<MailConfig>, ConfigError> {
    let Some(server) = env("JUNCAI_MAIL_SERVER").or(server) else { return Ok(None) };
    let needed = |name: &'static str, value: Option<String>| {
        let value = env(name).or(value);
        value.ok_or(ConfigError::Value(name, "needed with a mail server".to_owned()))
    };
    let (from, site) = (needed("JUNCAI_MAIL_FROM", from)?, needed("JUNCAI_SITE", site)?);
    Ok(Some(MailConfig { server, from, site }))
}

fn addresses(text: &str) -> Result<Vec<IpAddr>, ConfigError> {
    let given = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let fault = |part: &str| {
        ConfigError::Value("JUNCAI_TRUSTED_PROXIES", format!("{part:?} is no address"))
    };
    given.map(|part| part.parse().map_err(|_| fault(part))).collect()
}

fn read_file(path: &Path) -> Result<FileConfig, ConfigError> {
    let fault = |e: String| ConfigError::File(path.to_owned(), e);
    let text = std::fs::read_to_string(path).map_err(|e| fault(e.to_string()))?;
    toml::from_str(&text).map_err(|e| fault(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::password::Profile;
    use crate::domain::second_factor::SecondFactorRule;

    fn loaded(set: &[(&str, &str)]) -> Result<AccessRules, ConfigError> {
        let env = |name: &str| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Config::load(&Overrides::default(), env).map(|config| config.access)
    }

    #[test]
    fn a_server_is_strict_unless_it_is_told_otherwise() {
        assert_eq!(loaded(&[]).unwrap(), AccessRules::STRICT);
        let set = [
            ("JUNCAI_SECOND_FACTOR", "offered"),
            ("JUNCAI_PASSWORD_PROFILE", "asvs"),
            ("JUNCAI_PASSWORD_DAYS", "0"),
            ("JUNCAI_IDLE_ACCOUNT_DAYS", "180"),
            ("JUNCAI_REVEALS_A_DAY", "10"),
        ];
        let expected = AccessRules {
            second_factor: SecondFactorRule::Offered,
            passwords: Profile::Asvs,
            password_days: 0,
            idle_days: 180,
            reveals_a_day: 10,
        };
        assert_eq!(loaded(&set).unwrap(), expected);
        for (name, value) in [
            ("JUNCAI_SECOND_FACTOR", "no"),
            ("JUNCAI_PASSWORD_DAYS", "-1"),
            ("JUNCAI_REVEALS_A_DAY", ""),
        ] {
            assert!(loaded(&[(name, value)]).is_err(), "{name}={value}");
        }
    }
}
