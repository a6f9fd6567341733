//! The list of messages.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::frame::Frame;
use crate::web::words::Pager;

/// A message.
#[derive(Debug, Clone, Default)]
pub struct MessageRow {
    pub id: i64,
    pub kind: String,
    pub title: String,
    pub at: String,
    pub unread: bool,
    /// Number of the file; empty when it is about none.
    pub case_no: String,
    /// What leads to a page that says more: a word for it, and what the button says.
    pub link: Option<(&'static str, &'static str)>,
}

/// `/notifications`.
#[derive(Debug, Clone, Template)]
#[template(path = "notifications/list.html")]
pub struct Messages {
    pub frame: Frame,
    pub only_unread: bool,
    pub rows: Vec<MessageRow>,
    pub pager: Pager,
}

impl Messages {
    /// Read and unread, none.
    pub fn samples() -> Vec<Self> {
        let row = |id, kind: &str, title: &str, unread| MessageRow {
            id,
            kind: kind.into(),
            title: title.into(),
            at: "2026-11-24 09:12".into(),
            unread,
            case_no: if kind == "退回补正" || kind == "已逾期" {
                "RD2026-00012".into()
            } else {
                String::new()
            },
            link: (kind == "导出完成").then_some(("exports", "查看导出文件")),
        };
        let page = |rows: Vec<MessageRow>, only_unread| Self {
            frame: Frame::sample_hr("/notifications"),
            only_unread,
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
        };
        let back = "RD2026-00012 张小北（E000011），B类：退回补正，现为“退回修改”";
        let late = "RD2026-00011 李某（E000012），C类：已逾期，现为“县区审核中”";
        let file = "DC000007 核心工程师：共 48200 行，可下载，保留 7 天";
        vec![
            page(
                vec![
                    row(4, "接口通知未送达", "WH000001 没有收下通知", true),
                    row(3, "导出完成", file, true),
                    row(2, "退回补正", back, true),
                    row(1, "已逾期", late, false),
                ],
                false,
            ),
            page(vec![], true),
        ]
    }
}
