//! mixed load for a long time. Memory, open files and answer times stay as they were.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::Outcome;
use crate::anyform::links;
use crate::machine::{memory_kib, open_files};
use crate::registry::Template;
use crate::report::{Finding, Spread};
use crate::seed::Chance;
use crate::server::Server;
use crate::visitor::{Halt, Visitor, fill};

/// Pause between two things that are done: about twenty a second.
const PACE: Duration = Duration::from_millis(50);
/// Samples of a run.
const SAMPLES: u32 = 60;
/// Memory grows by less in an hour, once the program is warm.
const SLOPE_MIB: f64 = 1.0;
/// A run shorter than this says nothing about an hour.
const LONG: Duration = Duration::from_secs(3_600);
/// What a short run may grow by: caches fill.
const WARM_KIB: u64 = 96 << 10;
/// Files beyond those of the first quarter: connections come and go.
const FILES: usize = 16;
/// Nobody signs in anew more often; sessions end by themselves after hours.
const SESSION: Duration = Duration::from_secs(600);
const PATHS: [&str; 9] = [
    "/batches",
    "/engineers",
    "/enterprises",
    "/cases",
    "/audit",
    "/batches/B2027-0001",
    "/engineers.csv",
    "/entitlements",
    "/",
];

/// One look at the program.
#[derive(Debug, Clone, Copy)]
struct Sample {
    hours: f64,
    memory_kib: u64,
    files: usize,
    p99: Duration,
}

/// Works for `seconds`.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, seconds: u32) -> Outcome<Finding> {
    let registry = template.copy().await?;
    let mut server = Server::start(&template.bench().program, &registry).await?;
    let mut chance = Chance::new(seed, "soak");
    let (begun, length) = (Instant::now(), Duration::from_secs(u64::from(seconds)));
    let (mut samples, mut window, mut all) = (Vec::new(), Spread::default(), Spread::default());
    let (mut faults, mut signed) = (Vec::new(), Instant::now());
    let mut people = enter(&server.site()).await?;
    let every = (length / SAMPLES).max(Duration::from_secs(1));
    let mut next = every;
    while begun.elapsed() < length && faults.is_empty() {
        if signed.elapsed() > SESSION {
            (people, signed) = (enter(&server.site()).await?, Instant::now());
        }
        match work(&mut people, &mut chance).await {
            Ok(took) => {
                window.add(took);
                all.add(took);
            }
            Err(fault) => faults.push(fault),
        }
        if begun.elapsed() >= next {
            next += every;
            samples.push(Sample {
                hours: begun.elapsed().as_secs_f64() / 3_600.0,
                memory_kib: memory_kib(server.pid()),
                files: open_files(server.pid()),
                p99: std::mem::take(&mut window).hundredth(99),
            });
        }
        tokio::time::sleep(PACE).await;
    }
    if server.is_dead() {
        faults.push(format!("the program ended: {}", server.said()));
    }
    server.stop().await?;
    if let Err(fault) = registry.verify_log(&template.bench().program) {
        faults.push(format!("the audit log: {fault}"));
    }
    template.discard(registry).await?;
    let mut finding = Finding::new(faults);
    finding.figure("seconds", begun.elapsed().as_secs());
    finding.figure("requests_ms", all.figures());
    judge(&samples, begun.elapsed(), &mut finding);
    Ok(finding)
}

/// An auditor who reads and an officer who writes.
async fn enter(site: &str) -> Outcome<[Visitor; 2]> {
    let mut people = [Visitor::new(site, false)?, Visitor::new(site, false)?];
    for (person, login) in people.iter_mut().zip(["auditor", "hr-province"]) {
        person.sign_in(login).await.map_err(|halt| halt.told())?;
    }
    Ok(people)
}

/// One thing: mostly a page, now and then a message on a case.
async fn work([reader, writer]: &mut [Visitor; 2], chance: &mut Chance) -> Outcome<Duration> {
    let told = |halt: Halt| halt.told();
    if chance.below(10) != 0 {
        let path = PATHS[usize::try_from(chance.below(PATHS.len() as u64)).unwrap_or(0)];
        let reply = reader.get(path).await.map_err(told)?;
        return match reply.status {
            200 | 303 => Ok(reply.took),
            _ => Err(Halt::Refused(path.to_owned(), Box::new(reply)).told()),
        };
    }
    let list = writer.page("/cases").await.map_err(told)?;
    let found = links(&list);
    for case in found.iter().filter(|link| link.starts_with("/cases/")) {
        let (page, text) = (writer.page(case).await.map_err(told)?, [("text", "请尽快核实")]);
        let Ok(form) = fill(&page, &format!("{case}/messages"), &text) else { continue };
        let reply = writer.send(&form).await.map_err(told)?;
        return match reply.status {
            303 => Ok(reply.took),
            _ => Err(Halt::Refused("a message".to_owned(), Box::new(reply)).told()),
        };
    }
    Ok(Duration::ZERO)
}

fn judge(samples: &[Sample], length: Duration, finding: &mut Finding) {
    let quarter = samples.len() / 4;
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        finding.fault("too short for a single look".to_owned());
        return;
    };
    let warm = &samples[quarter..];
    let slope = slope_mib(warm);
    let most = |part: &[Sample]| part.iter().map(|sample| sample.files).max().unwrap_or(0);
    let slowest = |part: &[Sample]| part.iter().map(|sample| sample.p99).max().unwrap_or_default();
    let (begin, end) = (&samples[..quarter.max(1)], &samples[samples.len() - quarter.max(1)..]);
    finding.figure("samples", samples.len());
    finding.figure("memory_kib", json!({ "first": first.memory_kib, "last": last.memory_kib }));
    finding.figure("memory_mib_an_hour", (slope * 100.0).round() / 100.0);
    finding
        .figure("open_files", json!({ "first_quarter": most(begin), "last_quarter": most(end) }));
    let ms = |took: Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let (before, after) = (slowest(begin), slowest(end));
    finding.figure("p99_ms", json!({ "first_quarter": ms(before), "last_quarter": ms(after) }));
    if length >= LONG && slope > SLOPE_MIB {
        finding.fault(format!("memory grows by {slope:.2} MiB an hour"));
    }
    if length < LONG && last.memory_kib > first.memory_kib + WARM_KIB {
        finding.fault(format!("{} KiB became {}", first.memory_kib, last.memory_kib));
    }
    if most(end) > most(begin) + FILES {
        finding.fault(format!("{} open files became {}", most(begin), most(end)));
    }
    if length >= LONG && after > before * 2 {
        finding.fault(format!("pages of {} ms take {} ms", ms(before), ms(after)));
    }
}

/// How fast memory grows, by least squares.
fn slope_mib(samples: &[Sample]) -> f64 {
    let count = samples.len() as f64;
    let mib = |sample: &Sample| sample.memory_kib as f64 / 1_024.0;
    let mean_x = samples.iter().map(|sample| sample.hours).sum::<f64>() / count;
    let mean_y = samples.iter().map(mib).sum::<f64>() / count;
    let both = samples.iter().map(|s| (s.hours - mean_x) * (mib(s) - mean_y)).sum::<f64>();
    let square = samples.iter().map(|s| (s.hours - mean_x).powi(2)).sum::<f64>();
    if square > 0.0 { both / square } else { 0.0 }
}
