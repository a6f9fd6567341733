//! Any form and any link of a page: for people who try whatever a page offers.

use crate::seed::Chance;
use crate::visitor::{Filled, PASSWORD, attribute};

/// A field of a form.
#[derive(Debug, Clone)]
struct Field {
    name: String,
    kind: String,
    value: String,
    /// What can be chosen.
    options: Vec<String>,
}

/// A form of a page.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    fields: Vec<Field>,
    /// It wants a file.
    pub has_file: bool,
}

/// The forms of a page's main part that change something, in order.
pub fn forms(page: &str) -> Vec<Form> {
    let main = page.split_once("<main").map_or(page, |(_, main)| main);
    let pieces = main.split("<form ").skip(1).filter_map(|rest| rest.split("</form>").next());
    pieces.filter_map(form).collect()
}

fn form(text: &str) -> Option<Form> {
    let (head, body) = text.split_once('>')?;
    if attribute(head, "method").as_deref() != Some("post") {
        return None;
    }
    let action = attribute(head, "action")?;
    let mut fields: Vec<Field> = Vec::new();
    for tag in body.split('<').skip(1) {
        let (head, rest) = tag.split_once('>').unwrap_or((tag, ""));
        let named = |kind: &str, value: String| {
            let (name, kind) = (attribute(head, "name")?, kind.to_owned());
            Some(Field { name, kind, value, options: Vec::new() })
        };
        let value = || attribute(head, "value").unwrap_or_default();
        let new = match head.split([' ', '/']).next() {
            Some("input") => {
                let kind = attribute(head, "type").unwrap_or_else(|| "text".to_owned());
                named(&kind, value())
            }
            Some("textarea") => named("area", rest.to_owned()),
            Some("select") => named("select", String::new()),
            Some("button") => named("button", value()),
            Some("option") => {
                if let Some(choice) = fields.last_mut() {
                    choice.options.push(value());
                }
                None
            }
            _ => None,
        };
        fields.extend(new);
    }
    let has_file = fields.iter().any(|field| field.kind == "file");
    Some(Form { action, fields, has_file })
}

impl Form {
    /// Whether a hidden field says which version of a record its sender looked at.
    pub fn hidden(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.name == name && field.kind == "hidden");
        field.map(|field| field.value.as_str())
    }

    /// What somebody typed into its open fields; no password and no choice.
    pub fn typed_texts(&self, filled: &Filled) -> Vec<String> {
        let open = self.fields.iter().filter(|f| matches!(f.kind.as_str(), "text" | "area"));
        let texts = open.map(|field| filled.text(&field.name));
        texts.filter(|text| !text.is_empty()).collect()
    }

    /// The form with something in every field, by chance.
    pub fn typed(&self, chance: &mut Chance) -> Filled {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for field in &self.fields {
            let is_again = pairs.iter().any(|(name, _)| *name == field.name);
            let value = match field.kind.as_str() {
                "file" | "submit" => None,
                "hidden" => Some(field.value.clone()),
                "button" => chance.coin().then(|| field.value.clone()),
                "checkbox" => chance.coin().then(|| field.value.clone()),
                "radio" => (!is_again && chance.coin()).then(|| field.value.clone()),
                "select" => {
                    let count = u64::try_from(field.options.len()).unwrap_or(0);
                    let at = usize::try_from(chance.below(count.max(1))).unwrap_or(0);
                    field.options.get(at).cloned()
                }
                "password" => Some(PASSWORD.to_owned()),
                "date" => Some(day(chance)),
                _ => Some(text(&field.name, &field.value, chance)),
            };
            pairs.extend(value.map(|value| (field.name.clone(), value)));
        }
        Filled::of(&self.action, &pairs)
    }
}

/// A day around the end of the demonstration.
fn day(chance: &mut Chance) -> String {
    let (year, month, day) = (2026 + chance.below(2), 1 + chance.below(12), 1 + chance.below(28));
    format!("{year}-{month:02}-{day:02}")
}

/// Something for a field by its name: mostly of the right kind, sometimes what was there.
fn text(name: &str, before: &str, chance: &mut Chance) -> String {
    if !before.is_empty() && chance.coin() {
        return before.to_owned();
    }
    let number = chance.below(1_000_000);
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["amount", "total", "fee", "cost", "price"]) {
        format!("{}.{:02}", number, chance.below(100))
    } else if has(&["year"]) {
        (2025 + number % 3).to_string()
    } else if has(&["count", "days", "months", "members", "present", "favour", "quota", "percent"])
    {
        (number % 12).to_string()
    } else if has(&["person", "engineer"]) {
        format!("E{:06}", 1 + number % 1_000)
    } else {
        format!("按规定办理的事项第{number}号")
    }
}

/// Addresses of this site that a page leads to, in order and each once; no files.
pub fn links(page: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for rest in page.split("<a ").skip(1) {
        let head = rest.split('>').next().unwrap_or_default();
        let Some(href) = attribute(head, "href") else { continue };
        let address = href.split('#').next().unwrap_or_default().to_owned();
        let is_page = address.starts_with('/')
            && !address.starts_with("//")
            && !head.contains(" download")
            && ![".xlsx", ".csv", ".xml", ".txt", ".pdf", ".json", ".svg", "/file", "/assets"]
                .iter()
                .any(|end| address.contains(end));
        if is_page && !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

/// What a page says, without what is another at every look: times of the day and long random words.
pub fn words(page: &str) -> String {
    let main = page.split_once("<main").map_or(page, |(_, main)| main);
    let main = main.split("</main>").next().unwrap_or(main);
    let mut text = String::with_capacity(main.len() / 2);
    let mut is_tag = true;
    for c in main.chars() {
        match c {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            c if !is_tag => text.push(c),
            _ => {}
        }
    }
    let steady = |word: &&str| !is_time(word) && !is_random(word);
    text.split_whitespace().filter(steady).collect::<Vec<_>>().join(" ")
}

/// Whether a word holds a time of the day.
fn is_time(word: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let bytes: Vec<char> = word.chars().collect();
    bytes.windows(5).any(|five| {
        five[2] == ':'
            && digits(&five[..2].iter().collect::<String>())
            && digits(&five[3..].iter().collect::<String>())
    })
}

/// Whether a word holds a key, a hash or the number of a request.
fn is_random(word: &str) -> bool {
    let mut run = 0;
    word.chars().any(|c| {
        run = if c.is_ascii_hexdigit() { run + 1 } else { 0 };
        run >= 24
    })
}

#[cfg(test)]
mod tests {
    use super::{forms, links, words};
    use crate::seed::Chance;

    const PAGE: &str = "<nav><a href=\"/runs\">x</a></nav><main id=\"main\">\
        <form method=\"get\" action=\"/a\"><input name=\"q\"></form>\
        <form class=\"form\" method=\"post\" action=\"/b\"><input type=\"hidden\" name=\"version\" \
        value=\"7\"><select name=\"s\"><option value=\"one\">1</option></select>\
        <textarea name=\"why\">old</textarea></form>\
        <a href=\"/runs#x\">y</a><a href=\"/x.xlsx\">z</a> 10:32 am 2027-03-01</main>";

    #[test]
    fn forms_links_and_words_of_a_page() {
        let found = forms(PAGE);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].hidden("version"), Some("7"));
        let filled = found[0].typed(&mut Chance::new(1, "test"));
        assert_eq!((filled.text("version"), filled.text("s")), ("7".into(), "one".into()));
        assert_eq!(links(PAGE), ["/runs"]);
        assert_eq!(words(PAGE), "1 old y z am 2027-03-01");
    }
}
