//! Public masks (domain.md 4.8). No mask ever shows more than the first two and the last three
//! characters of a number.

/// First `head` and last `tail` characters, one star for each in between.
fn mask_between(text: &str, head: usize, tail: usize) -> String {
    let count = text.chars().count();
    let shown = |index: usize| index < head || index + tail >= count;
    let enough = count > head + tail;
    text.chars()
        .enumerate()
        .map(|(index, c)| if enough && shown(index) { c } else { '*' })
        .collect()
}

/// A document number: 2 and 3 ends of a long one, 1 and 2 of a short one.
pub fn mask_number(text: &str) -> String {
    let (head, tail) = if text.chars().count() >= 15 { (2, 3) } else { (1, 2) };
    mask_between(text, head, tail)
}

/// An account: only the last four, and not its length.
pub(super) fn mask_account(text: &str) -> String {
    let count = text.chars().count();
    let tail: String = text.chars().skip(count.saturating_sub(4)).collect();
    if count > 8 { format!("****{tail}") } else { "****".to_owned() }
}

/// A name for the public: `张*三`, `张*`, and `*` for a single character.
pub fn mask_name(name: &str) -> String {
    let tail = usize::from(name.chars().count() > 2);
    mask_between(name, 1, tail)
}

/// A telephone number for the public: `138****1234`; of a short one only the last two.
pub fn mask_mobile(number: &str) -> String {
    let (head, tail) = if number.chars().count() >= 11 { (3, 4) } else { (0, 2) };
    mask_between(number, head, tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_show_the_ends_only() {
        for (mask, text, shown) in [
            (mask_number as fn(&str) -> String, "350102199003079981", "35*************981"),
            (mask_number, "USA350190070403", "US**********403"),
            (mask_number, "E99999991", "E******91"),
            (mask_number, "123", "***"),
            (mask_name, "张小三", "张*三"),
            (mask_name, "张三", "张*"),
            (mask_name, "张", "*"),
            (mask_name, "", ""),
            (mask_name, "阿卜杜拉·艾力", "阿*****力"),
            (mask_name, "李𬱖", "李*"),
            (mask_mobile, "13800001234", "138****1234"),
            (mask_mobile, "1234567", "*****67"),
            (mask_account, "6217000000000000129", "****0129"),
            (mask_account, "12345", "****"),
        ] {
            assert_eq!(mask(text), shown);
        }
    }
}
