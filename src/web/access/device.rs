//! What a browser is called, from what it says about itself.

const SYSTEMS: &[(&str, &str)] = &[
    ("Windows", "Windows"),
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "macOS"),
    ("UOS", "统信 UOS"),
    ("Kylin", "银河麒麟"),
    ("Linux", "Linux"),
];
const BROWSERS: &[(&str, &str)] = &[
    ("QIHU", "360 安全浏览器"),
    ("360SE", "360 安全浏览器"),
    ("Qaxbrowser", "奇安信浏览器"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chromium"),
    ("Safari/", "Safari"),
];

/// System and browser in a few words.
pub fn name(user_agent: &str) -> String {
    let known = |list: &[(&str, &'static str)]| {
        list.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    match (known(SYSTEMS), known(BROWSERS)) {
        (Some(system), Some(browser)) => format!("{system} · {browser}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "其他设备".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_browsers_are_told_apart() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like \
            Gecko) Chrome/120.0 Safari/537.36 Edg/120.0";
        assert_eq!(name(edge), "Windows · Edge");
        assert_eq!(name("curl/8.0"), "其他设备");
    }
}
