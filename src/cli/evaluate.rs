//! `juncai evaluate`: the rule engine over NDJSON files, in input order, on all cores, with memory
//! that does not grow with the number of persons.

mod lines;
mod locate;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, FixedOffset};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use self::lines::{Block, Blocks};
use crate::domain::determine::{EnterpriseFacts, Enterprises, PersonFacts, Run, Text};
use crate::domain::edition::Policy;

const BLOCK: usize = 256 * 1024;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Policy file (TOML), - for standard input
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Award year
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..=9999))]
    year: i32,
    /// Enterprises (NDJSON), - for standard input
    #[arg(long, value_name = "FILE")]
    enterprises: PathBuf,
    /// Persons (NDJSON), - for standard input
    #[arg(long, value_name = "FILE")]
    persons: PathBuf,
    /// Use the facts as they were known at this moment (RFC 3339 with offset)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    known_at: Option<DateTime<FixedOffset>>,
    /// Add the steps that lead to each result
    #[arg(long)]
    explain: bool,
    /// Write here instead of standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

fn moment(text: &str) -> Result<DateTime<FixedOffset>, String> {
    DateTime::parse_from_rfc3339(text).map_err(|_| "时间应为带时区偏移的 RFC 3339 格式".to_owned())
}

/// Why the run ends without a complete result.
enum Failure {
    /// The command or the policy cannot be used: exit code 2.
    Usage(String),
    /// Some facts cannot be used: exit code 1; what is wrong has been said.
    Facts,
    /// Reading or writing failed: exit code 1.
    File(String),
}

/// Runs the command. Exit code 0: every person determined; 1: some line was refused, or a file
/// failed; 2: the policy or the arguments cannot be used.
pub fn run(args: &Args) -> ExitCode {
    match evaluate(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Facts) => ExitCode::from(1),
        Err(Failure::File(message)) => {
            report(&message);
            ExitCode::from(1)
        }
        Err(Failure::Usage(message)) => {
            report(&message);
            ExitCode::from(2)
        }
    }
}

/// A closed standard error is no reason to stop.
fn report(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}

fn evaluate(args: &Args) -> Result<(), Failure> {
    let inputs = [&args.policy, &args.enterprises, &args.persons];
    if inputs.iter().filter(|path| is_dash(path)).count() > 1 {
        return Err(Failure::Usage("标准输入（-）只能用于一个文件".to_owned()));
    }
    let same = |a: &Path, b: &Path| {
        fs::canonicalize(a).ok().is_some_and(|a| fs::canonicalize(b).is_ok_and(|b| a == b))
    };
    if !is_dash(&args.out) && inputs.iter().any(|path| !is_dash(path) && same(path, &args.out)) {
        return Err(Failure::Usage("输出文件不能与输入文件相同".to_owned()));
    }
    let policy = policy(&args.policy)?;
    let enterprises = enterprises(&args.enterprises)?;
    let persons = open(&args.persons).map_err(|error| failed(&args.persons, &error))?;
    let run = Run::new(&policy, &enterprises, args.year, args.known_at)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let out: Box<dyn Write> = if is_dash(&args.out) {
        Box::new(io::stdout().lock())
    } else {
        Box::new(File::create(&args.out).map_err(|error| failed(&args.out, &error))?)
    };
    stream(&run, args, Blocks::new(persons, BLOCK), out)
}

fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::File(format!("{}：{error}", path.display()))
}

fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    if is_dash(path) { Ok(Box::new(io::stdin())) } else { Ok(Box::new(File::open(path)?)) }
}

fn policy(path: &Path) -> Result<Policy, Failure> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(|error| Failure::Usage(format!("{name}：{error}")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::Usage(format!("{name} 第 1 行：不是 UTF-8 文本")))?;
    Policy::parse(&text, &name).map_err(|error| Failure::Usage(error.to_string()))
}

/// All enterprises, or none: one that is silently missing would pay wrongly.
fn enterprises(path: &Path) -> Result<Enterprises, Failure> {
    let file = open(path).map_err(|error| failed(path, &error))?;
    let mut blocks = Blocks::new(file, BLOCK);
    let mut facts: Vec<EnterpriseFacts> = Vec::new();
    let mut seen: HashMap<Text, usize> = HashMap::new();
    let mut sound = true;
    let mut refuse = |number: usize, field: &str, message: &str| {
        report(&complaint(path, number, field, message));
        sound = false;
    };
    loop {
        let batch = blocks.take(1).map_err(|error| failed(path, &error))?;
        let Some(block) = batch.first() else { break };
        for (number, line) in block.lines() {
            match serde_json::from_slice::<EnterpriseFacts>(line) {
                Err(error) => {
                    let (field, message) = locate::describe(line, &error);
                    refuse(number, &field, &message);
                }
                Ok(enterprise) => {
                    if let Some(first) = seen.get(&enterprise.uscc) {
                        refuse(number, "uscc", &format!("与第 {first} 行重复"));
                        continue;
                    }
                    seen.insert(enterprise.uscc.clone(), number);
                    facts.push(enterprise);
                }
            }
        }
    }
    if !sound {
        return Err(Failure::Facts);
    }
    Enterprises::new(facts).map_err(|error| Failure::File(error.to_string()))
}

fn complaint(path: &Path, number: usize, field: &str, message: &str) -> String {
    let space = if field.is_empty() { "" } else { " " };
    format!("{} 第 {number} 行{space}{field}：{message}", path.display())
}

/// What one block gives.
#[derive(Default)]
struct Answer {
    json: Vec<u8>,
    complaints: Vec<String>,
}

/// Decides block after block: while the cores work on some, the next ones are read.
fn stream<R: Read + Send>(
    run: &Run<'_>,
    args: &Args,
    mut blocks: Blocks<R>,
    mut out: Box<dyn Write>,
) -> Result<(), Failure> {
    let width = rayon::current_num_threads() * 4;
    let mut read = || blocks.take(width).map_err(|error| failed(&args.persons, &error));
    let mut batch = read()?;
    let mut sound = true;
    while !batch.is_empty() {
        let decide = || -> Vec<Answer> {
            batch.into_par_iter().map(|block| answer(run, args, &block)).collect()
        };
        let (answers, next) = rayon::join(decide, &mut read);
        for answer in answers {
            answer.complaints.iter().for_each(|complaint| report(complaint));
            sound &= answer.complaints.is_empty();
            out.write_all(&answer.json).map_err(|error| failed(&args.out, &error))?;
        }
        batch = next?;
    }
    out.flush().map_err(|error| failed(&args.out, &error))?;
    if sound { Ok(()) } else { Err(Failure::Facts) }
}

fn answer(run: &Run<'_>, args: &Args, block: &Block) -> Answer {
    let mut answer = Answer::default();
    answer.json.reserve(block.bytes.len() / 4);
    for (number, line) in block.lines() {
        let written = answer.json.len();
        if let Err((field, message)) = person(run, args.explain, line, &mut answer.json) {
            answer.json.truncate(written);
            answer.complaints.push(complaint(&args.persons, number, &field, &message));
        }
    }
    answer
}

fn person(
    run: &Run<'_>,
    explain: bool,
    line: &[u8],
    json: &mut Vec<u8>,
) -> Result<(), (String, String)> {
    let facts: PersonFacts =
        serde_json::from_slice(line).map_err(|error| locate::describe(line, &error))?;
    let wrong = |error: crate::domain::determine::DetermineError| {
        (error.field().to_owned(), error.to_string())
    };
    let unwritten = |error: serde_json::Error| (String::new(), error.to_string());
    if explain {
        let (determination, trace) = run.explain(&facts).map_err(wrong)?;
        serde_json::to_writer(&mut *json, &determination).map_err(unwritten)?;
        // The trace becomes the last key of the same object.
        json.pop();
        json.extend_from_slice(b",\"trace\":");
        serde_json::to_writer(&mut *json, &trace).map_err(unwritten)?;
        json.extend_from_slice(b"}\n");
    } else {
        let determination = run.determine(&facts).map_err(wrong)?;
        serde_json::to_writer(&mut *json, &determination).map_err(unwritten)?;
        json.push(b'\n');
    }
    Ok(())
}
