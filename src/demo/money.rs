//! January to June 2027: the year is computed, declared, verified, paid, corrected.

use chrono::NaiveDate;

use crate::domain::payment::SampleFinding;
use crate::domain::registry::Code;
use crate::domain::roster::DepartureReason;
use crate::domain::tax::TaxTreatment;
use crate::file::bank::{NEUTRAL, parse_neutral};
use crate::file::form::ImportKind;
use crate::service::batch_pages::{SampleView, sample};
use crate::service::budget::{self, AllocationForm};
use crate::service::payment::{
    self, Approval, Check, Criteria, FileFormat, Looked, Resolution, ReturnFile, Standing,
};
use crate::service::roster::{self, NewAccount};
use crate::service::tax::{self, RulingForm};
use crate::service::{Error, import, stipend};
use crate::store::payment as rows;

use super::DemoError;
use super::agreement;
use super::bank::{Trouble, answer, report};
use super::cast::{PASSWORD, clerk};
use super::chance::Chance;
use super::enterprises::Enterprise;
use super::expert;
use super::key_enterprises;
use super::offices::{self, YearRound};
use super::people;
use super::plan::{Life, late_award, winter_report};
use super::programmes;
use super::recovery;
use super::registry_year::depart;
use super::sheets;
use super::stage::Stage;
use super::visit;

const HR: &str = "hr-province";
const YEAR: i32 = 2026;

/// Who pays: the three people of a finance office and its account.
struct Payer {
    division: &'static str,
    source: &'static str,
    team: [&'static str; 3],
    account: &'static str,
    /// In which form its bank takes files.
    profile: &'static str,
    allocation: &'static str,
}

const PROVINCE: Payer = Payer {
    division: "350000",
    source: "province",
    team: ["finance-maker", "finance-checker", "finance-approver"],
    account: "福建省财政厅国库支付专户",
    profile: NEUTRAL,
    allocation: "165000000.00",
};
const XIAMEN: Payer = Payer {
    division: "350200",
    source: "city",
    team: ["xiamen-maker", "xiamen-checker", "xiamen-approver"],
    account: "厦门市财政局国库支付专户",
    profile: "ccb-1",
    allocation: "40000000.00",
};

fn in_2027(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, month, day).expect("a date in the calendar")
}

/// Plays everything from the first computation to the day on which the visitors come.
pub(super) async fn play(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    lives: &[Life],
) -> Result<(), DemoError> {
    compute(stage, in_2027(1, 15)).await?;
    stage.on(in_2027(1, 18));
    for payer in [&PROVINCE, &XIAMEN] {
        let maker = stage.actor(payer.team[0])?;
        let form = AllocationForm {
            programme: "core-engineer",
            source: payer.source,
            payer_division: payer.division,
            budget_year: "2027",
            amount: payer.allocation,
            document_no: "财社指〔2027〕1号",
            ..AllocationForm::default()
        };
        let no = budget::propose_allocation(&stage.app, maker, &form).await?;
        let approver = stage.actor(payer.team[2])?;
        budget::decide_request(&stage.app, approver, &no, (true, "")).await?;
    }
    settle_tax(stage).await?;
    key_enterprises::next_february(stage, enterprises).await?;
    let visited = visit::invite(stage).await?;
    let months = sheets::evidence(&winter_report(lives, enterprises))?;
    let name = "社保个税月份（2027年1至2月）.xlsx";
    stage.import(HR, ImportKind::Evidence, name, months).await?;
    let round = YearRound {
        declared: in_2027(3, 9),
        verified: in_2027(3, 17),
        published: in_2027(3, 26),
        released: in_2027(4, 8),
    };
    offices::year(stage, enterprises, &round).await?;
    stage.on(in_2027(4, 12));
    let first = release(stage, &PROVINCE, 400).await?;
    let second = release(stage, &PROVINCE, 5_000).await?;
    let xiamen = release(stage, &XIAMEN, 5_000).await?;
    stage.on(in_2027(4, 14));
    visit::arrive(stage, &visited).await?;
    let (first, failed) = returned_with_trouble(stage, &first, lives).await?;
    stage.on(in_2027(4, 20));
    take_return(stage, &PROVINCE, &second, "2027-04-19", &[], false).await?;
    let xiamen = take_report(stage, &XIAMEN, &xiamen, "2027-04-19").await?;
    close(stage, &PROVINCE, &first).await?;
    close(stage, &XIAMEN, &xiamen).await?;
    new_accounts(stage, &failed).await?;
    corrections(stage, enterprises, lives).await?;
    compute(stage, in_2027(5, 12)).await?;
    stage.on(in_2027(5, 14));
    offices::decide_corrections(stage).await?;
    stage.on(in_2027(5, 17));
    recovery::play(stage).await?;
    stage.on(in_2027(5, 18));
    agreement::play(stage, enterprises, lives).await?;
    expert::play(stage, enterprises, lives).await?;
    programmes::play(stage, lives).await?;
    visit::claim(stage, &visited).await?;
    visit::play(stage).await?;
    stage.on(in_2027(5, 24));
    freeze(stage, &PROVINCE, 5_000).await?;
    key_enterprises::suspension(stage, enterprises, in_2027(6, 1)).await?;
    visitors_find(stage).await
}

/// Computes the award year; the run happens where a server would run it.
async fn compute(stage: &mut Stage, on: NaiveDate) -> Result<(), Error> {
    stage.on(on);
    let hr = stage.actor(HR)?.clone();
    let run_no = stipend::start_run(&stage.app, &hr, YEAR).await?;
    stipend::execute_run(&stage.app, &run_no).await?;
    stage.seal().await
}

/// The provincial finance office settles with the tax office how the year is taxed.
async fn settle_tax(stage: &mut Stage) -> Result<(), Error> {
    let [maker, _, approver] = PROVINCE.team;
    let form = RulingForm {
        programme: stipend::CORE_ENGINEER,
        year: "2026",
        treatment: TaxTreatment::Incidental.code(),
        basis: "税务部门意见：由部门发放，不属于省级人民政府颁发的奖金，按偶然所得由付款单位代扣",
        document_no: "闽税函〔2027〕3号",
    };
    let no = tax::propose(&stage.app, stage.actor(maker)?, &form).await?;
    stage.later(60);
    tax::decide(&stage.app, stage.actor(approver)?, &no, (true, "")).await
}

/// The maker draws a batch up and freezes it.
async fn freeze(stage: &mut Stage, payer: &Payer, max_lines: i64) -> Result<Standing, Error> {
    let maker = stage.actor(payer.team[0])?.clone();
    let criteria = Criteria {
        programme: stipend::CORE_ENGINEER.to_owned(),
        award_year: i64::from(YEAR),
        budget_year: 2027,
        source: payer.source.to_owned(),
        payer_division: payer.division.to_owned(),
        city_unit: String::new(),
        enterprise_uscc: String::new(),
        purpose: "2026核心工程师奖补".to_owned(),
        payer_account: payer.account.to_owned(),
        max_lines,
    };
    stage.later(5);
    let batch_no = payment::create(&stage.app, &maker, criteria).await?;
    stage.later(5);
    payment::freeze(&stage.app, &maker, &batch_no, 1).await
}

/// Three people take a batch from the draft to the bank.
async fn release(stage: &mut Stage, payer: &Payer, max_lines: i64) -> Result<Standing, Error> {
    let [maker, checker, approver] = payer.team;
    let (maker, checker, approver) = (
        stage.actor(maker)?.clone(),
        stage.actor(checker)?.clone(),
        stage.actor(approver)?.clone(),
    );
    let frozen = freeze(stage, payer, max_lines).await?;
    let no = frozen.batch_no.clone();
    stage.later(40);
    let sampled = sample(&stage.app, &checker, &no, &[]).await?.rows;
    let matches = |row: SampleView| Looked {
        seq: row.line.seq,
        finding: Some(SampleFinding::Matches),
        note: String::new(),
    };
    let looked: Vec<Looked> = sampled.into_iter().map(matches).collect();
    let sent = Check { hash: &frozen.content_hash, looked: &looked };
    let checked = payment::check(&stage.app, &checker, &no, frozen.version, &sent).await?;
    stage.later(30);
    let total = checked.total.to_string();
    let typed = Approval { total: &total, password: PASSWORD };
    let approved = payment::approve(&stage.app, &approver, &no, checked.version, typed).await?;
    stage.later(10);
    let issued =
        payment::issue_file(&stage.app, &maker, &no, approved.version, payer.profile).await?;
    stage.later(20);
    let voucher = format!("国库集中支付凭证-{no}");
    payment::mark_sent(&stage.app, &maker, &no, issued.standing.version, &voucher).await
}

/// A batch to which the bank has answered.
struct Answered {
    standing: Standing,
    sent: Vec<u8>,
    return_no: String,
}

/// The bank's answer to a batch is loaded by the maker and confirmed by the checker.
async fn take_return(
    stage: &mut Stage,
    payer: &Payer,
    batch: &Standing,
    day: &str,
    failing: &[(usize, Trouble)],
    stray: bool,
) -> Result<Answered, DemoError> {
    let (maker, checker) =
        (stage.actor(payer.team[0])?.clone(), stage.actor(payer.team[1])?.clone());
    let no = &batch.batch_no;
    let (_, sent) = payment::file(&stage.app, &maker, no, FileFormat::Bank).await?;
    let bytes = answer(&sent, day, failing, stray)?;
    stage.later(15);
    let name = format!("回单-{no}.csv");
    let file = ReturnFile { name: &name, bytes: &bytes, bank_no: "" };
    let loaded = payment::load_return(&stage.app, &maker, no, &file).await?;
    stage.later(25);
    let done = payment::confirm_return(&stage.app, &checker, &loaded.return_no).await?;
    Ok(Answered { standing: done.standing, sent, return_no: loaded.return_no })
}

/// A bank that takes messages answers with a status report on every payment.
async fn take_report(
    stage: &mut Stage,
    payer: &Payer,
    batch: &Standing,
    day: &str,
) -> Result<Standing, DemoError> {
    let (maker, checker) =
        (stage.actor(payer.team[0])?.clone(), stage.actor(payer.team[1])?.clone());
    let no = &batch.batch_no;
    let (_, sent) = payment::file(&stage.app, &maker, no, FileFormat::Pain001).await?;
    let bytes = report(&String::from_utf8_lossy(&sent), no, day).into_bytes();
    stage.later(15);
    let name = format!("状态报告-{no}.xml");
    let file = ReturnFile { name: &name, bytes: &bytes, bank_no: "" };
    let loaded = payment::load_return(&stage.app, &maker, no, &file).await?;
    stage.later(25);
    Ok(payment::confirm_return(&stage.app, &checker, &loaded.return_no).await?.standing)
}

/// Two lines of the first batch fail and one row belongs to nobody.
async fn returned_with_trouble<'l>(
    stage: &mut Stage,
    batch: &Standing,
    lives: &'l [Life],
) -> Result<(Standing, Vec<&'l Life>), DemoError> {
    stage.on(in_2027(4, 15));
    let failing = [(5, Trouble::NameMismatch), (17, Trouble::Closed)];
    let answered = take_return(stage, &PROVINCE, batch, "2027-04-14", &failing, true).await?;
    let file = parse_neutral(&answered.sent)?;
    let accounts = failing.map(|(place, _)| file.lines.get(place).map(|line| &line.account_no));
    let hit = |life: &&Life| accounts.contains(&Some(&life.engineer.account_no));
    let mut standing = answered.standing;
    let conn = stage.app.db.read();
    let Some(loaded) = rows::find_return(conn, &answered.return_no).await? else {
        return Err(DemoError("回单没有保存".to_owned()));
    };
    let open = rows::rows_of(conn, loaded.id).await?;
    let checker = stage.actor(PROVINCE.team[1])?;
    for row in open.iter().filter(|row| row.disposition == "suspense") {
        let resolution = Resolution {
            line_seq: None,
            reason: "非本批次款项，已函告开户银行更正".to_owned(),
        };
        standing = payment::resolve_suspense(&stage.app, checker, row.id, &resolution).await?;
    }
    Ok((standing, lives.iter().filter(hit).collect()))
}

async fn close(stage: &mut Stage, payer: &Payer, batch: &Standing) -> Result<(), Error> {
    stage.later(30);
    let approver = stage.actor(payer.team[2])?;
    let receipts = format!("回单-{}", batch.batch_no);
    let closed =
        payment::close(&stage.app, approver, &batch.batch_no, batch.version, &receipts).await;
    closed.map(|_| ())
}

/// The clerks of the two whose money came back file other accounts.
async fn new_accounts(stage: &mut Stage, failed: &[&Life]) -> Result<(), Error> {
    let mut chance = Chance::new(7);
    for life in failed {
        stage.later(20);
        let person_no = stage.person_no(life).await?;
        let new = NewAccount {
            account_name: life.engineer.name.clone(),
            account_number: people::card(&mut chance, "622202"),
            bank_name: life.engineer.bank.name.to_owned(),
            cnaps: life.engineer.bank.cnaps.clone(),
            from: in_2027(4, 20),
            reason: "银行退回，本人提供新账户".to_owned(),
            document_no: format!("账户变更-{person_no}"),
        };
        let clerk = stage.actor(&clerk(life.home))?;
        let changed = roster::change_bank_account(&stage.app, clerk, &person_no, &new).await?;
        let waits = changed.filing.ok_or(Error::NotFound("这项账户"))?;
        roster::decide_account(&stage.app, stage.actor(HR)?, &waits, (true, "")).await?;
    }
    Ok(())
}

/// What comes out after the money was paid: three departures, some Augusts, one other award.
async fn corrections(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    lives: &[Life],
) -> Result<(), DemoError> {
    stage.on(in_2027(5, 10));
    let left = NaiveDate::from_ymd_opt(2026, 10, 31).expect("a date in the calendar");
    for life in lives.iter().filter(|life| life.left_unreported()) {
        depart(stage, life, left, DepartureReason::Resigned).await?;
    }
    let late: Vec<_> = lives
        .iter()
        .filter(|life| life.august_arrives_late())
        .map(|life| life.month(8, enterprises, true))
        .collect();
    let name = "社保个税月份（2026年8月补缴）.xlsx";
    stage.import(HR, ImportKind::Evidence, name, sheets::evidence(&late)?).await?;
    let award = sheets::other_awards(&late_award(lives))?;
    Ok(stage.import(HR, ImportKind::OtherAwards, "其他奖补（2027年5月）.xlsx", award).await?)
}

/// Work that waits: three declarations for the head of an enterprise, two of another for the
/// county, and an upload with mistakes.
async fn visitors_find(stage: &mut Stage) -> Result<(), DemoError> {
    stage.on(in_2027(6, 2));
    let mut fresh = people::of_enterprise(60, 5);
    for engineer in &mut fresh {
        engineer.employed_from = in_2027(5, 17);
        engineer.rostered_from = in_2027(6, 1);
    }
    let mut spoiled = fresh.split_off(3);
    let name = "核心工程师申报（2027年6月）.xlsx";
    stage.import(&clerk(0), ImportKind::Engineers, name, sheets::engineers(&fresh)?).await?;
    let mut handed_in = people::of_enterprise(61, 2);
    for engineer in &mut handed_in {
        engineer.employed_from = in_2027(5, 17);
        engineer.rostered_from = in_2027(6, 1);
    }
    let bytes = sheets::engineers(&handed_in)?;
    stage.import(&clerk(1), ImportKind::Engineers, name, bytes).await?;
    offices::hand_in(stage, 1).await?;
    for engineer in &mut spoiled {
        engineer.document_no.pop();
    }
    let clerk = stage.actor(&clerk(10))?.clone();
    let bytes = sheets::engineers(&spoiled)?;
    import::preview(&stage.app, &clerk, ImportKind::Engineers, None, name, bytes).await?;
    stage.later(60);
    Ok(stage.seal().await?)
}
