//! The rows of the table: what is tried, what is wanted, and what is still to be done.

use crate::database::Kind;

/// How often a fault is tried.
#[derive(Debug, Clone, Copy)]
pub struct Count {
    /// In the short form.
    pub short: u32,
    /// In the full form.
    pub full: u32,
}

/// A row.
#[derive(Debug)]
pub struct Row {
    /// Its number in the standard.
    pub id: &'static str,
    /// What `scripts/faults` calls it; empty while there is no command.
    pub name: &'static str,
    /// What is tried.
    pub test: &'static str,
    /// What must come of it.
    pub wanted: &'static str,
    /// The databases it is tried on.
    pub databases: &'static [Kind],
    /// How often.
    pub count: Count,
    /// Why it has not been run in full, and what is to be done.
    pub plan: &'static str,
}

const BOTH: &[Kind] = &[Kind::Sqlite, Kind::Postgres];
const SQLITE: &[Kind] = &[Kind::Sqlite];
const POSTGRES: &[Kind] = &[Kind::Postgres];
const NONE: Count = Count { short: 0, full: 0 };
const LATER: &str = "takes longer than one session of work; run with --full";

const fn planned(
    id: &'static str,
    test: &'static str,
    wanted: &'static str,
    plan: &'static str,
) -> Row {
    Row { id, name: "", test, wanted, databases: &[], count: NONE, plan }
}

/// All rows, in order.
pub const ROWS: &[Row] = &[
    Row {
        id: "R-01",
        name: "kill",
        test: "the program is killed during a money month: at random moments and at every write",
        wanted: "500 kills on each database; nothing answered for is lost, nothing doubled; \
                 restart below 3 s; the month goes on to its end",
        databases: BOTH,
        count: Count { short: 20, full: 500 },
        plan: "on PostgreSQL the first full run ended after 27 s: the harness waited for a tracer at a \
               dead process; mended since, runs of 6 and of 3 kills passed; run with --full",
    },
    Row {
        id: "R-02",
        name: "outage",
        test: "PostgreSQL is stopped with -m immediate or killed during a money month",
        wanted: "100 times; a readable page within 10 s; the same process goes on; nothing doubled",
        databases: POSTGRES,
        count: Count { short: 4, full: 100 },
        plan: "the first run found pages that hung for a minute; mended since (store::outage), tried \
               three times; 100 times take half an hour: run with --full",
    },
    Row {
        id: "R-03",
        name: "powercut",
        test: "the files of SQLite as a disk may hold them when the power fails",
        wanted: "2,000 images open, are whole, and hold every step answered for",
        databases: SQLITE,
        count: Count { short: 100, full: 2_000 },
        plan: LATER,
    },
    Row {
        id: "R-04",
        name: "disk-full",
        test: "the disk is full during a money month and an upload",
        wanted: "a page that says so, reading goes on, work goes on when there is room; no half \
                 upload",
        databases: SQLITE,
        count: Count { short: 3, full: 40 },
        plan: "the first runs found three faults, all mended since: a plain 500, a log on the same disk \
               that ended requests, and a connection left in a failed transaction (store::db, \
               store::outage); to be run in full with a build that has them",
    },
    Row {
        id: "R-05",
        name: "fsync",
        test: "writes and syncs report EIO or ENOSPC",
        wanted: "200 errors; never answered for and lost; the program goes on or restarts",
        databases: SQLITE,
        count: Count { short: 10, full: 200 },
        plan: "the first runs found that a failed rollback kept the write lock until a restart; mended \
               since (store::db); to be run in full with a build that has it",
    },
    planned(
        "R-06",
        "the connection to PostgreSQL stalls or is cut in the middle of a commit",
        "0 doubled in 1,000",
        "needs a proxy of our own that cuts at the commit message; after R-02, whose outages are \
         the coarse form of it",
    ),
    planned(
        "R-07",
        "one form sent 100 times at once, and again after a restart",
        "1 effect",
        "the tests send 12 at once (tests/it/api/limits.rs), and R-01 sends every unanswered form \
         again after a restart; 100 at once over every money form is to come",
    ),
    planned(
        "R-08",
        "50 reviewers on one case, 20 finance officers on one batch",
        "1 decision",
        "races of two are tested (tests/it/payment); wider ones come with the load driver",
    ),
    planned(
        "R-09",
        "two editors of one record",
        "the second sees what holds now",
        "tested for single forms (tests/it); a sweep over all forms is to come",
    ),
    planned(
        "R-10",
        "the clock jumps by -1 and +10 years; leap day; end of the year in China",
        "days in China; order of the log by sequence",
        "needs libfaketime beside the program; legal days are tested with a set clock (src/clock.rs)",
    ),
    planned(
        "R-11",
        "twice the load that fits, for 10 minutes",
        "p99 below 1.5 s for what is let in, 503 with Retry-After for the rest",
        "the program does not shed load yet: it lets 1,024 connections wait; first a limit with \
         Retry-After, then the driver of R-12 at twice the rate",
    ),
    Row {
        id: "R-12",
        name: "stop",
        test: "SIGTERM under 200 requests a second",
        wanted: "no request fails that was under way; the process ends well within 20 s",
        databases: BOTH,
        count: Count { short: 2, full: 20 },
        plan: LATER,
    },
    planned(
        "R-13",
        "a long job is killed",
        "goes on within 60 s",
        "leases and takeover are tested with a moved clock (tests/it/stipend.rs, exports.rs); a \
         killed process with a running job is to come",
    ),
    Row {
        id: "R-14",
        name: "backup",
        test: "backups while a month is played and at rest, restored and compared by content",
        wanted: "equal rows in every table at rest; while writing, one instant that holds every \
                 step answered for; the log verifies",
        databases: BOTH,
        count: Count { short: 1, full: 20 },
        plan: LATER,
    },
    planned(
        "R-15",
        "every migration from each earlier schema",
        "equal rows; 1,000,000 rows below 2 min",
        "needs databases of earlier schemas as fixtures; there is no way down by decision, since \
         migrations only add",
    ),
    planned(
        "R-16",
        "one script of 10,000 commands on both databases",
        "equal content",
        "the same tests run on both; the long script is to come",
    ),
    planned(
        "R-17",
        "24 hours of mixed load",
        "no growth of memory or files",
        "takes a day; first two hours in the background, with the driver of R-12",
    ),
    planned(
        "R-18",
        "what was known on a day equals what is computed anew, for 10,000 pairs",
        "equal",
        "tested for 256 seeds of the engine (tests/it/engine_reference.rs); to be widened to tables",
    ),
];
