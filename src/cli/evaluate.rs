//! `juncai evaluate`: the rule engines over NDJSON files, in input order, on all cores, with memory
//! that does not grow with the number of lines. The kind of the policy says which facts it takes.

mod decider;
mod lines;
mod locate;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, FixedOffset};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use self::decider::Decider;
use self::lines::{Block, Blocks};
use crate::domain::determine::{EnterpriseFacts, Enterprises, Run, Text};
use crate::domain::edition::{Kind, Policy, PolicyError, kind_of};
use crate::domain::{measure, travel};

const BLOCK: usize = 256 * 1024;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Policy file (TOML), - for standard input
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Award year (annual stipend)
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..=9999))]
    year: Option<i32>,
    /// Enterprises, NDJSON, - for standard input (annual stipend)
    #[arg(long, value_name = "FILE")]
    enterprises: Option<PathBuf>,
    /// Persons, NDJSON, - for standard input (annual stipend)
    #[arg(long, value_name = "FILE")]
    persons: Option<PathBuf>,
    /// Claims of visits, NDJSON, - for standard input (travel subsidy)
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Applications, NDJSON, - for standard input (measure)
    #[arg(long, value_name = "FILE")]
    applications: Option<PathBuf>,
    /// Use the facts as they were known at this moment, RFC 3339 with offset (annual stipend)
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

/// Runs the command. Exit code 0: every line determined; 1: some line was refused, or a file
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
    check_files(args)?;
    let name = args.policy.display().to_string();
    let text = policy_text(&args.policy, &name)?;
    let unusable = |error: PolicyError| Failure::Usage(error.to_string());
    let kind = kind_of(&text, &name).map_err(unusable)?;
    if kind == Kind::AgreedAmount {
        return Err(Failure::Usage(format!("{name}：金额由决定文件约定，没有可计算的规则")));
    }
    match (kind, args.facts(kind)?) {
        (Kind::AnnualStipend, Facts::Persons { year, enterprises, persons }) => {
            let policy = Policy::parse(&text, &name).map_err(unusable)?;
            let enterprises = read_enterprises(enterprises)?;
            let run = Run::new(&policy, &enterprises, year, args.known_at)
                .map_err(|error| Failure::Usage(error.to_string()))?;
            stream(&run, persons, args)
        }
        (Kind::Measure, Facts::Lines(applications)) => {
            let policy = measure::Policy::parse(&text, &name).map_err(unusable)?;
            stream(&policy, applications, args)
        }
        (Kind::TravelSubsidy, Facts::Lines(claims)) => {
            let policy = travel::Policy::parse(&text, &name).map_err(unusable)?;
            stream(&policy, claims, args)
        }
        (kind, _) => Err(Failure::Usage(format!("{name}：无法按 {} 计算", kind.word()))),
    }
}

/// What a kind of policy is evaluated over.
enum Facts<'a> {
    Persons { year: i32, enterprises: &'a Path, persons: &'a Path },
    Lines(&'a Path),
}

impl Args {
    /// The files of facts that a policy of this kind takes; anything else is refused.
    fn facts(&self, kind: Kind) -> Result<Facts<'_>, Failure> {
        let needed: &[&str] = match kind {
            Kind::AnnualStipend => &["--year", "--enterprises", "--persons"],
            Kind::TravelSubsidy => &["--claims"],
            Kind::Measure => &["--applications"],
            Kind::AgreedAmount => &[],
        };
        let given = [
            ("--year", self.year.is_some()),
            ("--enterprises", self.enterprises.is_some()),
            ("--persons", self.persons.is_some()),
            ("--claims", self.claims.is_some()),
            ("--applications", self.applications.is_some()),
            ("--known-at", self.known_at.is_some()),
        ];
        let optional = |name: &str| kind == Kind::AnnualStipend && name == "--known-at";
        let names = |wrong: &dyn Fn(&str, bool) -> bool| -> Vec<&str> {
            given.iter().filter(|(name, is)| wrong(name, *is)).map(|(name, _)| *name).collect()
        };
        let missing = names(&|name, is| !is && needed.contains(&name));
        let foreign = names(&|name, is| is && !needed.contains(&name) && !optional(name));
        let wrong = [("缺少", missing), ("不能使用", foreign)];
        let wrong = wrong.iter().filter(|(_, names)| !names.is_empty());
        let wrong: Vec<String> =
            wrong.map(|(what, names)| format!("{what} {}", names.join("、"))).collect();
        let facts = match (self.year, &self.enterprises, &self.persons) {
            (Some(year), Some(enterprises), Some(persons)) => {
                Some(Facts::Persons { year, enterprises, persons })
            }
            _ => self.claims.as_ref().or(self.applications.as_ref()).map(|path| Facts::Lines(path)),
        };
        match facts {
            Some(facts) if wrong.is_empty() => Ok(facts),
            _ => Err(Failure::Usage(format!(
                "{} 政策需要 {}：{}",
                kind.word(),
                needed.join("、"),
                wrong.join("，")
            ))),
        }
    }

    fn inputs(&self) -> impl Iterator<Item = &PathBuf> {
        let facts = [&self.enterprises, &self.persons, &self.claims, &self.applications];
        facts.into_iter().flatten().chain([&self.policy])
    }
}

/// Standard input is read once, and nothing is read and written at a time.
fn check_files(args: &Args) -> Result<(), Failure> {
    if args.inputs().filter(|path| is_dash(path)).count() > 1 {
        return Err(Failure::Usage("标准输入（-）只能用于一个文件".to_owned()));
    }
    let same = |a: &Path, b: &Path| {
        fs::canonicalize(a).ok().is_some_and(|a| fs::canonicalize(b).is_ok_and(|b| a == b))
    };
    if !is_dash(&args.out) && args.inputs().any(|path| !is_dash(path) && same(path, &args.out)) {
        return Err(Failure::Usage("输出文件不能与输入文件相同".to_owned()));
    }
    Ok(())
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

fn policy_text(path: &Path, name: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(|error| Failure::Usage(format!("{name}：{error}")))?;
    String::from_utf8(bytes).map_err(|_| Failure::Usage(format!("{name} 第 1 行：不是 UTF-8 文本")))
}

/// All enterprises, or none: one that is silently missing would pay wrongly.
fn read_enterprises(path: &Path) -> Result<Enterprises, Failure> {
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
fn stream(decider: &impl Decider, facts: &Path, args: &Args) -> Result<(), Failure> {
    let mut blocks = Blocks::new(open(facts).map_err(|error| failed(facts, &error))?, BLOCK);
    let mut out: Box<dyn Write> = if is_dash(&args.out) {
        Box::new(io::stdout().lock())
    } else {
        Box::new(File::create(&args.out).map_err(|error| failed(&args.out, &error))?)
    };
    let width = rayon::current_num_threads() * 4;
    let mut read = || blocks.take(width).map_err(|error| failed(facts, &error));
    let mut batch = read()?;
    let mut sound = true;
    while !batch.is_empty() {
        let decide = || -> Vec<Answer> {
            let blocks = batch.into_par_iter();
            blocks.map(|block| answer(decider, args.explain, facts, &block)).collect()
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

fn answer(decider: &impl Decider, explain: bool, facts: &Path, block: &Block) -> Answer {
    let mut answer = Answer::default();
    answer.json.reserve(block.bytes.len() / 4);
    for (number, line) in block.lines() {
        let written = answer.json.len();
        if let Err(wrong) = decider.answer(line, explain, &mut answer.json) {
            answer.json.truncate(written);
            let said = wrong.iter().map(|w| complaint(facts, number, &w.field, &w.message));
            answer.complaints.extend(said);
        }
    }
    answer
}
