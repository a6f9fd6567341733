//! QR codes as the path of a vector drawing: no inline style, so that the strictest policy of a
//! page lets it through.

use qrcode::{Color, EcLevel, QrCode};

/// White modules around the code that readers need (ISO/IEC 18004).
const QUIET: usize = 4;

/// A drawing of dark squares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawing {
    /// Width and height of the whole, in modules.
    pub side: usize,
    /// Path of the dark squares, for the attribute `d`.
    pub path: String,
}

/// The code of a text; `None` when it is too long for one. A tenth of it may be damaged.
pub fn draw(text: &str) -> Option<Drawing> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        while let Some(start) = row.iter().skip(x).position(|c| *c == Color::Dark).map(|at| x + at)
        {
            let run = row.iter().skip(start).take_while(|c| **c == Color::Dark).count();
            path.push_str(&format!("M{} {}h{run}v1h-{run}z", start + QUIET, y + QUIET));
            x = start + run;
        }
    }
    Some(Drawing { side: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_path_within_its_square_and_nothing_too_long_is_drawn() {
        let drawing = draw("https://example.test/public/verify?no=1").unwrap();
        assert!(drawing.side >= 21 + 2 * QUIET);
        // The corner of a finder pattern: seven dark modules.
        assert!(drawing.path.starts_with("M4 4h7v1h-7z"), "{}", drawing.path);
        assert!(!drawing.path.contains('"') && !drawing.path.contains('<'));
        assert_eq!(draw(&"x".repeat(4_000)), None);
    }
}
