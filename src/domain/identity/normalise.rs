//! What people paste, in the one form that checks work on.

/// Full-width forms and the ideographic space as their half-width twins; others as they are.
pub fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// Half width, upper case, without blanks, invisible marks and hyphens.
pub fn compact(text: &str) -> String {
    squeeze(text).filter(|c| !is_hyphen(*c)).collect()
}

/// Like [`compact`], but hyphens stay, as `-`.
pub(super) fn compact_with_hyphens(text: &str) -> String {
    squeeze(text).map(|c| if is_hyphen(c) { '-' } else { c }).collect()
}

fn squeeze(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .map(|c| c.to_ascii_uppercase())
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Zero-width marks that spreadsheets and web pages leave behind.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_numbers_lose_their_decoration() {
        assert_eq!(
            compact("\u{feff} ３５０１０２ 1990-0307\u{200b}998１ｘ　"),
            "350102199003079981X"
        );
        assert_eq!(compact_with_hyphens("35 0－a1"), "350-A1");
    }
}
