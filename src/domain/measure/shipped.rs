//! The measures that come with the program, in the order of the notice.

use std::sync::LazyLock;

use super::Policy;

static SHIPPED: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let texts = [
        ("model-project", include_str!("../../../policies/model-project.toml")),
        ("quality-product", include_str!("../../../policies/quality-product.toml")),
        ("innovation-platform", include_str!("../../../policies/innovation-platform.toml")),
        ("quality-enterprise", include_str!("../../../policies/quality-enterprise.toml")),
        ("industrial-park", include_str!("../../../policies/industrial-park.toml")),
        ("compute-voucher", include_str!("../../../policies/compute-voucher.toml")),
    ];
    let read = |(name, text): (&str, &str)| {
        Policy::parse(text, name).expect("the shipped measures are read by a test")
    };
    texts.into_iter().map(read).collect()
});

/// The measures that come with the program.
pub fn shipped() -> &'static [Policy] {
    &SHIPPED
}
