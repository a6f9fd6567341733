//! Every page, filled with its samples, is rendered, parsed and held to the rules of the house.

use std::collections::BTreeSet;
use std::{env, fs, path::Path};

use askama::Template;
use juncai::web;
use scraper::{Html, Selector};

/// A rendered sample and where it came from.
struct Rendered {
    name: String,
    body: String,
}

fn render<T: Template>(name: &str, samples: Vec<T>) -> Vec<Rendered> {
    assert!(!samples.is_empty(), "{name} has no samples");
    let one = |(number, page): (usize, T)| Rendered {
        name: format!("{name}-{number}"),
        body: page.render().unwrap_or_else(|error| panic!("{name}-{number}: {error}")),
    };
    samples.into_iter().enumerate().map(one).collect()
}

macro_rules! rendered {
    ($($page:path),+ $(,)?) => {{
        let mut all = Vec::new();
        $(all.extend(render(
            stringify!($page).rsplit("::").next().unwrap_or_default().trim(),
            <$page>::samples(),
        ));)+
        all
    }};
}

fn first_samples() -> Vec<Rendered> {
    use web::*;
    rendered![
        account_filings::pages::FilingList,
        account_filings::pages::FilingView,
        change_requests::pages::RequestList,
        change_requests::pages::RequestView,
        access::pages::SignIn,
        access::pages::Setup,
        access::pages::ChangePassword,
        access::pages::Account,
        access::pages::SignInCode,
        access::pages::StepUp,
        access::pages::Security,
        access::pages::RecoveryCodes,
        reveals::pages::RevealForm,
        reveals::pages::RevealedPage,
        home::pages::Home,
        overview::pages::OverviewPage,
        overview::pages::RowsPage,
        engineers::pages::EngineerList,
        engineers::pages::Engineer,
        engineers::explanation::Explanation,
        engineers::money::MoneyOverview,
        engineers::money::OwnMoney,
        engineers::pages::Activation,
        engineers::disputes::Disputes,
        me::pages::SignIn,
        me::pages::Activate,
        me::pages::ChangePassphrase,
        me::pages::Me,
        me::pages::OwnYear,
        enterprises::pages::EnterpriseList,
        enterprises::pages::EnterpriseDetail,
        enterprises::account_pages::EnterpriseAccountPage,
        roster::pages::RosterDeclarations,
        roster::pages::FormPage,
        budget::pages::MonthPage,
        budget::views::MoneyPage,
        budget::views::ForecastPage,
        reconciliation::pages::ReconciliationPage,
        recoveries::pages::RecoveryList,
        recoveries::pages::RecoveryPage,
        recoveries::pages::LetterPage,
        cases::letter::DecisionPage,
        tips::pages::TipList,
        tips::pages::TipPage,
        policies::pages::PolicyList,
        policies::pages::PolicyView,
        policies::draft_pages::DraftNew,
        policies::draft_pages::DraftView,
        policies::case_pages::CaseList,
        policies::case_pages::CaseForm,
        policies::case_pages::CaseView,
        measures::pages::MeasureList,
        measures::pages::MeasurePage,
        scenarios::pages::ScenarioList,
        scenarios::pages::ScenarioView,
        scenarios::pages::Beside,
    ]
}

/// Every page of the site in every state worth a look.
fn all_samples() -> Vec<Rendered> {
    first_samples().into_iter().chain(more_samples()).chain(money_samples()).collect()
}

fn more_samples() -> Vec<Rendered> {
    use web::*;
    rendered![
        cases::pages::CaseList,
        notifications::pages::Messages,
        cases::pages::BulkPage,
        cases::pages::CasePage,
        cases::personal::Personal,
        cases::pages::RecognitionNew,
        cases::transfer::TransferNew,
        catalogue::pages::CataloguePage,
        calendars::pages::CalendarList,
        calendars::pages::CalendarYear,
        campaigns::pages::CampaignPage,
        certificates::pages::CertificatePage,
        certificates::pages::OwnCertificate,
        certificates::pages::VerifyPage,
        agreements::pages::Agreements,
        agreements::pages::AgreementNew,
        agreements::pages::AgreementPage,
        visits::pages::Visits,
        visits::pages::VisitNew,
        visits::pages::VisitClaimPage,
        visits::pages::VisitPage,
        experts::pages::Experts,
        experts::pages::ExpertNew,
        experts::pages::ExpertPage,
        experts::pages::ServicePage,
        experts::pages::CertificatePage,
        pilots::pages::PilotList,
        programmes::pages::ProgrammeList,
        programmes::pages::ProgrammePage,
        programmes::pages::NominationPage,
        trainings::pages::TrainingList,
        trainings::pages::TrainingPage,
        institutions::pages::InstitutionList,
        institutions::pages::InstitutionPage,
        key_enterprises::pages::Applications,
        key_enterprises::pages::Apply,
        key_enterprises::pages::Annual,
        checks::pages::CheckList,
        checks::pages::CheckSample,
        notices::pages::NoticeList,
        notices::pages::NoticeNew,
        notices::pages::PublicNoticeList,
        notices::pages::PublicNotice,
        objections::pages::TrackPage,
        objections::pages::ObjectorPage,
        duplicates::pages::DuplicateList,
        duplicates::pages::DuplicatePair,
        duplicates::pages::MergePage,
        imports::pages::ImportList,
        imports::pages::ImportNew,
        imports::pages::ImportPreview,
        accounts::pages::AccountList,
        accounts::pages::AccountView,
        accounts::systems::SystemList,
        accounts::webhooks::Webhooks,
        colleagues::pages::ColleagueList,
        confirmations::pages::Unconfirmed,
        search::pages::SearchPage,
        exports::pages::Exports,
        exports::pages::ExportNew,
        freezes::pages::Freezes,
        lookups::pages::LookupPage,
        lists::pages::ListPage,
        errors::pages::ErrorPage,
        errors::pages::PublicErrorPage,
    ]
}

fn money_samples() -> Vec<Rendered> {
    use web::*;
    rendered![
        privacy::pages::Privacy,
        runs::pages::RunList,
        runs::pages::Run,
        entitlements::pages::EntitlementList,
        batches::pages::BatchList,
        batches::pages::BatchNew,
        batches::pages::Batch,
        batches::pages::BatchCheck,
        batches::pages::BatchDetails,
        batches::pages::BatchSummary,
        batches::control::BatchControl,
        batches::pages::SuspenseList,
        budget::pages::BudgetList,
        budget::pages::CarryOverPage,
        holds::pages::Holds,
        tax::pages::Rulings,
        tax::pages::TaxList,
        budget::pages::Entries,
        budget::pages::YearEndPage,
        authorisations::pages::Proposals,
        authorisations::pages::ProposalView,
        authorisations::pages::Sessions,
        audit::pages::AuditLog,
        audit::pages::AuditVerification,
        audit::evidence_pages::PersonEvidence,
        audit::evidence_pages::BatchEvidence,
        exchange_rates::pages::RateList,
        exchange_rates::pages::UploadPage,
    ]
}

fn all<'a>(html: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("a selector");
    html.select(&selector).collect()
}

/// What is wrong with a page, one sentence each.
fn faults(body: &str) -> Vec<String> {
    let html = Html::parse_document(body);
    let mut faults = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            faults.push(what);
        }
    };
    must(all(&html, "h1").len() == 1, format!("{} h1", all(&html, "h1").len()));
    let title: String = all(&html, "title").iter().take(1).flat_map(|t| t.text()).collect();
    must(title.trim().chars().count() > 5, format!("title {title:?}"));
    let wrong = !all(&html, "[data-errors]").is_empty();
    must(title.starts_with("错误：") == wrong, format!("title {title:?}, errors: {wrong}"));

    let mut ids = BTreeSet::new();
    for element in all(&html, "[id]") {
        let id = element.attr("id").unwrap_or_default();
        must(!id.is_empty() && ids.insert(id), format!("id {id:?} twice or empty"));
    }
    for element in all(&html, "[aria-describedby], [aria-labelledby]") {
        let named = ["aria-describedby", "aria-labelledby"].map(|name| element.attr(name));
        for id in named.into_iter().flatten().flat_map(str::split_whitespace) {
            must(ids.contains(id), format!("describes by missing {id}"));
        }
    }
    for link in all(&html, "a[href^='#']") {
        let id = link.attr("href").unwrap_or_default().trim_start_matches('#');
        must(ids.contains(id), format!("link to missing #{id}"));
    }
    let labels: BTreeSet<_> = all(&html, "label").iter().filter_map(|l| l.attr("for")).collect();
    for field in all(&html, "input:not([type=hidden]), select, textarea, progress") {
        let id = field.attr("id").unwrap_or_default();
        let named = labels.contains(id) || field.attr("aria-label").is_some();
        must(named, format!("no label for {:?}", field.html()));
    }
    for element in all(&html, "*") {
        let inline = element.value().attrs().find(|(n, _)| *n == "style" || n.starts_with("on"));
        must(inline.is_none(), format!("inline {inline:?}"));
    }
    must(all(&html, "style").is_empty(), "a style element".into());
    for script in all(&html, "script") {
        must(script.text().all(|t| t.trim().is_empty()), "a script with a body".into());
    }
    for table in all(&html, "table") {
        let caption = Selector::parse("caption").expect("a selector");
        must(table.select(&caption).next().is_some(), "a table without caption".into());
    }
    let token = Selector::parse("input[name=csrf_token]").expect("a selector");
    for form in all(&html, "form[method=post]") {
        let filled = form.select(&token).any(|t| t.attr("value").is_some_and(|v| !v.is_empty()));
        must(filled, format!("no token in form to {:?}", form.attr("action")));
    }
    let document = html.root_element();
    must(document.attr("lang") == Some("zh-CN"), "the language".into());
    must(!has_identity_number(&document.text().collect::<String>()), "an identity number".into());
    for tag in all(&html, "span.tag") {
        let word: String = tag.text().collect();
        must(web::words::is_known(&word), format!("status word {word:?} is not in the dictionary"));
    }
    faults
}

/// Whether 17 digits are followed by a digit or an X.
fn has_identity_number(text: &str) -> bool {
    let is_last = |c: char| c.is_ascii_digit() || matches!(c, 'X' | 'x');
    let chars: Vec<char> = text.chars().collect();
    chars.windows(18).any(|w| w[..17].iter().all(char::is_ascii_digit) && is_last(w[17]))
}

#[test]
fn every_sample_of_every_page_keeps_the_rules_of_the_house() {
    let pages = all_samples();
    if let Ok(folder) = env::var("JUNCAI_DUMP_PAGES") {
        dump(Path::new(&folder), &pages);
    }
    let report: Vec<String> = pages
        .iter()
        .flat_map(|page| faults(&page.body).into_iter().map(|f| format!("{}: {f}", page.name)))
        .collect();
    assert!(report.is_empty(), "{}", report.join("\n"));
}

fn dump(folder: &Path, pages: &[Rendered]) {
    fs::create_dir_all(folder).expect("a folder for the pages");
    for page in pages {
        let file = folder.join(format!("{}.html", page.name));
        fs::write(file, page.body.as_bytes()).expect("a page written");
    }
}

#[test]
fn the_checks_notice_a_bad_page() {
    let bad = "<html lang=zh-CN><head><title>一个标题在此</title></head><body><h1>1</h1>\
        <form method=post><input name=a></form><table></table><p id=x onclick=y></p>\
        <p id=x>350102199001011234</p></body></html>";
    let found = faults(bad).join("\n");
    for expected in ["no label", "no token", "caption", "inline", "twice", "identity number"] {
        assert!(found.contains(expected), "{expected} is missing in {found}");
    }
}

#[test]
fn style_and_script_stay_small_and_load_nothing_from_elsewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let read = |name: &str| fs::read_to_string(root.join(name)).expect("an asset");
    let (style, script, draft) = (read("app.css"), read("app.js"), read("draft.js"));
    assert!(style.len() <= 30 * 1024, "the style has {} bytes", style.len());
    assert!(script.len() <= 6 * 1024, "the script has {} bytes", script.len());
    assert!(draft.len() <= 3 * 1024, "the script of drafts has {} bytes", draft.len());
    for text in [&style, &script, &draft] {
        assert!(!text.contains("http") && !text.contains("@import"), "loads from elsewhere");
    }
}
