//! the power fails. What a month writes is recorded, and for many moments the files are
//! rebuilt as a disk may hold them then: everything that was synced, and of the rest some, whole or
//! in pieces. Each must open, be whole and hold every step that was answered for by then.

use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::database::Db;
use crate::month::Month;
use crate::registry::{Registry, Template};
use crate::report::Finding;
use crate::seed::Chance;
use crate::server::Server;
use crate::writes::{Files, Recorded, read_calls};

/// Every so many images, the program itself goes on from one.
const CONTINUED_EVERY: usize = 100;

/// A recorded month.
struct Played {
    month: Month,
    base: Files,
    recorded: Vec<Recorded>,
}

/// Tries `wanted` images.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: usize) -> Outcome<Finding> {
    let played = play(template, seed).await?;
    let mut chance = Chance::new(seed, "power cut");
    let ends = u64::try_from(played.recorded.len()).unwrap_or(0) + 1;
    let mut cuts: Vec<usize> =
        (0..wanted).map(|_| usize::try_from(chance.below(ends)).unwrap_or(0)).collect();
    cuts.sort_unstable();
    let place = image_folder(template.bench().folder.as_path())?;
    let image = template.copy_into(place.path()).await?;
    let mut finding = Finding::new(Vec::new());
    let (mut torn, mut partial, mut continued) = (0, 0, 0);
    let mut disk = played.base.clone();
    let mut done = 0;
    for (number, cut) in cuts.iter().copied().enumerate() {
        disk.advance(&played.recorded, cut);
        let how = disk.write_image(&played.recorded, cut, &mut chance, &image.data)?;
        torn += usize::from(how.torn);
        partial += usize::from(how.partial);
        let at = played.recorded.get(cut).map_or(f64::INFINITY, |next| next.at);
        let mut faults = examine(&played.month, &image, at).await?;
        if (number + 1) % CONTINUED_EVERY == 0 && faults.is_empty() {
            continued += 1;
            faults.extend(go_on(template, &played.month, &image).await?);
        }
        done += 1;
        for fault in faults {
            finding.fault(format!("image {number}, cut at call {cut}: {fault}"));
        }
        if finding.faults().len() > 20 {
            break;
        }
    }
    finding.figure("images", done);
    finding.figure("of_these_with_some_unsynced_writes", partial);
    finding.figure("of_these_with_torn_writes", torn);
    finding.figure("of_these_played_to_the_end", continued);
    finding.figure("recorded_calls", played.recorded.len());
    finding.figure("steps_acknowledged", played.month.steps);
    Ok(finding)
}

/// Memory instead of a disk: images are many and short-lived.
fn image_folder(otherwise: &Path) -> Outcome<tempfile::TempDir> {
    let memory = PathBuf::from("/dev/shm");
    let parent = if memory.is_dir() { memory.as_path() } else { otherwise };
    tempfile::tempdir_in(parent).map_err(|error| error.to_string())
}

async fn play(template: &mut Template, seed: u64) -> Outcome<Played> {
    let registry = template.copy().await?;
    let base = Files::read(&registry.data)?;
    let calls = template.bench().folder.join("calls.txt");
    let program = &template.bench().program;
    let mut server = Server::start_recorded(program, &registry, &calls).await?;
    let db = Db::open(&registry.reading()).await?;
    let mut month = Month::begin(&server.site(), &db, seed).await?;
    while let Some(_action) = month.step(&db).await.map_err(|halt| halt.told())? {}
    let faults = month.faults_at_end(&db).await?;
    db.close().await?;
    server.kill_recorded(&calls).await?;
    if !faults.is_empty() {
        return Err(format!("the month without faults: {faults:?}"));
    }
    let recorded = read_calls(&calls, &registry.data)?;
    let written = Files::read(&registry.data)?;
    let mut rebuilt = base.clone();
    rebuilt.apply_all(&recorded);
    if rebuilt != written {
        return Err("the recorded calls do not give the files that are there".to_owned());
    }
    template.discard(registry).await?;
    Ok(Played { month, base, recorded })
}

/// Opens an image without the program.
async fn examine(month: &Month, image: &Registry, at: f64) -> Outcome<Vec<String>> {
    let db = match Db::open(&image.url).await {
        Ok(db) => db,
        Err(error) => return Ok(vec![error]),
    };
    let checked = db.rows("PRAGMA integrity_check").await;
    let mut faults = match checked {
        Ok(rows) => rows.into_iter().flatten().filter(|row| row != "ok").collect(),
        Err(error) => vec![error],
    };
    if faults.is_empty() {
        match month.faults_at(&db, at).await {
            Ok(found) => faults.extend(found),
            Err(error) => faults.push(error),
        }
    }
    db.close().await?;
    Ok(faults)
}

/// The program starts on an image and plays the month to its end.
async fn go_on(template: &Template, month: &Month, image: &Registry) -> Outcome<Vec<String>> {
    let server = Server::start(&template.bench().program, image).await?;
    let db = Db::open(&image.url).await?;
    let mut month = month.again(&server.site()).await?;
    loop {
        match month.step(&db).await {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(halt) => return Ok(vec![halt.told()]),
        }
    }
    let faults = month.faults_at_end(&db).await?;
    db.close().await?;
    server.stop().await?;
    Ok(faults)
}
