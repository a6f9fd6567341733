//! Working days of a year, read in by one person and confirmed by another.

use axum::http::StatusCode;
use juncai::domain::registry::TalentClass;
use juncai::domain::roster::DepartureReason;
use juncai::domain::spot_check::Risk;
use juncai::service::calendar::{self, NewYear};
use juncai::service::overview::{Behind, Conditions, behind};
use juncai::service::roster::{LastDay, end_entry};
use juncai::service::spot_check::{Asked, draw, sample_page};
use juncai::service::{Error, case};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::{offices, told};
use crate::town::{Town, actor, day, person_no};
use crate::world::World;

on_both! {
    a_year_read_in_by_one_and_confirmed_by_another_counts_from_then_on => loaded;
    late_reports_are_judged_by_a_year_that_was_read_in => reports;
    a_version_is_never_overwritten_and_one_waits_at_a_time => versions;
    whatever_is_wrong_is_told_with_its_line_and_kept_as_typed => mistyped;
}

/// Invented: the New Year, a spring festival with two make-up days, and the rest of the law.
const YEAR_2027: &str = "日期,类别\n2027-01-01至2027-01-03,休\n2027-02-05至2027-02-13,休\n\
    2027-01-30,班\n2027-02-20,班\n2027-04-03至2027-04-05,休\n2027-05-01至2027-05-05,休\n\
    2027-05-08,班\n2027-06-09,休\n2027-09-15,休\n2027-10-01至2027-10-07,休\n2027-09-26,班\n2027-10-09,班\n";

/// The whole of it.
pub fn year_of_2027() -> NewYear {
    year_2027(YEAR_2027)
}

fn year_2027(days: &str) -> NewYear {
    NewYear {
        year: "2027".to_owned(),
        title: "关于2027年部分节假日安排的通知（虚构）".to_owned(),
        document_no: "国办发明电〔2026〕0号".to_owned(),
        announced_on: "2026-06-01".to_owned(),
        days: days.to_owned(),
    }
}

async fn loaded(world: World) {
    let mut offices = offices(world).await;
    let no = offices.through_own_notice(1, TalentClass::C).await;
    offices.act(&offices.signatory, &no, "file").await.unwrap();
    offices.town.at("2026-12-28T09:00:00+08:00");
    offices.act(&offices.county, &no, "accept").await.unwrap();
    let app = offices.town.world.app.clone();
    let due = async || case::case_view(&app, &offices.county, &no).await.unwrap().line.due_on;
    assert_eq!(due().await, None, "the limit reaches into a year that is not loaded");

    calendar::propose(&app, &offices.town.hr, &year_2027(YEAR_2027)).await.unwrap();
    assert_eq!(due().await, None, "one person alone loads nothing");
    let own = calendar::decide(&app, &offices.town.hr, (2027, 1), true, "").await;
    assert!(matches!(own, Err(Error::Refused(_))), "{own:?}");
    let foreign = calendar::decide(&app, &offices.city, (2027, 1), true, "").await;
    assert!(matches!(foreign, Err(Error::Forbidden(_))), "{foreign:?}");
    calendar::decide(&app, &offices.approver, (2027, 1), true, "").await.unwrap();
    // Three working days are left in 2026; seven more from 4 January.
    assert_eq!(due().await, Some(day("2027-01-12")));
    let known = calendar::known(&app).await.unwrap();
    let ends = known.last_day_of_notice(day("2027-02-02"), 5, false).unwrap();
    assert_eq!(ends, day("2027-02-17"), "over the spring festival");
    assert_eq!(known.is_working_day(day("2027-02-20")), Ok(true), "a Saturday worked");
    assert!(known.is_working_day(day("2028-01-03")).is_err());
    // And the notices of the program use it.
    for (who, act) in [
        (&offices.county, "pass_county"),
        (&offices.city, "give_opinion"),
        (&offices.city_approver, "pass_city"),
    ] {
        offices.act(who, &no, act).await.unwrap();
    }
    let notice = offices.publish(&[&no]).await;
    let shown = juncai::service::notice::notice(&app, &notice).await.unwrap();
    assert_eq!(shown.line.ends_on, day("2027-01-05"));
    let early = told(offices.act(&offices.approver, &no, "recognise").await);
    assert!(early.contains("2027-01-05"), "{early}");
}

/// Ten working days after 20 January 2027 end on 2 February, after 2 February, over the festival, on
/// 23 February. Both departures are reported on 22 February.
async fn reports(world: World) {
    let mut town = Town::new(world).await;
    let approver = actor(&town.world, "approver", "hr_province_approver", "350000", None).await;
    for (person, enterprise) in [(5, 1), (6, 3), (7, 3), (8, 1)] {
        town.full_year(person, enterprise).await;
    }
    town.at("2027-02-22T09:00:00+08:00");
    let app = town.world.app.clone();
    for (person, last) in [(5, "2027-01-20"), (6, "2027-02-02")] {
        let end = LastDay {
            last_day: day(last),
            reason: DepartureReason::Resigned,
            note: String::new(),
            document_no: "离〔2027〕1号".to_owned(),
        };
        end_entry(&app, &town.hr, &person_no(person), &end).await.unwrap();
    }
    let late = async || {
        let what = Behind::Departures;
        let wanted = Conditions { late: "yes".into(), ..Conditions::default() };
        let list = behind(&app, &town.hr, what, &wanted, (0, 10)).await.unwrap();
        let all = Asked { drawing: "random".into(), percent: "100".into(), ..Asked::default() };
        let no = draw(&app, &town.hr, &all).await.unwrap();
        let page = sample_page(&app, &town.hr, &no, 0).await.unwrap();
        let at_risk =
            page.items.into_iter().filter(|item| item.risks.contains(&Risk::LateDeparture));
        let mut places: Vec<String> = at_risk.map(|item| item.enterprise).collect();
        places.sort();
        places.dedup();
        (list.total, places)
    };
    let both = ["企业1", "企业3"].map(str::to_owned).to_vec();
    assert_eq!(late().await, (0, both), "not known, so a fortnight for the samples");
    calendar::propose(&app, &town.hr, &year_2027(YEAR_2027)).await.unwrap();
    calendar::decide(&app, &approver, (2027, 1), true, "").await.unwrap();
    assert_eq!(late().await, (1, vec!["企业1".to_owned()]), "only the first by working days");
}

async fn versions(world: World) {
    let offices = offices(world).await;
    let app = &offices.town.world.app;
    let second = actor(&offices.town.world, "hr2", "hr_province", "350000", None).await;
    calendar::propose(app, &offices.town.hr, &year_2027(YEAR_2027)).await.unwrap();
    let twice = calendar::propose(app, &second, &year_2027(YEAR_2027)).await;
    assert!(matches!(twice, Err(Error::Refused(_))), "{twice:?}");
    let silent = calendar::decide(app, &second, (2027, 1), false, " ").await;
    assert!(matches!(silent, Err(Error::Invalid(_))), "{silent:?}");
    calendar::decide(app, &second, (2027, 1), false, "漏了补班日").await.unwrap();
    let late = calendar::decide(app, &offices.approver, (2027, 1), true, "").await;
    assert!(matches!(late, Err(Error::Stale(_))), "{late:?}");
    assert!(calendar::known(app).await.unwrap().arrangement(2027).is_none());

    // When the announcement is corrected, then the later version holds and the earlier one stays.
    calendar::propose(app, &offices.town.hr, &year_2027(YEAR_2027)).await.unwrap();
    calendar::decide(app, &second, (2027, 2), true, "").await.unwrap();
    let changed = YEAR_2027.replace("2027-06-09,休", "2027-06-08,休");
    calendar::propose(app, &second, &year_2027(&changed)).await.unwrap();
    calendar::decide(app, &offices.town.hr, (2027, 3), true, "更正").await.unwrap();
    let known = calendar::known(app).await.unwrap();
    assert_eq!(known.is_working_day(day("2027-06-09")), Ok(true));
    let seen = calendar::calendars(app, &offices.clerk).await.unwrap();
    assert_eq!(seen.versions.len(), 3);
    for statement in [
        "UPDATE work_calendar SET days_off = '' WHERE version = 2",
        "UPDATE work_calendar SET note = 'x' WHERE version = 2",
        "DELETE FROM work_calendar WHERE version = 1",
    ] {
        let refused = offices.town.try_sql(statement).await.unwrap_err();
        assert!(refused.contains("append_only"), "{refused}");
    }
    calendar::propose(app, &second, &year_2027(YEAR_2027)).await.unwrap();
    let alone = "UPDATE work_calendar SET decided_by = proposed_by, decided_holder = proposed_holder, \
                 decided_at = proposed_at, accepted = TRUE, note = '' WHERE version = 4";
    assert!(offices.town.try_sql(alone).await.unwrap_err().contains("calendar_two_people"));
}

async fn mistyped(world: World) {
    let offices = offices(world).await;
    let app = &offices.town.world.app;
    let mut hr = Visitor::signed_in(app, "hr").await;
    hr.get("/calendars").await;
    let fields = [
        ("year", "2027"),
        ("title", "关于2027年部分节假日安排的通知（虚构）"),
        ("document_no", "国办发明电〔2026〕0号"),
        ("announced_on", "2026-06-01"),
        ("days", "2027-02-30,休\n2027-01-04,班"),
    ];
    let wrong = hr.post_file("/calendars", &fields, ("file", "", b"")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = wrong.text();
    assert!(text.contains("第 1 行") && text.contains("第 2 行"), "{text}");
    assert!(wrong.texts("textarea").concat().contains("2027-02-30"), "kept as typed");
    let fields: Vec<_> = fields.iter().copied().filter(|(name, _)| *name != "days").collect();
    let gbk = b"\xc8\xd5\xc6\xda,\xc0\xe0\xb1\xf0\r\n2027-01-01,\xd0\xdd\r\n";
    let read = hr.post_file("/calendars", &fields, ("file", "2027.csv", gbk)).await;
    assert_eq!(hr.at, "/calendars/2027", "{}", read.text());
    assert!(read.text().contains("10 月 1 日是法定节日，却没有列为休"), "{}", read.text());
    let refused = hr.post("/calendars/2027/decisions", &[("verdict", "accept")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("须由另一人确认"));
    let mut approver = Visitor::signed_in(app, "province2").await;
    approver.get("/calendars/2027").await;
    let decided = [("verdict", "accept"), ("note", "与原文一致")];
    let confirmed = approver.post("/calendars/2027/decisions", &decided).await;
    assert!(confirmed.text().contains("已确认"), "{}", confirmed.text());
    let mut clerk = Visitor::signed_in(app, "clerk").await;
    assert_eq!(clerk.get("/calendars").await.status, StatusCode::OK);
    assert!(clerk.get("/calendars/2027").await.text().contains("2027-01-01 星期五"));
    assert_eq!(clerk.get("/calendars/2030").await.status, StatusCode::NOT_FOUND);
}
