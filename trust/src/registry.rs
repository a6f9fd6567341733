//! Registries to break: the demonstration is played once, every round gets a copy.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::cluster::Cluster;
use crate::database::{Db, Kind};
use crate::process::{guarded, run};

/// The program under test and where the harness works.
#[derive(Debug, Clone)]
pub struct Bench {
    /// The built binary.
    pub program: PathBuf,
    /// A folder that ends with the harness.
    pub folder: PathBuf,
}

/// A played demonstration, to be copied.
#[derive(Debug)]
pub struct Template {
    bench: Bench,
    kind: Kind,
    folder: PathBuf,
    cluster: Option<Cluster>,
    copies: u32,
}

/// A copy of the demonstration.
#[derive(Debug, Clone)]
pub struct Registry {
    /// Its data folder: key, attachments, and the embedded database if it is that.
    pub data: PathBuf,
    /// The database as the program is told.
    pub url: String,
    /// The embedded database or the server's.
    pub kind: Kind,
    name: String,
}

const DEMO: &str = "demo";

impl Template {
    /// Plays the demonstration into a new registry.
    ///
    /// # Errors
    /// When the program or PostgreSQL does not.
    pub async fn make(bench: &Bench, kind: Kind) -> Outcome<Self> {
        let folder = bench.folder.join(kind.name());
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let cluster = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(Cluster::make(&folder.join("server")).await?),
        };
        let mut template = Self { bench: bench.clone(), kind, folder, cluster, copies: 0 };
        let demo = template.named(DEMO);
        if let Some(cluster) = &mut template.cluster {
            cluster.administer(&[format!("CREATE DATABASE {DEMO}")]).await?;
        }
        run(juncai(&template.bench.program, &demo).args(["demo", "--no-serve"]))?;
        if kind == Kind::Sqlite {
            // The log goes into the file, so that copies begin with one file.
            let db = Db::open(&demo.reading()).await?;
            db.run("PRAGMA wal_checkpoint(TRUNCATE)").await?;
            db.close().await?;
        }
        Ok(template)
    }

    fn named(&self, name: &str) -> Registry {
        let data = self.folder.join(name);
        let url = match &self.cluster {
            Some(cluster) => cluster.url(name),
            None => format!("sqlite://{}", data.join("juncai.db").display()),
        };
        Registry { data, url, kind: self.kind, name: name.to_owned() }
    }

    /// Which database its copies are in.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The data folder that copies are made from.
    pub fn folder_of_demo(&self) -> PathBuf {
        self.folder.join(DEMO)
    }

    /// The program under test.
    pub const fn bench(&self) -> &Bench {
        &self.bench
    }

    /// The server that holds the copies.
    ///
    /// # Errors
    /// When they are in files.
    pub fn cluster(&mut self) -> Outcome<&mut Cluster> {
        self.cluster.as_mut().ok_or_else(|| "this is no server".to_owned())
    }

    /// A fresh copy.
    ///
    /// # Errors
    /// When there is no room for it.
    pub async fn copy(&mut self) -> Outcome<Registry> {
        self.copies += 1;
        let copy = self.named(&format!("copy_{}", self.copies));
        self.copy_to(&copy).await?;
        Ok(copy)
    }

    /// A fresh copy in a folder of the caller's, for the embedded database.
    ///
    /// # Errors
    /// When there is no room for it.
    pub async fn copy_into(&self, data: &Path) -> Outcome<Registry> {
        let url = format!("sqlite://{}", data.join("juncai.db").display());
        let copy = Registry { data: data.to_owned(), url, kind: self.kind, name: String::new() };
        self.copy_to(&copy).await?;
        Ok(copy)
    }

    async fn copy_to(&self, copy: &Registry) -> Outcome<()> {
        run(Command::new("cp").arg("-rT").arg(self.folder.join(DEMO)).arg(&copy.data))?;
        if let Some(cluster) = &self.cluster {
            let name = &copy.name;
            // A crash before the next checkpoint would bring the copy's sequences back to where
            // they were copied: PostgreSQL logs 32 numbers ahead, and the copy believes they were.
            let copied = format!("CREATE DATABASE {name} TEMPLATE {DEMO}");
            cluster.administer(&[copied, "CHECKPOINT".to_owned()]).await?;
        }
        Ok(())
    }

    /// A place without a database that has only the key of another registry.
    ///
    /// # Errors
    /// When there is no room for it.
    pub async fn blank(&mut self, of: &Registry) -> Outcome<Registry> {
        self.copies += 1;
        let blank = self.named(&format!("copy_{}", self.copies));
        std::fs::create_dir_all(&blank.data).map_err(|error| error.to_string())?;
        let key = "master.key";
        let copied = std::fs::copy(of.data.join(key), blank.data.join(key));
        copied.map_err(|error| error.to_string())?;
        if let Some(cluster) = &self.cluster {
            cluster.administer(&[format!("CREATE DATABASE {}", blank.name)]).await?;
        }
        Ok(blank)
    }

    /// Removes a copy that is not needed any more.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn discard(&self, copy: Registry) -> Outcome<()> {
        if let Some(cluster) = &self.cluster {
            let name = &copy.name;
            cluster.administer(&[format!("DROP DATABASE {name} WITH (FORCE)")]).await?;
        }
        std::fs::remove_dir_all(&copy.data).map_err(|error| error.to_string())
    }
}

impl Registry {
    /// The database, to look into while the program runs: the embedded one is only read, so that
    /// closing it never tidies up what a killed program left.
    pub fn reading(&self) -> String {
        match self.kind {
            Kind::Sqlite if self.name != DEMO => format!("{}?mode=ro", self.url),
            _ => self.url.clone(),
        }
    }

    /// Its name on a server.
    pub fn database(&self) -> &str {
        &self.name
    }

    /// The same registry, whose database is reached by another address.
    #[must_use]
    pub fn reached_by(&self, url: String) -> Self {
        Self { url, ..self.clone() }
    }

    /// The verifier of the audit log, on a registry that nobody serves.
    ///
    /// # Errors
    /// What it found.
    pub fn verify_log(&self, program: &Path) -> Outcome<()> {
        run(juncai(program, self).args(["audit", "verify"])).map(drop)
    }
}

/// The program, told of a registry. Put the subcommand behind it.
pub fn juncai(program: &Path, registry: &Registry) -> Command {
    let mut command = guarded(program, &[]);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("JUNCAI_") {
            command.env_remove(name);
        }
    }
    command
        .env("JUNCAI_DATA", &registry.data)
        .env("JUNCAI_DATABASE_URL", &registry.url)
        .env("RUST_LOG", "warn");
    command
}
