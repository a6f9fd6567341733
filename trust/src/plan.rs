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
const LATER: &str = "takes longer than one session of work; run with --full";

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
    Row {
        id: "R-06",
        name: "cut",
        test: "the connection to PostgreSQL stalls or is cut in the middle of a commit",
        wanted: "0 doubled in 1,000",
        databases: POSTGRES,
        count: Count { short: 40, full: 1_000 },
        plan: "found a batch drawn up twice when the answer to its commit was lost (seed 20261201 after 25 cuts; \
               mended since in web::once); the mended program was not run to the end yet: run with --full",
    },
    Row {
        id: "R-07",
        name: "again",
        test: "one form sent 100 times at once, and again after a restart",
        wanted: "1 effect",
        databases: BOTH,
        count: Count { short: 9, full: 60 },
        plan: "the short form passed on SQLite; run with --full, and on PostgreSQL",
    },
    Row {
        id: "R-08",
        name: "race",
        test: "50 reviewers on one case, 20 finance officers on one batch",
        wanted: "1 decision",
        databases: BOTH,
        count: Count { short: 8, full: 100 },
        plan: "found that eight people who open a case at once stop the program for 30 s (mended since: no second \
               connection inside a transaction); the short form passed on SQLite; run with --full",
    },
    Row {
        id: "R-09",
        name: "editors",
        test: "two editors of one record",
        wanted: "the second sees what holds now",
        databases: BOTH,
        count: Count { short: 12, full: 120 },
        plan: "the short form passed on SQLite, for the forms of a batch; cases are swept by --full",
    },
    Row {
        id: "R-10",
        name: "clock",
        test: "the clock jumps by -1 and +10 years; leap day; end of the year in China",
        wanted: "days in China; order of the log by sequence",
        databases: BOTH,
        count: Count { short: 6, full: 60 },
        plan: "found a list that was never written after the clock was set back, and a log ordered by time (both \
               mended since); the short form passed on SQLite; run with --full",
    },
    Row {
        id: "R-11",
        name: "overload",
        test: "twice the load that fits, for 10 minutes",
        wanted: "p99 below 1.5 s for what is let in, 503 with Retry-After for the rest",
        databases: SQLITE,
        count: Count { short: 10, full: 600 },
        plan: "the program does not shed load yet: it lets 1,024 connections wait; the driver is ready",
    },
    Row {
        id: "R-12",
        name: "stop",
        test: "SIGTERM under 200 requests a second",
        wanted: "no request fails that was under way; the process ends well within 20 s",
        databases: BOTH,
        count: Count { short: 2, full: 20 },
        plan: LATER,
    },
    Row {
        id: "R-13",
        name: "job",
        test: "a long job is killed",
        wanted: "goes on within 60 s",
        databases: BOTH,
        count: Count { short: 1, full: 9 },
        plan: "found that nobody took up a computation for 120 s (mended since: about 50 s); the short form \
               passed on SQLite; run with --full",
    },
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
    Row {
        id: "R-15",
        name: "migrate",
        test: "every migration from each earlier schema",
        wanted: "equal rows; 1,000,000 rows below 2 min",
        databases: BOTH,
        count: Count { short: 4, full: 1_000 },
        plan: "found that an interrupted migration could not be taken up again on SQLite (mended since); the \
               short form passed on both; run with --full, which tries every earlier schema",
    },
    Row {
        id: "R-16",
        name: "script",
        test: "one script of 10,000 commands on both databases",
        wanted: "equal content",
        databases: POSTGRES,
        count: Count { short: 300, full: 10_000 },
        plan: "60 commands gave equal answers and equal rows; 10,000 take an hour: run with --full",
    },
    Row {
        id: "R-17",
        name: "soak",
        test: "24 hours of mixed load",
        wanted: "no growth of memory or files",
        databases: BOTH,
        count: Count { short: 60, full: 86_400 },
        plan: "takes a day: run with --full, or --count SECONDS for less; tried for 8 s only",
    },
    Row {
        id: "R-18",
        name: "asof",
        test: "what was known on a day equals what is computed anew, for 10,000 pairs",
        wanted: "equal",
        databases: BOTH,
        count: Count { short: 100, full: 10_000 },
        plan: "2,500 pairs were equal on SQLite; 10,000 take a quarter of an hour: run with --full",
    },
];
