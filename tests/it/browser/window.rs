//! One browser window as a person uses it: sizes, forms, pictures, what the console says.

use std::path::Path;
use std::time::Duration;

use axum::http::Method;
use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A command of the browser's own protocol.
#[derive(Debug)]
struct Own(&'static str, Value);

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.expect("an open session")))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.0, "params": self.1 }).to_string()))
    }
}

/// Makes the page believe in a screen of this size.
pub async fn screen(browser: &Client, width: u32, height: u32) {
    let size = json!({
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false
    });
    let set = Own("Emulation.setDeviceMetricsOverride", size);
    browser.issue_cmd(set).await.expect("a screen of this size");
}

/// A picture of the whole page at the present width.
pub async fn picture(browser: &Client, width: u32, path: &Path) {
    let height = "return Math.min(document.documentElement.scrollHeight, 5000)";
    let height = browser.execute(height, vec![]).await.expect("a script").as_u64().unwrap_or(900);
    screen(browser, width, u32::try_from(height).unwrap_or(900).max(600)).await;
    let bytes = browser.screenshot().await.expect("a picture");
    std::fs::write(path, bytes).expect("a written picture");
}

/// Serious and critical findings of axe-core in the page; the checker must have been put there.
pub async fn barriers(browser: &Client) -> Vec<String> {
    let script = "const done = arguments[arguments.length - 1];
        axe.run({ resultTypes: ['violations'] }).then((result) => done(result.violations
            .filter((v) => v.impact === 'serious' || v.impact === 'critical')
            .map((v) => v.id + ' ' + v.nodes.length + ': ' + v.nodes[0].html.slice(0, 160)
                + ' ' + (v.nodes[0].any[0]?.message ?? ''))),
            (error) => done(['axe failed: ' + error]));";
    let found = browser.execute_async(script, vec![]).await.expect("a checker that answers");
    let found = found.as_array().expect("a list").iter();
    found.map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}

/// How many pixels the page is wider than its window.
pub async fn overflow(browser: &Client) -> i64 {
    let script = "const page = document.documentElement; return page.scrollWidth - innerWidth;";
    browser.execute(script, vec![]).await.expect("a script").as_i64().expect("a number")
}

/// Fills in the form that `css` finds, as its fields are named, and sends it; waits for the page
/// that answers. Fields that must be filled and are not named get a text of their own.
pub async fn send(browser: &Client, css: &str, fields: &[(&str, &str)]) {
    shown(browser, css).await;
    let fields: serde_json::Map<String, Value> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let script = "const [css, fields] = arguments;
        const form = document.querySelector(css);
        if (!form) return 'no form ' + css;
        form.closest('details')?.setAttribute('open', '');
        for (const field of form.elements) {
            if (!field.name || field.type === 'hidden' || field.type === 'file') continue;
            const value = fields[field.name];
            if (field.type === 'checkbox' || field.type === 'radio') {
                if (value !== undefined) field.checked = field.value === value || value === '*';
            } else if (value !== undefined) { field.value = value; }
            else if (field.required || field.getAttribute('aria-required')) {
                if (!field.value) field.value = '见所附材料';
            }
        }
        window.thisPage = true;
        form.requestSubmit(form.querySelector('button.primary, button:not([type=button])'));
        return '';";
    let fault = browser.execute(script, vec![json!(css), json!(fields)]).await.expect("a script");
    assert_eq!(fault, "", "{}", browser.source().await.unwrap_or_default());
    arrive(browser).await;
}

/// Waits until the page is complete and has what `css` finds.
async fn shown(browser: &Client, css: &str) {
    let mut tries = tokio::time::interval(Duration::from_millis(50));
    for _ in 0..600 {
        tries.tick().await;
        let script = "return document.readyState === 'complete'
            && document.querySelector(arguments[0]) !== null";
        if browser.execute(script, vec![json!(css)]).await.is_ok_and(|there| there == true) {
            return;
        }
    }
    panic!("no {css}: {}", browser.source().await.unwrap_or_default());
}

/// Waits until the page that was marked is gone and the next one is complete.
pub async fn arrive(browser: &Client) {
    let mut tries = tokio::time::interval(Duration::from_millis(50));
    for _ in 0..600 {
        tries.tick().await;
        let script = "return !window.thisPage && document.readyState === 'complete'";
        if browser.execute(script, vec![]).await.is_ok_and(|there| there == true) {
            return;
        }
    }
    panic!("no page answers the form: {:?}", browser.current_url().await);
}

/// What the open page says; a page that is just being fetched again is waited for.
pub async fn said(browser: &Client) -> String {
    let mut tries = tokio::time::interval(Duration::from_millis(50));
    for _ in 0..600 {
        tries.tick().await;
        let text = browser.execute("return document.body?.innerText ?? null", vec![]).await;
        if let Ok(Value::String(text)) = text {
            return text;
        }
    }
    panic!("no page to read: {:?}", browser.current_url().await);
}
