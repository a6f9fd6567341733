//! Where the contents of attachments lie: a folder outside anything that is served, or a bucket of
//! an S3-compatible store. Names are random; what a file is and whose is in the tables only.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Name;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, WriteMultipart};

/// Bytes that one organisation may keep unless configured otherwise.
pub const DEFAULT_QUOTA: i64 = 2 << 30;

/// The store of files. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Depot {
    store: Option<Arc<dyn ObjectStore>>,
    /// Bytes that one organisation may keep.
    pub organisation_quota: i64,
}

/// Why a file could not be kept or given back.
#[derive(Debug, thiserror::Error)]
pub enum DepotError {
    /// There is no place for files.
    #[error("no place for files is configured")]
    Nowhere,
    /// The configuration cannot be used.
    #[error("{0}: {1}")]
    Place(String, String),
    /// The store failed.
    #[error("file store: {0}")]
    Store(#[from] object_store::Error),
}

impl Default for Depot {
    fn default() -> Self {
        Self { store: None, organisation_quota: DEFAULT_QUOTA }
    }
}

impl Depot {
    /// A folder, made for its owner only when it is missing.
    ///
    /// # Errors
    /// When it cannot be made or opened.
    pub fn folder(path: &Path) -> Result<Self, DepotError> {
        let fault = |e: String| DepotError::Place(path.display().to_string(), e);
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(|e| fault(e.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(|e| fault(e.to_string()))?;
        Ok(Self { store: Some(Arc::new(store.with_fsync(true))), ..Self::default() })
    }

    /// A bucket, `s3://bucket/folder`; endpoint, region and keys come from the environment
    /// (`AWS_ENDPOINT`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`).
    ///
    /// # Errors
    /// When the address or the environment cannot be used.
    pub fn bucket(address: &str) -> Result<Self, DepotError> {
        let fault = |e: String| DepotError::Place(address.to_owned(), e);
        let store = AmazonS3Builder::from_env().with_url(address).build();
        let store = store.map_err(|e| fault(e.to_string()))?;
        let inside = address.trim_start_matches("s3://").split_once('/').map_or("", |(_, p)| p);
        let store = PrefixStore::new(store, inside);
        Ok(Self { store: Some(Arc::new(store)), ..Self::default() })
    }

    /// The place that the configuration names: a bucket's address or a folder.
    ///
    /// # Errors
    /// As [`Depot::folder`] and [`Depot::bucket`].
    pub fn at(place: &str) -> Result<Self, DepotError> {
        if place.starts_with("s3://") {
            Self::bucket(place)
        } else {
            Self::folder(Path::new(place))
        }
    }

    fn open(&self) -> Result<&Arc<dyn ObjectStore>, DepotError> {
        self.store.as_ref().ok_or(DepotError::Nowhere)
    }

    /// Keeps a new file. It is there as a whole or not at all.
    ///
    /// # Errors
    /// When there is one of this name, or the store fails.
    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), DepotError> {
        let place = Name::from(name);
        self.open()?.put_opts(&place, bytes.into(), PutMode::Create.into()).await?;
        Ok(())
    }

    /// The content of a file; `None` when there is none of this name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, DepotError> {
        match self.open()?.get(&Name::from(name)).await {
            Ok(found) => Ok(Some(found.bytes().await?.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Some bytes of a file.
    ///
    /// # Errors
    /// When there is none of this name, the range lies behind its end, or the store fails.
    pub async fn part(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, DepotError> {
        Ok(self.open()?.get_range(&Name::from(name), range).await?.to_vec())
    }

    /// Begins a file that is too large to be held as a whole.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin(&self, name: &str) -> Result<Upload, DepotError> {
        let upload = self.open()?.put_multipart(&Name::from(name)).await?;
        Ok(Upload(WriteMultipart::new(upload)))
    }

    /// Drops a file whose row was never written.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drop_unrecorded(&self, name: &str) -> Result<(), DepotError> {
        Ok(self.open()?.delete(&Name::from(name)).await?)
    }

    /// Drops a file that has been kept long enough; one that is gone already is no fault.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drop_expired(&self, name: &str) -> Result<(), DepotError> {
        match self.open()?.delete(&Name::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A file that is written piece by piece. It is there once it is finished, and then as a whole.
#[derive(Debug)]
pub struct Upload(WriteMultipart);

impl Upload {
    /// Pieces on their way at the same time.
    const AT_ONCE: usize = 2;

    /// Adds bytes, waiting while too many are on their way.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), DepotError> {
        self.0.wait_for_capacity(Self::AT_ONCE).await?;
        self.0.write(bytes);
        Ok(())
    }

    /// Makes it a file.
    ///
    /// # Errors
    /// When the store fails; then there is no file.
    pub async fn finish(self) -> Result<(), DepotError> {
        self.0.finish().await?;
        Ok(())
    }

    /// Gives it up.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn abort(self) -> Result<(), DepotError> {
        Ok(self.0.abort().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_kept_once_and_given_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let depot = Depot::folder(&folder.path().join("files")).unwrap();
        depot.put("abc", b"one".to_vec()).await.unwrap();
        assert!(depot.put("abc", b"two".to_vec()).await.is_err(), "never overwritten");
        assert_eq!(depot.get("abc").await.unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(depot.get("abd").await.unwrap(), None);
        let mut upload = depot.begin("long").await.unwrap();
        for piece in [&b"0123"[..], b"4567", b"89"] {
            upload.write(piece).await.unwrap();
        }
        assert_eq!(depot.get("long").await.unwrap(), None, "not before it is finished");
        upload.finish().await.unwrap();
        assert_eq!(depot.part("long", 3..6).await.unwrap(), b"345");
        depot.drop_expired("long").await.unwrap();
        depot.drop_expired("long").await.unwrap();
        assert!(matches!(Depot::default().get("abc").await, Err(DepotError::Nowhere)));
    }

    #[test]
    fn a_bucket_is_named_by_its_address() {
        assert!(Depot::bucket("s3://files/juncai").is_ok());
        assert!(Depot::bucket("s3://").is_err());
    }
}
