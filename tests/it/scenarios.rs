//! What another policy text would change: worked out like a run, and nothing comes of it.

use axum::http::StatusCode;
use chrono::TimeDelta;
use juncai::clock::Clock;
use juncai::domain::money::Fen;
use juncai::service::policy::{self, NewText};
use juncai::service::scenario::{self, NewScenario, ScenarioPage, ScenarioState, Which, Working};
use juncai::service::{Actor, Error, stipend};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::policies::more_money;
use crate::town::{Town, actor};
use crate::world::World;

on_both! {
    the_text_in_force_against_itself_is_the_run_and_differs_by_nothing => itself;
    whoever_gains_and_loses_is_named_and_nothing_else_is_written => gains;
    a_scenario_that_stopped_goes_on_where_it_was => resumed;
    offices_of_the_province_read_scenarios_and_nobody_else => readers;
}

const ID: &str = "core-engineer";
const AT: &str = "/policies/core-engineer/scenarios";

/// Full years in Fuzhou, Xiamen and Pingtan, half a year, five months, and another award.
async fn six(world: World) -> Town {
    let mut town = Town::new(world).await;
    for (person, enterprise) in [(1, 1), (2, 2), (3, 3), (4, 1), (5, 1), (6, 3)] {
        town.full_year(person, enterprise).await;
    }
    town.left(4, "2026-06-30").await;
    town.left(5, "2026-05-31").await;
    town.award(6, "provincial-talent", 8_000_000).await;
    town.at("2027-01-15T09:20:00+08:00");
    town
}

fn asked<'a>(name: &'a str) -> NewScenario<'a> {
    NewScenario { name, year: "2026", ..NewScenario::default() }
}

async fn worked(town: &Town, new: &NewScenario<'_>) -> ScenarioPage {
    let app = &town.world.app;
    let no = scenario::ask(app, &town.hr, ID, new).await.unwrap();
    assert_eq!(scenario::work(app).await.unwrap(), 1);
    page(town, &no).await
}

async fn page(town: &Town, no: &str) -> ScenarioPage {
    scenario::page(&town.world.app, &town.hr, no, (Which::All, 0)).await.unwrap()
}

fn yuan(yuan: i64) -> Fen {
    Fen::new(yuan * 100)
}

async fn itself(world: World) {
    let town = six(world).await;
    let found = worked(&town, &asked("与现行相同")).await;
    assert_eq!(found.line.state, ScenarioState::Completed);
    assert_eq!(found.line.progress, (6, 6));
    assert_eq!(found.line.paid.before, found.line.paid.after);
    assert_eq!((found.gain.0, found.loss.0, found.unchanged, found.changes_total), (0, 0, 6, 0));
    // Then the run of the year has the same sums, by city and by source.
    let run = town.compute(2026).await;
    let run =
        stipend::run_view(&town.world.app, &town.hr, &run.run_no, (Which::All, 0)).await.unwrap();
    assert_eq!(run.net, found.line.paid.before.1);
    for (sums, pairs) in [(run.by_city, found.by_city), (run.by_source, found.by_source)] {
        let of_run: Vec<_> = sums.into_iter().map(|s| (s.name, (s.persons, s.amount))).collect();
        for side in [0, 1] {
            let pair = |p: &scenario::NamedPair| [p.pair.before, p.pair.after][side];
            let found: Vec<_> = pairs.iter().map(|p| (p.name.clone(), pair(p))).collect();
            assert_eq!(found, of_run);
        }
    }
}

async fn gains(world: World) {
    let town = six(world).await;
    let tables = "SELECT CAST((SELECT count(*) FROM entitlement) + (SELECT count(*) FROM payment_line) \
                  + (SELECT count(*) FROM ledger_entry) + (SELECT count(*) FROM compute_run) \
                  + (SELECT count(*) FROM yearly_file) + (SELECT count(*) FROM recovery) AS TEXT)";
    assert_eq!(town.texts(tables).await, ["0"]);
    let new = NewScenario {
        amount: "240,000",
        min_months: "8",
        shares: ["60", "40", ""],
        ..asked("标准提高、最低八个月")
    };
    let found = worked(&town, &new).await;
    assert_eq!(town.texts(tables).await, ["0"], "a scenario has no result");
    // 240,000 for three, 160,000 beside the award for the sixth; nothing for six months.
    assert_eq!(found.line.paid.before, (5, yuan(820_000)));
    assert_eq!(found.line.paid.after, (4, yuan(880_000)));
    assert_eq!((found.gain, found.loss), ((4, yuan(160_000)), (1, yuan(100_000))));
    assert_eq!(found.unchanged, 1);
    let changes: Vec<_> = found
        .changes
        .iter()
        .map(|c| (c.person_no.as_str(), c.before, c.after, c.reason.clone()))
        .collect();
    assert_eq!(changes.len(), 5);
    let lost = ("E000004", yuan(100_000), Fen::ZERO);
    assert_eq!((changes[3].0, changes[3].1, changes[3].2), lost);
    assert!(changes[3].3.contains("计入月数不足"), "{}", changes[3].3);
    let source = |name: &str| {
        let found = found.by_source.iter().find(|pair| pair.name == name);
        found.map(|pair| (pair.pair.before.1, pair.pair.after.1)).unwrap()
    };
    assert_eq!(source("省级财政"), (yuan(620_000), yuan(384_000)));
    assert_eq!(source("市级财政（厦门市）"), (yuan(200_000), yuan(240_000)), "Xiamen as before");
    assert_eq!(source("市级财政（福州市）"), (Fen::ZERO, yuan(96_000)));
    // Nothing was paid and no budget is there: all of it is lacking.
    let need = found.needs.iter().find(|need| need.name == "省级财政").unwrap();
    assert_eq!(
        (need.before, need.after, need.lacking()),
        (yuan(620_000), yuan(384_000), yuan(384_000))
    );

    // And the pages say the same, with the list page by page and as a workbook.
    let mut hr = Visitor::signed_in(&town.world.app, "hr").await;
    let at = format!("{AT}/{}", found.line.no);
    let seen = hr.get(&at).await;
    for said in ["820,000.00", "880,000.00", "60,000.00", "20 至 25 万元", "E000004"] {
        assert!(seen.text().contains(said), "{said}: {}", seen.text());
    }
    assert_eq!(seen.texts("svg.chart title"), ["净额分布"]);
    let losses = hr.get(&format!("{at}?which=loss")).await;
    assert!(losses.text().contains("E000004") && !losses.text().contains("E000001"));
    let file = hr.get(&format!("{at}/changes.xlsx?which=all")).await;
    assert_eq!((file.status, &file.bytes[..2]), (StatusCode::OK, &b"PK"[..]));
    beside_another(&town, &mut hr, &found.line.no).await;
}

/// A proposed text is tried, and lies beside the other scenario of the year.
async fn beside_another(town: &Town, hr: &mut Visitor, no: &str) {
    let app = &town.world.app;
    let text = NewText {
        text: more_money(),
        document_title: "通知（虚构）".to_owned(),
        document_no: "闽人社〔2027〕0号".to_owned(),
        reason: "标准提高".to_owned(),
    };
    let draft = policy::propose(app, &town.hr, ID, &text).await.unwrap();
    let tried = worked(town, &NewScenario { draft: &draft, ..asked("草稿") }).await;
    assert_eq!(tried.line.paid.after, (5, yuan(1_000_000)));
    let both = hr.get(&format!("{AT}/beside?one={no}&other={}", tried.line.no)).await;
    assert!(both.text().contains("880,000.00") && both.text().contains("1,000,000.00"));
    for refused in ["UPDATE scenario SET outcome = ''", "DELETE FROM scenario_change"] {
        assert!(town.try_sql(refused).await.unwrap_err().contains("append_only"));
    }
}

async fn resumed(world: World) {
    let town = six(world).await;
    let mut app = town.world.app.clone();
    let one_yuan = NewScenario { amount: "1", ..asked("一元") };
    let no = scenario::ask(&app, &town.hr, ID, &one_yuan).await.unwrap();
    let mut first = Working::claim(&app, 4).await.unwrap().expect("one that waits");
    assert!(first.next_chunk().await.unwrap());
    assert!(Working::claim(&app, 4).await.unwrap().is_none(), "somebody works on it");
    assert_eq!(page(&town, &no).await.line.progress, (6, 4));
    // When its holder is gone, then another one goes on, and the first writes nothing any more.
    app.clock = Clock::Fixed(app.clock.now() + TimeDelta::minutes(5));
    assert_eq!(scenario::work(&app).await.unwrap(), 1);
    let late = first.next_chunk().await;
    assert!(matches!(late, Err(Error::Stale(_))), "{late:?}");
    let found = page(&town, &no).await;
    assert_eq!((found.line.state, found.line.progress), (ScenarioState::Completed, (6, 6)));
    assert_eq!((found.line.paid.before.0, found.loss.0), (5, 5), "each once");
    assert_eq!(found.changes_total, 5);
}

async fn readers(world: World) {
    let town = six(world).await;
    let no = worked(&town, &asked("与现行相同")).await.line.no;
    let app = &town.world.app;
    let who = async |login, role, division, enterprise| -> Actor {
        actor(&town.world, login, role, division, enterprise).await
    };
    let readers = [
        who("fin", "finance_maker", "350000", None).await,
        who("audit", "auditor", "350000", None).await,
    ];
    for reader in &readers {
        let mut visitor = Visitor::signed_in(app, &reader.login).await;
        assert_eq!(visitor.get(&format!("{AT}/{no}")).await.status, StatusCode::OK);
        let list = visitor.get(AT).await;
        assert!(list.text().contains(&no) && list.form(AT).is_none(), "no form to ask with");
        let refused = scenario::ask(app, reader, ID, &asked("不该")).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    for stranger in [
        who("fz", "hr_city", "350100", None).await,
        who("e1", "enterprise_clerk", "350102", Some(1)).await,
    ] {
        let mut visitor = Visitor::signed_in(app, &stranger.login).await;
        for at in [AT.to_owned(), format!("{AT}/{no}"), format!("{AT}/{no}/changes.xlsx")] {
            assert_eq!(visitor.get(&at).await.status, StatusCode::FORBIDDEN, "{at}");
        }
    }
    // And what is mistyped is told by field.
    let mut hr = Visitor::signed_in(app, "hr").await;
    hr.get(AT).await;
    let fields = [
        ("name", ""),
        ("year", "2031"),
        ("amount", "二十万"),
        ("min_months", "13"),
        ("share_province", "60"),
    ];
    let wrong = hr.post(AT, &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in ["情景名称", "2025 至 2028", "大于零", "0 至 12", "正好为 100"] {
        assert!(wrong.text().contains(said), "{said}: {}", wrong.text());
    }
}
