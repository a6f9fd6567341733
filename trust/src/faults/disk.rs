//! the disk is full. The program says so, goes on reading, and works again when there is
//! room, without being restarted.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::database::Db;
use crate::month::Month;
use crate::process::run as carry_out;
use crate::registry::Template;
use crate::report::{Finding, Spread};
use crate::seed::Chance;
use crate::server::Server;
use crate::visitor::{Halt, Visitor, fill_file};

/// Room beside the registry, in MiB.
const ROOM_MIB: u64 = 24;

/// What is uploaded while there is no room.
const KIND: &str = "evidence";

/// A small disk in memory. Needs root.
struct Disk {
    at: PathBuf,
}

impl Disk {
    fn make(at: PathBuf, mib: u64) -> Outcome<Self> {
        std::fs::create_dir_all(&at).map_err(|error| error.to_string())?;
        let size = format!("size={mib}m");
        carry_out(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "faults"]).arg(&at))?;
        Ok(Self { at })
    }

    /// Takes all room but `spare` bytes.
    fn fill(&self, spare: u64) -> Outcome<()> {
        let path = self.filler();
        let mut block = vec![1_u8; 1 << 16];
        let mut file = std::fs::File::create(&path).map_err(|error| error.to_string())?;
        while block.len() >= 1 << 12 {
            // Smaller and smaller pieces, until nothing fits.
            if std::io::Write::write_all(&mut file, &block).is_err() {
                block.truncate(block.len() / 2);
            }
        }
        let length = file.metadata().map_err(|error| error.to_string())?.len();
        file.set_len(length.saturating_sub(spare)).map_err(|error| error.to_string())
    }

    fn free(&self) -> Outcome<()> {
        std::fs::remove_file(self.filler()).map_err(|error| error.to_string())
    }

    fn filler(&self) -> PathBuf {
        self.at.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A disk that is still in use goes away with its last user.
        let _ = carry_out(Command::new("umount").arg("-l").arg(&self.at));
    }
}

#[derive(Default)]
struct Tally {
    full: u32,
    refused: u32,
    uploads: u32,
    read: u32,
    steps: u32,
    answers: Spread,
    faults: Vec<String>,
}

/// Fills the disk `wanted` times.
///
/// # Errors
/// When the harness itself cannot go on, or may not mount a disk.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut chance = Chance::new(seed, "disk full");
    let mut tally = Tally::default();
    let mut copies = 0_u64;
    let used = size_mib(&template.folder_of_demo())?;
    while tally.full < wanted && tally.faults.is_empty() && copies < u64::from(wanted) * 4 {
        copies += 1;
        let disk = Disk::make(template.bench().folder.join("disk"), used + ROOM_MIB)?;
        fill_once(template, &disk, (seed.wrapping_add(copies), &mut chance), &mut tally).await?;
    }
    let mut finding = Finding::new(tally.faults);
    finding.figure("times_full", tally.full);
    finding.figure("steps_refused_with_a_page", tally.refused);
    finding.figure("uploads_refused_with_a_page", tally.uploads);
    finding.figure("pages_read_while_full", tally.read);
    finding.figure("steps_acknowledged", tally.steps);
    finding.figure("answer_while_full_ms", tally.answers.figures());
    finding.figure("copies_played_to_the_end", copies);
    if tally.full < wanted {
        finding.fault(format!("the disk was full {} times instead of {wanted}", tally.full));
    }
    Ok(finding)
}

fn size_mib(folder: &Path) -> Outcome<u64> {
    let said = carry_out(Command::new("du").args(["-sm"]).arg(folder))?;
    let number = said.split_whitespace().next().and_then(|number| number.parse().ok());
    number.ok_or_else(|| format!("du said {said}"))
}

/// One copy, full at one place of its month.
async fn fill_once(
    template: &Template,
    disk: &Disk,
    (seed, chance): (u64, &mut Chance),
    tally: &mut Tally,
) -> Outcome<()> {
    let program = &template.bench().program;
    let registry = template.copy_into(&disk.at.join("registry")).await?;
    let server = Server::start(program, &registry).await?;
    let db = Db::open(&registry.reading()).await?;
    let mut month = Month::begin(&server.site(), &db, seed).await?;
    let mut clerk = Visitor::new(&server.site(), false)?;
    clerk.sign_in("hr-province").await.map_err(|halt| halt.told())?;
    let import = clerk.page("/imports/new").await.map_err(|halt| halt.told())?;
    let template_page = format!("/imports/templates/{KIND}.csv");
    let head = clerk.page(&template_page).await.map_err(|halt| halt.told())?;
    let table = long_table(&head, chance);
    for _ in 0..chance.below(12) {
        month.step(&db).await.map_err(|halt| halt.told())?;
    }
    disk.fill(chance.below(48 << 10))?;
    let stopped = loop {
        match month.step(&db).await {
            Ok(Some(_)) => {}
            Ok(None) => break None,
            Err(halt) => break Some(halt),
        }
    };
    if let Some(halt) = stopped {
        tally.full += 1;
        judge(tally, halt);
        look_while_full(&mut month, tally).await;
        upload_while_full(&mut clerk, (&import, &table), &db, tally).await?;
    }
    disk.free()?;
    tally.faults.extend(month.faults(&db).await?);
    if let Err(halt) = month.resend().await {
        tally.faults.push(format!("a form sent again: {}", halt.told()));
    }
    loop {
        match month.step(&db).await {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(halt) => {
                tally.faults.push(format!("with room again: {}; {}", halt.told(), server.said()));
                return Ok(());
            }
        }
    }
    tally.faults.extend(month.faults_at_end(&db).await?);
    tally.steps += month.steps;
    db.close().await?;
    server.stop().await?;
    if let Err(fault) = registry.verify_log(program) {
        tally.faults.push(format!("the audit log: {fault}"));
    }
    Ok(())
}

/// A table of a megabyte that does not compress: the template and rows of nonsense.
fn long_table(head: &str, chance: &mut Chance) -> String {
    let mut table = head.lines().next().unwrap_or_default().to_owned();
    let columns = table.split(',').count();
    for _ in 0..6_000 {
        let row = (0..columns).map(|_| format!("{:x}", chance.next()));
        table.push_str("\r\n");
        table.push_str(&row.collect::<Vec<_>>().join(","));
    }
    table
}

fn judge(tally: &mut Tally, halt: Halt) {
    match halt {
        Halt::Refused(what, reply) if reply.is_readable_outage() => {
            tally.refused += 1;
            tally.answers.add(reply.took);
            drop(what);
        }
        halt => tally.faults.push(format!("no page that tells of it: {}", halt.told())),
    }
}

/// Reading needs no room.
async fn look_while_full(month: &mut Month, tally: &mut Tally) {
    for path in ["/batches", "/batches/B2027-0001", "/healthz"] {
        match month.reader().get(path).await {
            Ok(reply) if reply.status == 200 => {
                tally.read += 1;
                tally.answers.add(reply.took);
            }
            Ok(reply) => {
                let halt = Halt::Refused(format!("GET {path} while full"), Box::new(reply));
                tally.faults.push(halt.told());
            }
            Err(halt) => tally.faults.push(halt.told()),
        }
    }
}

/// A file that finds no room leaves nothing behind.
async fn upload_while_full(
    clerk: &mut Visitor,
    (page, table): (&str, &str),
    db: &Db,
    tally: &mut Tally,
) -> Outcome<()> {
    const COUNT: &str = "SELECT COUNT(*) FROM import";
    let before = db.number(COUNT).await?;
    let form = fill_file(page, "/imports", &[("kind", KIND)], ("upload.csv", table));
    let form = form.map_err(|halt| halt.told())?;
    match clerk.send(&form).await {
        Ok(reply) if reply.is_readable_outage() => tally.uploads += 1,
        Ok(reply) => {
            let halt = Halt::Refused("an upload while full".to_owned(), Box::new(reply));
            tally.faults.push(halt.told());
        }
        Err(halt) => tally.faults.push(halt.told()),
    }
    if db.number(COUNT).await? != before {
        tally.faults.push("an upload while full left a row".to_owned());
    }
    Ok(())
}
