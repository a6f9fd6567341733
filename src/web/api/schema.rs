//! What goes over the interface. Descriptions are shown to its users in the document, hence in
//! Chinese. Request types only describe: the same rules as for spreadsheets read the content.

use serde::Serialize;
use utoipa::ToSchema;

/// 证件类型。
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 居民身份证。
    ResidentId,
    /// 港澳台居民居住证。
    ResidencePermit,
    /// 港澳居民来往内地通行证。
    TravelPermitHkMo,
    /// 台湾居民来往大陆通行证。
    TravelPermitTw,
    /// 护照。
    Passport,
    /// 外国人永久居留身份证。
    PermanentResidence,
}

/// 一名拟登记的核心工程师。规则与《核心工程师申报》表格完全相同。
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEngineer {
    /// 姓名，与证件一致。
    #[schema(min_length = 1, max_length = 200, example = "张三")]
    pub name: String,
    /// 证件类型。
    pub document_type: DocumentKind,
    /// 证件号码。只收不发：任何接口都不返回完整号码。
    #[schema(min_length = 1, max_length = 200, write_only, example = "350102199003079981")]
    pub document_no: String,
    /// 手机号码；境外号码以 + 和国家代码开头。
    #[schema(min_length = 1, max_length = 200, write_only, example = "13800000000")]
    pub mobile: String,
    /// 工作岗位。
    #[schema(min_length = 1, max_length = 200, example = "算法工程师")]
    pub post: String,
    /// 职称。
    #[schema(max_length = 200, example = "高级工程师", nullable = false)]
    pub professional_title: Option<String>,
    /// 最高学历。
    #[schema(max_length = 200, example = "硕士研究生", nullable = false)]
    pub education: Option<String>,
    /// 入职日期。
    #[schema(format = Date, example = "2023-06-27")]
    pub hired_on: String,
    /// 是否全职。
    pub full_time: bool,
    /// 入册日期，不早于入职日期。
    #[schema(format = Date, example = "2026-01-01")]
    pub rostered_on: String,
    /// 开户银行。
    #[schema(min_length = 1, max_length = 200, example = "中国建设银行")]
    pub bank_name: String,
    /// 联行号，12 位数字。
    #[schema(min_length = 1, max_length = 200, example = "105391000010")]
    pub cnaps: String,
    /// 本人银行账号。只收不发。
    #[schema(min_length = 1, max_length = 200, write_only, example = "6217001820001234567")]
    pub account_no: String,
}

/// 登记核心工程师的请求。全部通过才保存；有一处错误则一条都不保存。
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEngineers {
    /// 1 至 500 名。
    #[schema(min_items = 1, max_items = 500)]
    pub engineers: Vec<NewEngineer>,
}

/// 证明来源。
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceSource {
    /// 社保。
    SocialInsurance,
    /// 个税。
    IncomeTax,
    /// 工作许可。
    WorkPermit,
}

/// 一人一个月的证明。缴费单位即本企业。
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvidenceMonth {
    /// 姓名，与登记一致。
    #[schema(min_length = 1, max_length = 200, example = "张三")]
    pub name: String,
    /// 证件类型。
    pub document_type: DocumentKind,
    /// 证件号码。只收不发。
    #[schema(min_length = 1, max_length = 200, write_only, example = "350102199003079981")]
    pub document_no: String,
    /// 月份。
    #[schema(pattern = r"^\d{4}-(0[1-9]|1[0-2])$", example = "2026-01")]
    pub month: String,
    /// 来源。
    pub source: EvidenceSource,
    /// 是否补缴；不填视为正常缴费。
    #[schema(nullable = false)]
    pub paid_late: Option<bool>,
}

/// 报送社保个税月份的请求。报送后由省级人社部门确认，确认前不计入。
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvidence {
    /// 1 至 500 条。
    #[schema(min_items = 1, max_items = 500)]
    pub months: Vec<NewEvidenceMonth>,
}

/// 离职原因。
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeavingReason {
    /// 本人辞职。
    Resigned,
    /// 解除劳动合同。
    Dismissed,
    /// 合同到期。
    Expired,
    /// 调往其他企业。
    Transferred,
    /// 转出核心岗位。
    Reassigned,
    /// 退休。
    Retired,
    /// 去世。
    Deceased,
    /// 其他。
    Other,
}

/// 离职报告。
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDeparture {
    /// 最后在职日，当日仍计入。
    #[schema(format = Date, example = "2026-10-31")]
    pub last_day: String,
    /// 原因。
    pub reason: LeavingReason,
    /// 说明。
    #[schema(max_length = 200, nullable = false)]
    pub note: Option<String>,
    /// 证明劳动关系终止的文件编号。
    #[schema(min_length = 1, max_length = 100, example = "离字〔2026〕7号")]
    pub document_no: String,
}

/// 已登记的一行。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RegisteredRow {
    /// 请求中的序号，从 0 起。
    pub index: usize,
    /// 人员编号。
    pub person_no: String,
}

/// 登记结果。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Registered {
    /// 导入编号，网页“批量导入”中可查。
    pub import_no: String,
    /// 已接收行数。
    pub rows: i64,
    /// 其中登记库已有、没有新增内容的行数。
    pub rows_known: i64,
    /// 逐行的人员编号。
    pub engineers: Vec<RegisteredRow>,
}

/// 报送结果。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Proposed {
    /// 导入编号，凭此查询是否已确认。
    pub import_no: String,
    /// 已接收行数。
    pub rows: i64,
    /// 其中登记库已有的行数。
    pub rows_known: i64,
    /// 状态代码：`previewed` 为等待人社部门确认。
    pub state: String,
}

/// 离职登记结果。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Departure {
    /// 人员编号。
    pub person_no: String,
    /// 最后在职日。
    #[schema(format = Date)]
    pub last_day: String,
    /// 是否结束了一段名册记录。
    pub entry_ended: bool,
    /// 是否结束了一段任职记录。
    pub employment_ended: bool,
}

/// 金额。一律以整数分为准；元为两位小数的文本，便于显示。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Money {
    /// 金额，单位为分。
    pub fen: i64,
    /// 金额，单位为元，例如 `200000.00`。
    #[schema(example = "200000.00")]
    pub yuan: String,
}

/// 一个奖补年度的核定结果；本企业只能看到在本企业任职的部分。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearResult {
    /// 年度。
    pub year: i32,
    /// 计入月数；只显示部分时为空。
    pub months: Option<i64>,
    /// 应发。
    pub net: Money,
    /// 已发；只显示部分时为空。
    pub paid: Option<Money>,
    /// 资金状态。
    pub state: String,
    /// 不发或只显示部分的原因；可能为空。
    pub reason: String,
    /// 核定版本，从 1 起。
    pub version: i64,
}

/// 一名工程师的现状。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Engineer {
    /// 人员编号。
    pub person_no: String,
    /// 姓名。
    pub name: String,
    /// 证件类型名称。
    pub document_type: String,
    /// 已遮盖的证件号码。
    pub document_masked: String,
    /// 企业统一社会信用代码；没有任职时为空。
    pub uscc: String,
    /// 企业名称。
    pub enterprise: String,
    /// 岗位。
    pub post: String,
    /// 名册状态代码：`declared` 待确认、`active` 在册、`suspended` 暂停、`ended` 出册；未入册为空。
    pub standing: Option<String>,
    /// 入册日期。
    #[schema(format = Date)]
    pub rostered_on: Option<String>,
    /// 所问年度的核定结果；未核定为空。
    pub year: Option<YearResult>,
}

/// 一批工程师。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EngineerPage {
    /// 按登记先后排列。
    pub items: Vec<Engineer>,
    /// 下一批的续读位置，作为 `after` 参数；读完为空。
    pub next: Option<String>,
}

/// 在清单内的一家企业。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Enterprise {
    /// 统一社会信用代码。
    pub uscc: String,
    /// 当日名称。
    pub name: String,
    /// 当日所在行政区划代码。
    pub division: String,
    /// 清单批次。
    pub list_batch: String,
    /// 列入清单的首日。
    #[schema(format = Date)]
    pub listed_from: String,
    /// 末日（含）；没有期限为空。
    #[schema(format = Date)]
    pub listed_through: Option<String>,
}

/// 一批企业。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnterprisePage {
    /// 按登记先后排列。
    pub items: Vec<Enterprise>,
    /// 下一批的续读位置，作为 `after` 参数；读完为空。
    pub next: Option<String>,
}

/// 一次导入或报送的状态。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Filing {
    /// 导入编号。
    pub import_no: String,
    /// 表格种类代码。
    pub kind: String,
    /// 状态代码：`previewed` 待确认、`confirmed` 已导入、`discarded` 作废、`withdrawn` 已撤销。
    pub state: String,
    /// 行数。
    pub rows: i64,
    /// 可以导入的行数。
    pub rows_good: i64,
    /// 有误的行数。
    pub rows_bad: i64,
    /// 登记库已有的行数。
    pub rows_known: i64,
    /// 写入的事实数。
    pub facts_added: i64,
    /// 报送时间。
    #[schema(format = DateTime)]
    pub filed_at: String,
    /// 确认、作废或撤销的时间。
    #[schema(format = DateTime)]
    pub decided_at: Option<String>,
}

/// 一件办件的状态。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseStanding {
    /// 办件编号。
    pub case_no: String,
    /// 种类。
    pub kind: String,
    /// 人员编号；不涉及人员时为空。
    pub person_no: String,
    /// 状态。
    pub state: String,
    /// 进入该状态的日期。
    #[schema(format = Date)]
    pub since: String,
    /// 该状态的最后办理日；没有时限为空。
    #[schema(format = Date)]
    pub due_on: Option<String>,
    /// 是否已超过时限。
    pub overdue: bool,
    /// 等待谁办理。
    pub waits_for: Vec<String>,
}

/// 一个人才层次的名额。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuotaLine {
    /// 人才层次。
    pub class: String,
    /// 今年名额。
    pub granted: i64,
    /// 今年已占用。
    pub taken: i64,
}

/// 一份自主认定授权和今年的名额。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Quota {
    /// 统一社会信用代码。
    pub uscc: String,
    /// 方式：备案或举荐。
    pub legal_form: String,
    /// 授权首日。
    #[schema(format = Date)]
    pub from: String,
    /// 授权末日（含）；没有期限为空。
    #[schema(format = Date)]
    pub through: Option<String>,
    /// 各层次名额。
    pub places: Vec<QuotaLine>,
}

/// 本企业的名额。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Quotas {
    /// 每家企业一项；未获授权为空数组。
    pub items: Vec<Quota>,
}

/// 当前令牌。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TokenStanding {
    /// 令牌编号。
    pub token_no: String,
    /// 系统账号。
    pub account: String,
    /// 所属机构。
    pub organisation: String,
    /// 权限代码。
    pub scopes: Vec<String>,
    /// 末日（含）。
    #[schema(format = Date)]
    pub valid_through: String,
    /// 每分钟请求上限。
    pub per_minute: i64,
}

/// 发往接收地址的一条事件通知。只有编号和状态，详情按 `url` 用令牌读取。
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Event {
    /// 通知编号，重发不变。
    #[schema(example = "msg_0c5f3f8a9b1d2e4f60718293")]
    pub id: String,
    /// 类别。
    #[schema(example = "case.changed")]
    pub r#type: String,
    /// 发生时刻。
    #[schema(format = DateTime, example = "2026-11-24T01:58:07Z")]
    pub occurred_at: String,
    /// 对象：`case`、`certificate`、`notice`、`engineer_year`、`import`、`endpoint`。
    #[schema(example = "case")]
    pub object: String,
    /// 对象的编号。
    #[schema(example = "RD2026-00012")]
    pub number: String,
    /// 状态代码；须另行读取的为空。
    #[schema(example = "county_check")]
    pub state: String,
    /// 读取详情的接口地址；未设公开地址时为路径。
    #[schema(example = "https://rc.example.org/api/v1/cases/RD2026-00012")]
    pub url: String,
}
