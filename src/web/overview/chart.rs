//! Bars drawn by the server: plain SVG with a title and a description, styled by classes only.
//!
//! Every bar has its words above it, so that long names of enterprises stay whole and the drawing
//! can shrink to a phone. It is a list of links for a screen reader; the table says the same.

use std::fmt::{self, Write as _};

use askama::filters::HtmlSafe;

/// Width of the drawing in its own units; heights follow the number of bars.
const WIDTH: u32 = 400;
const ROW: u32 = 40;
const GROUP: u32 = 26;
/// Characters of a label that have room beside the value.
const LABEL: usize = 22;

/// Markup in which every text was escaped as it was written: only [`bars`] and [`burn_up`] make it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawing(String);

impl fmt::Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Drawing {}

/// A bar to draw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Its words.
    pub label: String,
    /// Heading above it when it differs from that of the bar before; may be empty.
    pub group: String,
    /// Lengths of its parts in thousandths of the width.
    pub parts: Vec<u32>,
    /// What is written at its end.
    pub value: String,
    /// Where it leads.
    pub href: Option<String>,
}

/// The drawing of `bars`; `id` is unique in the page. Empty without bars.
pub fn bars(id: &str, title: &str, about: &str, bars: &[Drawn]) -> Drawing {
    if bars.is_empty() {
        return Drawing::default();
    }
    let mut body = String::new();
    let (mut y, mut group) = (0, "");
    for bar in bars {
        if bar.group != group && !bar.group.is_empty() {
            let _ = write!(
                body,
                "<text class=\"chart-group\" x=\"0\" y=\"{}\">{}</text>",
                y + 18,
                escape(&bar.group)
            );
            y += GROUP;
        }
        group = &bar.group;
        body.push_str(&row(bar, y));
        y += ROW;
    }
    Drawing(format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {y}\" role=\"group\" \
         aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}</title>\
         <desc id=\"{id}-d\">{}</desc>{body}</svg>",
        escape(title),
        escape(about)
    ))
}

fn row(bar: &Drawn, y: u32) -> String {
    let mut out = format!(
        "<text class=\"chart-label\" x=\"0\" y=\"{0}\">{1}</text>\
         <text class=\"chart-value\" x=\"{WIDTH}\" y=\"{0}\" text-anchor=\"end\">{2}</text>\
         <rect class=\"chart-rail\" x=\"0\" y=\"{3}\" width=\"{WIDTH}\" height=\"12\"/>",
        y + 14,
        escape(&shortened(&bar.label)),
        escape(&bar.value),
        y + 20,
    );
    let mut x = 0;
    for (series, part) in bar.parts.iter().enumerate() {
        let width = (part * WIDTH).div_ceil(1000);
        if width > 0 {
            let _ = write!(
                out,
                "<rect class=\"chart-{series}\" x=\"{x}\" y=\"{}\" width=\"{width}\" \
                 height=\"12\"/>",
                y + 20
            );
        }
        x += width;
    }
    match &bar.href {
        Some(href) => format!(
            "<a href=\"{}\" aria-label=\"{} {}\">{out}</a>",
            escape(href),
            escape(&bar.label),
            escape(&bar.value)
        ),
        None => out,
    }
}

/// A year of months: a column for what is used by the end of each, a step for what there is. Values
/// are thousandths of the drawing's height. Empty without months.
pub fn burn_up(id: &str, title: &str, about: &str, months: &[(String, u32, u32)]) -> Drawing {
    const HEIGHT: u32 = 160;
    if months.is_empty() {
        return Drawing::default();
    }
    let step = WIDTH / 12;
    let up = |part: u32| HEIGHT - (part.min(1000) * HEIGHT).div_ceil(1000);
    let mut body = String::new();
    for (at, (label, used, there)) in (0_u32..12).zip(months) {
        let x = at * step;
        let _ = write!(
            body,
            "<rect class=\"chart-0\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\
             <rect class=\"chart-line\" x=\"{x}\" y=\"{}\" width=\"{step}\" height=\"2\"/>\
             <text class=\"chart-value\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            x + 6,
            up(*used),
            step - 12,
            HEIGHT - up(*used),
            up(*there),
            x + step / 2,
            HEIGHT + 16,
            escape(label)
        );
    }
    let bottom = HEIGHT + 24;
    Drawing(format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {bottom}\" role=\"img\" \
         aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}</title>\
         <desc id=\"{id}-d\">{}</desc>\
         <rect class=\"chart-rail\" x=\"0\" y=\"{HEIGHT}\" width=\"{WIDTH}\" height=\"1\"/>{body}</svg>",
        escape(title),
        escape(about)
    ))
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LABEL {
        return label.to_owned();
    }
    let kept: String = label.chars().take(LABEL - 1).collect();
    format!("{kept}…")
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str) -> Drawn {
        Drawn {
            label: label.to_owned(),
            group: "组".to_owned(),
            parts: vec![600, 400],
            value: "12,345.00".to_owned(),
            href: Some("/overview/cases?kind=a&state=b".to_owned()),
        }
    }

    #[test]
    fn names_are_text_and_never_markup() {
        let drawn = bars("f", "图", "说明", &[bar("<script>&\"甲\"")]).to_string();
        assert!(!drawn.contains("<script") && drawn.contains("&lt;script&gt;&amp;&quot;甲&quot;"));
        assert!(drawn.contains("kind=a&amp;state=b"));
        assert!(!drawn.contains("style"));
    }

    #[test]
    fn a_drawing_of_many_long_names_stays_small_and_inside_its_width() {
        let many: Vec<Drawn> = (0..24).map(|_| bar(&"福建省某某智能".repeat(6))).collect();
        let drawn = bars("f", "图", "说明", &many).to_string();
        assert!(drawn.len() <= 20_000, "{} bytes", drawn.len());
        assert_eq!(drawn.matches("chart-group").count(), 1, "a heading once");
        assert!(drawn.contains("width=\"240\"") && drawn.contains("x=\"240\""));
        assert_eq!(bars("f", "图", "说明", &[]).to_string(), "");
    }

    #[test]
    fn a_year_has_a_column_and_a_step_a_month() {
        let months = [("1 月".to_owned(), 0, 1000), ("2 月".to_owned(), 250, 1000)];
        let drawn = burn_up("f", "图", "说<明", &months).to_string();
        assert_eq!((drawn.matches("chart-0").count(), drawn.matches("chart-line").count()), (2, 2));
        assert!(drawn.contains("y=\"120\"") && drawn.contains("height=\"40\""), "{drawn}");
        assert!(drawn.contains("说&lt;明"));
        assert_eq!(burn_up("f", "图", "说明", &[]).to_string(), "");
    }
}
