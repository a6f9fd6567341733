//! The one dictionary of status words and the way amounts are written.

use std::fmt;

use crate::domain::money::Fen;
use crate::service::Extent;

/// Money that went or may go its way.
const GOOD: &[&str] = &[
    "已启用",
    "可付款",
    "已授权",
    "已核查",
    "在册",
    "有效",
    "在清单",
    "已付",
    "已入账",
    "已结清",
    "已关闭",
    "已确认",
    "已导入",
    "相符",
    "通过",
    "正常",
    "可发放",
    "成功",
    "启用",
    "计入",
    "完整",
    "完成",
    "已核定",
    "支持",
    "本人已确认",
    "同意",
    "已达成",
    "属实",
    "在清单内",
    "已认定",
    "异议不成立",
    "省级已批准",
    "已合并",
    "已核查",
    "已开始",
    "可下载",
    "导出完成",
    "已送达",
    "已还清",
    "符合条件",
    "已发布",
    "入选",
    "已发放",
    "同意邀请",
    "在聘",
];
/// Under way, nobody has to act here.
const INFO: &[&str] = &[
    "进行中",
    "在途",
    "处理中",
    "编制中",
    "已复核",
    "已审批",
    "已出文件",
    "已送银行",
    "计算中",
    "排队中",
    "待导入",
    "现行",
    "本次登录",
    "补发",
    "执行中",
    "待发放",
    "已报达成",
    "已报告",
    "已核实",
    "待达成",
    "已提交",
    "公示中",
    "县区审核中",
    "市级审核中",
    "省级审核中",
    "专家评审中",
    "拟入选",
    "生成中",
    "企业评审中",
    "企业公示中",
    "企业已申报",
    "县区已核验",
    "市级已核验",
    "已收到",
    "已受理",
    "调查中",
    "复核中",
    "年度核查",
    "年度进行中",
    "核验中",
    "新增",
    "变更单位",
    "更名",
    "默认筛选",
    "收到委托",
    "有新留言",
    "申报中",
    "未开始",
    "会签中",
    "会签有结果",
    "待送",
    "已立案",
    "已告知事实",
    "已听取陈述",
    "已决定追回",
    "决定已送达",
    "部分归还",
    "分期归还",
    "约定抵扣",
    "邀请待审",
    "已入境",
    "申报待核",
    "已核验",
    "核减已确认",
];
/// Somebody has to act.
const WAIT: &[&str] = &[
    "即将用完",
    "变更未满5个工作日",
    "待决定",
    "待授权",
    "密码重置",
    "已核定待申报",
    "待核查",
    "待确认",
    "待复核",
    "待付",
    "待审批",
    "暂停",
    "即将到期",
    "部分退回",
    "提醒",
    "待处理",
    "暂缓中",
    "默认参数",
    "冻结",
    "重复",
    "首次登录",
    "本人有异议",
    "不属实",
    "待本人确认",
    "退回修改",
    "异议处理",
    "待企业审核",
    "整改中",
    "部分已付",
    "异议成立",
    "撤销待确认",
    "未报告",
    "逾期",
    "须回避",
    "请您会签",
    "未答复",
    "未达成，待结束",
    "未读",
    "退回补正",
    "待提交",
    "逾期提交",
    "未核查",
    "待发布",
    "拟邀请",
    "核减待确认",
    "退汇待重发",
    "待结果",
    "待报告",
    "利益冲突",
];
/// Went wrong.
const BAD: &[&str] = &[
    "已中止",
    "退票",
    "有误",
    "失败",
    "出错",
    "已移出",
    "待追回",
    "校验失败",
    "锁定",
    "超支",
    "失配",
    "不符",
    "缺口",
    "核减",
    "不予认定",
    "不予列入",
    "不予入册",
    "已失效",
    "逾期未申报",
    "逾期未提交",
    "逾期未核查",
    "未办理",
    "格式错误",
    "无效",
    "已逾期",
    "未生成",
    "导出未完成",
    "不同意",
    "接口通知未送达",
    "已放弃",
    "逾期未还",
    "移送追缴",
    "不予支持",
];
/// Over, or not concerned.
const MUTE: &[&str] = &[
    "不予中止",
    "已核销",
    "出册",
    "作废",
    "已过期",
    "已解除",
    "已退回",
    "已撤销",
    "已终止",
    "已到期",
    "已吊销",
    "不符合",
    "不符合条件",
    "停用",
    "草稿",
    "未开始",
    "不计",
    "未列入",
    "未入册",
    "未登记",
    "移出",
    "离开",
    "已更正",
    "已注销",
    "无变化",
    "已处理",
    "历史",
    "已被替代",
    "已排除",
    "零额",
    "已撤回",
    "已升级",
    "已结束",
    "已读",
    "已办结",
    "不予受理",
    "复核终结",
    "核定为零",
    "未通过",
    "未达成",
    "因办件流转失效",
    "已取消",
    "未入选",
    "提前结束",
    "未启用",
];

/// The tone a status word is shown in: `good`, `info`, `wait`, `bad` or `mute`.
/// A word that is not in the dictionary is `mute`.
pub fn tone(word: impl AsRef<str>) -> &'static str {
    let word = word.as_ref();
    [("good", GOOD), ("info", INFO), ("wait", WAIT), ("bad", BAD)]
        .iter()
        .find(|(_, words)| words.contains(&word))
        .map_or("mute", |(tone, _)| tone)
}

/// Whether the dictionary has a status word.
pub fn is_known(word: &str) -> bool {
    [GOOD, INFO, WAIT, BAD, MUTE].iter().any(|words| words.contains(&word))
}

/// A number that may come behind references, as templates pass them.
pub trait Number {
    /// The number itself.
    fn number(&self) -> i64;
}

impl Number for i64 {
    fn number(&self) -> i64 {
        *self
    }
}

impl<T: Number> Number for &T {
    fn number(&self) -> i64 {
        (*self).number()
    }
}

/// A count with thousands separators: `1,284`.
pub fn count(number: impl Number) -> String {
    let text = Fen::new(number.number().saturating_mul(100)).grouped();
    text.trim_end_matches(".00").to_owned()
}

/// How long a list is, with a plus when that is all that was counted: `2,000+`.
pub fn extent(extent: Extent) -> String {
    let more = if extent.is_whole { "" } else { "+" };
    format!("{}{more}", count(i64::try_from(extent.rows).unwrap_or(i64::MAX)))
}

/// An amount as people read it: yuan with separators and two decimals, without the unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Yuan(pub Fen);

impl Yuan {
    /// From a number of fen.
    pub const fn of(fen: i64) -> Self {
        Self(Fen::new(fen))
    }

    /// From a number of whole yuan, for samples; saturates.
    pub const fn whole(yuan: i64) -> Self {
        Self(Fen::new(yuan.saturating_mul(100)))
    }

    /// No money at all.
    pub const fn is_zero(&self) -> bool {
        self.0.get() == 0
    }

    /// Below zero.
    pub const fn is_negative(&self) -> bool {
        self.0.get() < 0
    }
}

impl From<Fen> for Yuan {
    fn from(fen: Fen) -> Self {
        Self(fen)
    }
}

impl fmt::Display for Yuan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.grouped())
    }
}

/// Where a long list stands and how to go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pager {
    /// Rows that match; those that were counted when there are more.
    pub total: i64,
    /// Whether there are more than `total`.
    pub is_more: bool,
    /// Number of the first row shown, counted from 1; 0 when there is none.
    pub first: i64,
    /// Number of the last row shown.
    pub last: i64,
    /// Address of the page before.
    pub previous: Option<String>,
    /// Address of the page after.
    pub next: Option<String>,
}

impl Pager {
    /// Everything on one page.
    pub fn single(total: i64) -> Self {
        Self { total, first: total.min(1), last: total, ..Self::default() }
    }
}

/// One line of a record of who did what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deed {
    /// Local time, to the minute.
    pub at: String,
    /// Who.
    pub who: String,
    /// What, in one sentence.
    pub what: String,
    /// Where to read more.
    pub href: Option<String>,
}

impl Deed {
    /// A line of the record.
    pub fn new(at: &str, who: &str, what: &str, href: Option<&str>) -> Self {
        Self { at: at.into(), who: who.into(), what: what.into(), href: href.map(str::to_owned) }
    }
}
