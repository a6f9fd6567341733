//! Parameters that several addresses take, as the document of the interface describes them. They
//! are read by `asked`, which says everything that is wrong at once.
#![expect(dead_code, reason = "only their descriptions are used")]

use utoipa::IntoParams;

/// Which piece of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Piece {
    /// 续读位置：上一批的 next
    #[param(nullable = false, pattern = "^[A-Za-z0-9]{1,40}$")]
    after: Option<String>,
    /// 每批行数，默认 100
    #[param(nullable = false, minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// Which year.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfYear {
    /// 哪个年度的核定结果，默认当前奖补年度
    #[param(nullable = false, minimum = 2000, maximum = 2100)]
    year: Option<u16>,
}

/// Which person.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Person {
    /// 人员编号
    #[param(example = "E000001", pattern = "^[A-Za-z0-9-]{1,40}$")]
    person_no: String,
}

/// Under which key a write has its effect.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct Key {
    /// 本次请求的唯一标识，例如 UUID
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]{1,255}$"
    )]
    key: String,
}
