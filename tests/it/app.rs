//! The site from outside: what browsers are told, who is let in where, and what errors look like.

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use juncai::domain::authority::Role;
use juncai::domain::registry::Code;
use juncai::web::router::surround;
use juncai::web::server::serve;
use juncai::web::site::Site;
use sea_orm::ConnectionTrait;

use crate::browser_like::{HOST, Seen, Visitor};
use crate::on_both;
use crate::world::World;

on_both! {
    every_line_of_the_menu_opens_for_those_who_have_it_and_for_nobody_else => menus;
    a_form_counts_only_with_its_own_token_and_from_our_own_pages => forgery;
    every_answer_tells_browsers_what_to_refuse => headers;
    faults_are_told_without_what_is_inside => faults;
    a_database_that_is_away_is_told_in_words_and_without_waiting => away;
    a_server_that_stops_answers_what_is_under_way => door;
    addresses_lead_to_sign_in_and_back_and_never_elsewhere => addresses;
}

const MENU: [(&str, &[Role]); 50] = {
    use Role::*;
    const ENTITLEMENTS: &[Role] = &[
        EnterpriseClerk,
        EnterpriseHead,
        EnterpriseSignatory,
        HrCounty,
        HrCity,
        HrCityApprover,
        HrProvince,
        HrProvinceApprover,
        FinanceMaker,
        FinanceChecker,
        FinanceApprover,
        Auditor,
    ];
    const REGISTRY: &[Role] = &[
        EnterpriseClerk,
        EnterpriseHead,
        EnterpriseSignatory,
        HrCounty,
        HrCity,
        HrCityApprover,
        HrProvince,
        HrProvinceApprover,
        IndustryCounty,
        IndustryCity,
        IndustryProvince,
        IndustryProvinceApprover,
        FinanceMaker,
        FinanceChecker,
        FinanceApprover,
        Auditor,
    ];
    const CASES: &[Role] = &[
        EnterpriseClerk,
        EnterpriseHead,
        EnterpriseSignatory,
        HrCounty,
        HrCity,
        HrCityApprover,
        HrProvince,
        HrProvinceApprover,
        IndustryCounty,
        IndustryCity,
        IndustryProvince,
        IndustryProvinceApprover,
        Auditor,
    ];
    const WORKING: &[Role] = CASES.split_at(CASES.len() - 1).0;
    const MONEY: &[Role] = &[FinanceMaker, FinanceChecker, FinanceApprover, Auditor];
    [
        ("/", Role::ALL),
        ("/overview", REGISTRY),
        ("/enterprises", REGISTRY),
        ("/engineers", REGISTRY),
        ("/lists/enterprises", REGISTRY),
        ("/roster/declarations", &[HrProvince]),
        ("/duplicates", &[HrCounty, HrCity, HrProvince]),
        ("/confirmations", &[EnterpriseClerk, EnterpriseHead, HrCounty, HrCity, HrProvince]),
        (
            "/account-filings",
            &[EnterpriseClerk, EnterpriseHead, HrCounty, HrCity, HrProvince, Auditor],
        ),
        ("/change-requests", &[HrCounty, HrCity, HrProvince, Auditor]),
        ("/cases", CASES),
        ("/campaigns", CASES),
        ("/delegations", WORKING),
        ("/notifications", Role::ALL),
        ("/applications", CASES),
        ("/annual-reports", CASES),
        ("/pilots", CASES),
        ("/programmes", REGISTRY),
        ("/trainings", REGISTRY),
        ("/hr-institutions", REGISTRY),
        ("/agreements", REGISTRY),
        ("/visits", REGISTRY),
        ("/experts", REGISTRY),
        ("/checks", &[HrCounty, HrCity, HrProvince, HrProvinceApprover, Auditor]),
        ("/notices", &[HrProvince, IndustryProvinceApprover]),
        (
            "/tips",
            &[
                HrCounty,
                HrCity,
                HrCityApprover,
                HrProvince,
                HrProvinceApprover,
                IndustryProvinceApprover,
                Auditor,
            ],
        ),
        ("/imports", &[EnterpriseClerk, EnterpriseHead, HrProvince]),
        ("/runs", &[HrProvince]),
        ("/entitlements", ENTITLEMENTS),
        ("/batches", MONEY),
        ("/suspense", MONEY),
        ("/budget", MONEY),
        ("/holds", MONEY),
        ("/tax", MONEY),
        ("/recoveries", MONEY),
        ("/reconciliation", MONEY),
        ("/measures", REGISTRY),
        ("/lookups", REGISTRY),
        ("/exports", REGISTRY),
        ("/policies", ENTITLEMENTS),
        (
            "/catalogue",
            &[
                HrProvince,
                HrProvinceApprover,
                FinanceMaker,
                FinanceChecker,
                FinanceApprover,
                Auditor,
            ],
        ),
        ("/calendars", REGISTRY),
        ("/exchange-rates", REGISTRY),
        ("/freezes", &[HrProvince, HrProvinceApprover, Auditor]),
        ("/audit", &[Auditor, SecurityAdministrator, SecurityAuditor]),
        ("/audit/verification", &[Auditor, SecurityAuditor]),
        ("/colleagues", &[EnterpriseHead]),
        ("/accounts", &[Administrator]),
        ("/authorisations", &[SecurityAdministrator]),
        ("/sessions", &[SecurityAdministrator]),
    ]
};

/// A visitor of each role.
pub async fn visitor(world: &World, role: Role) -> Visitor {
    let login = role.code().replace('_', "-");
    let division = match role {
        Role::HrCounty | Role::IndustryCounty => "350102",
        Role::HrCity | Role::HrCityApprover | Role::IndustryCity => "350100",
        _ => "350000",
    };
    match role {
        role if role.is_of_enterprise() => {
            let uscc = match role {
                Role::EnterpriseClerk => "91350100000000001A",
                Role::EnterpriseHead => "91350100000000002A",
                _ => "91350100000000003A",
            };
            Visitor::of_new_enterprise(&world.app, &login, role, uscc).await
        }
        _ => Visitor::with_role(&world.app, &login, role, division).await,
    }
}

async fn menus(world: World) {
    let mut wrong = Vec::new();
    for role in Role::ALL.iter().filter(|role| !role.is_system()) {
        let mut visitor = visitor(&world, *role).await;
        let home = visitor.get("/").await;
        let menu = home.attributes("nav.menu a", "href");
        for (path, roles) in MENU {
            let may = roles.contains(role);
            let seen = visitor.get(path).await;
            let expected = if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
            if seen.status != expected || menu.contains(&path.to_owned()) != may {
                wrong.push(format!("{role:?} at {path}: {}, expected {expected}", seen.status));
            }
            if !may && !seen.text().contains(role.label()) {
                wrong.push(format!("{role:?} at {path} is not told the role"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn forgery(world: World) {
    let mut own = Visitor::with_role(&world.app, "maker", Role::FinanceMaker, "350000").await;
    let mut other = Visitor::with_role(&world.app, "other", Role::FinanceMaker, "350000").await;
    let path = "/account/sessions/sign-out";
    let token = |seen: &Seen| seen.attributes("input[name=csrf_token]", "value")[0].clone();
    let good = token(&own.get("/account").await);
    let foreign = token(&other.get("/account").await);
    let guest = Visitor::new(&world.app).get("/sign-in").await;
    let guest = token(&guest);
    let bent = format!("{}x", &good[..good.len() - 1]);
    let here = format!("http://{HOST}");
    let from = |site: &'static str, origin: &str| {
        vec![("sec-fetch-site", site.to_owned()), ("origin", origin.to_owned())]
    };
    let ours = || from("same-origin", &here);
    let cases = [
        ("our form", Some(good.as_str()), ours(), StatusCode::SEE_OTHER),
        ("no headers of a browser", Some(good.as_str()), vec![], StatusCode::SEE_OTHER),
        ("no token", None, ours(), StatusCode::FORBIDDEN),
        ("an empty token", Some(""), ours(), StatusCode::FORBIDDEN),
        ("somebody else's token", Some(foreign.as_str()), ours(), StatusCode::FORBIDDEN),
        ("a token from before sign-in", Some(guest.as_str()), ours(), StatusCode::FORBIDDEN),
        ("a bent token", Some(bent.as_str()), ours(), StatusCode::FORBIDDEN),
        (
            "another site",
            Some(good.as_str()),
            from("cross-site", "http://evil.test"),
            StatusCode::FORBIDDEN,
        ),
        (
            "a sister site",
            Some(good.as_str()),
            from("same-site", "http://x.test"),
            StatusCode::FORBIDDEN,
        ),
        (
            "an old browser at another site",
            Some(good.as_str()),
            vec![("origin", "http://evil.test".to_owned())],
            StatusCode::FORBIDDEN,
        ),
        (
            "a sandbox",
            Some(good.as_str()),
            vec![("origin", "null".to_owned())],
            StatusCode::FORBIDDEN,
        ),
    ];
    for (name, token, headers, expected) in cases {
        let body = token.map_or_else(String::new, |t| format!("csrf_token={t}"));
        let mut headers: Vec<(&str, &str)> =
            headers.iter().map(|(k, v)| (*k, v.as_str())).collect();
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        let seen = own.send(Method::POST, path, Some(body.into_bytes()), &headers).await;
        assert_eq!(seen.status, expected, "{name}");
    }
    let plain = [("content-type", "text/plain")];
    let text = own.send(Method::POST, path, Some(Vec::new()), &plain).await;
    assert_eq!(text.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

async fn headers(world: World) {
    let mut auditor = Visitor::with_role(&world.app, "auditor", Role::Auditor, "350000").await;
    let mut secure = world.app.clone();
    secure.secure_cookies = true;
    let mut guest = Visitor::new(&secure);
    let mut seen = Vec::new();
    for path in ["/audit", "/accounts", "/no/such/page", "/assets/app.css", "/healthz", "/sign-in"]
    {
        seen.push((path, auditor.peek(path).await));
    }
    seen.push(("guest /", guest.peek("/").await));
    seen.push(("guest /sign-in", guest.peek("/sign-in").await));
    for (path, seen) in &seen {
        let told = |name: &str| seen.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
        let csp = told("content-security-policy");
        assert!(csp.starts_with("default-src 'none'") && !csp.contains("unsafe"), "{path}: {csp}");
        assert!(
            csp.contains("frame-ancestors 'none'") && csp.contains("base-uri 'none'"),
            "{path}"
        );
        assert_eq!(told("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(told("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(told("referrer-policy"), "same-origin", "{path}");
        assert!(told("permissions-policy").contains("camera=()"), "{path}");
        assert_eq!(told("x-request-id").len(), 9, "{path}");
        let kept = path.starts_with("/assets");
        assert_eq!(told("cache-control") == "no-store", !kept, "{path}");
        assert!(seen.headers.get("access-control-allow-origin").is_none(), "{path}");
        let hsts = told("strict-transport-security");
        assert_eq!(hsts.starts_with("max-age=31536000"), path.starts_with("guest"), "{path}");
        if path.starts_with("guest /sign-in") {
            let cookie = told("set-cookie");
            assert!(cookie.starts_with("__Host-juncai-visit="), "{cookie}");
            for word in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
                assert!(cookie.contains(word), "{cookie}");
            }
        }
    }
    assert_eq!(
        seen[0].1.texts("footer code"),
        [seen[0].1.headers["x-request-id"].to_str().expect("plain text")]
    );
    kept_assets(&mut auditor).await;
}

/// A style sheet asked for by its version is kept for ever; otherwise it is asked for again.
async fn kept_assets(visitor: &mut Visitor) {
    let page = visitor.get("/account").await;
    let sheet = page.attributes("link[rel=stylesheet]", "href")[0].clone();
    let named = visitor.peek(&sheet).await;
    assert!(named.headers["cache-control"].to_str().expect("plain text").contains("immutable"));
    let plain = visitor.peek("/assets/app.css").await;
    assert_eq!(plain.headers["cache-control"], "no-cache");
    let tag = plain.headers["etag"].to_str().expect("plain text").to_owned();
    let again = [("if-none-match", tag.as_str())];
    let known = visitor.send(Method::GET, "/assets/app.css", None, &again).await;
    assert_eq!((known.status, known.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
}

async fn bad_luck() -> &'static str {
    panic!("350102199001011234")
}

async fn faults(world: World) {
    let mut clerk = Visitor::with_role(&world.app, "maker", Role::FinanceMaker, "350000").await;
    let panics = Router::new().route("/panic", get(bad_luck));
    let mut unlucky = Visitor::of_site(&world.app, surround(Site::new(world.app.clone()), panics));

    let missing = clerk.get("/no/such/page").await;
    let method = clerk.send(Method::DELETE, "/account", None, &[]).await;
    let zero = clerk.get("/engineers?q=%00").await;
    let number = clerk.get("/accounts/999999999999999999999999").await;
    let panicked = unlucky.get("/panic").await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let large = clerk.send(Method::POST, "/sign-out", Some(vec![b'a'; 2 << 20]), &form).await;
    let stated = [("content-length", "99999999")];
    let larger = clerk.send(Method::POST, "/sign-out", Some(Vec::new()), &stated).await;
    world
        .app
        .db
        .read()
        .execute_unprepared("ALTER TABLE session RENAME TO gone")
        .await
        .expect("renamed");
    let broken = clerk.get("/account").await;

    let cases = [
        (&missing, 404, "没有找到这个页面"),
        (&method, 405, "这个地址不能这样访问"),
        (&zero, 400, "请求无法识别"),
        (&number, 400, "请求无法识别"),
        (&panicked, 500, "系统出错，没有办成"),
        (&broken, 500, "系统出错，没有办成"),
    ];
    for (seen, status, heading) in cases {
        assert_eq!((seen.status.as_u16(), seen.texts("h1")), (status, vec![heading.to_owned()]));
        let id = seen.headers["x-request-id"].to_str().expect("plain text");
        assert!(seen.text().contains(id), "the number to quote is on the page");
        for inside in ["session", "table", "SQL", "panic", "350102199001011234", "src/"] {
            assert!(!seen.text().contains(inside), "{inside} on the page for {status}");
        }
    }
    for seen in [large, larger] {
        assert_eq!(seen.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(seen.texts("h1"), ["文件太大"]);
    }
}

async fn away(world: World) {
    let mut clerk = Visitor::with_role(&world.app, "maker", Role::FinanceMaker, "350000").await;

    world.app.db.clone().close().await.expect("closed");
    let page = clerk.get("/batches").await;
    let health = clerk.get("/healthz").await;

    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.texts("h1"), ["数据库暂时连不上，没有办成"]);
    assert_eq!(page.headers["retry-after"], "30");
    assert!(page.text().contains("先看是否已经办理"), "what may have arrived is not denied");
    assert_eq!(health.status, StatusCode::SERVICE_UNAVAILABLE);
}

async fn addresses(world: World) {
    let mut guest = Visitor::new(&world.app);

    let sent = guest.peek("/audit?who=a").await;
    assert_eq!(sent.location(), Some("/sign-in?next=%2Faudit%3Fwho%3Da"));
    let form = guest.get("/sign-in?next=%2Fbatches").await.form("/sign-in").expect("a form");
    assert!(form.contains(&("next".to_owned(), "/batches".to_owned())));
    let json = [("accept", "application/json")];
    let machine = guest.send(Method::GET, "/account", None, &json).await;
    assert_eq!(machine.status, StatusCode::UNAUTHORIZED);

    let mut known = Visitor::with_role(&world.app, "maker", Role::FinanceMaker, "350000").await;
    for elsewhere in ["//evil.test", "https://evil.test", "/%5Cevil.test"] {
        let seen = known.peek(&format!("/sign-in?next={elsewhere}")).await;
        assert_eq!(seen.location(), Some("/"), "{elsewhere}");
    }
}

/// Speaks HTTP by hand and reads until the server closes.
async fn talk(address: std::net::SocketAddr, words: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
    stream.write_all(words.as_bytes()).await.expect("sent");
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.expect("an answer");
    String::from_utf8_lossy(&heard).into_owned()
}

async fn door(world: World) {
    let (arrived, seen_arriving) = tokio::sync::watch::channel(false);
    let (go, gone) = tokio::sync::watch::channel(false);
    let wait = move || {
        let (arrived, mut gone) = (arrived.clone(), gone.clone());
        async move {
            arrived.send_replace(true);
            gone.wait_for(|go| *go).await.expect("a sender");
            "finished"
        }
    };
    let site = surround(Site::new(world.app.clone()), Router::new().route("/wait", get(wait)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let stop = async {
            let _ = stopped.await;
        };
        serve(listener, site, &[], stop).await
    });
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    let healthy = talk(address, &ask("/healthz")).await;
    let under_way = ask("/wait");
    let under_way = tokio::spawn(async move { talk(address, &under_way).await });
    let mut seen_arriving = seen_arriving;
    seen_arriving.wait_for(|here| *here).await.expect("a handler");
    stop.send(()).expect("a running server");
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    go.send_replace(true);

    assert!(healthy.starts_with("HTTP/1.1 200") && healthy.contains("ok"), "{healthy}");
    let answer = under_way.await.expect("no panic");
    assert!(answer.ends_with("finished"), "what was under way is answered: {answer}");
    server.await.expect("no panic").expect("a good end");
}
