//! The list of what is kept back.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Pager, Yuan};

/// Money of a person's year that is or was kept back.
#[derive(Debug, Clone, Default)]
pub struct Hold {
    pub id: i64,
    pub name: String,
    pub no: String,
    pub programme: String,
    /// Whether it is the stipend, which has a page for each year.
    pub is_stipend: bool,
    pub year: i64,
    pub payer: String,
    pub amount: Yuan,
    pub reason: String,
    /// Who and when.
    pub held: String,
    /// Who, when and why; empty while it is held.
    pub released: String,
    /// 暂缓中 or 已解除.
    pub state: String,
    /// Field: reason. `None` for those who may not let it go.
    pub form: Option<FormState>,
}

/// `/holds`.
#[derive(Debug, Clone, Template)]
#[template(path = "holds/list.html")]
pub struct Holds {
    pub frame: Frame,
    pub rows: Vec<Hold>,
    /// Fields: person_no, programme, year, reason. `None` for those who only read.
    pub form: Option<FormState>,
    pub programmes: Vec<Choice>,
    pub pager: Pager,
}

impl Holds {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        let forms = self.rows.iter().filter_map(|row| row.form.as_ref());
        forms.chain(self.form.as_ref()).any(FormState::has_errors)
    }

    /// Some, none, a wrong number, read only.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<Hold>, form| Self {
            frame: Frame::sample_finance("/holds"),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
            form,
            programmes: Choice::list(&[("core-engineer", "核心工程师年度奖补")]),
        };
        let form = || FormState::new("hold").with("year", "2026");
        let wrong = form()
            .with("person_no", "E999")
            .wrong("person_no", "没有这个编号，请核对人员编号")
            .wrong("reason", "请填写暂缓原因");
        vec![
            page(rows(), Some(form())),
            page(vec![], Some(form())),
            page(rows(), Some(wrong)),
            page(rows(), None),
        ]
    }
}

fn rows() -> Vec<Hold> {
    let open = Hold {
        id: 7,
        name: "张三".into(),
        no: "E000127".into(),
        programme: "核心工程师年度奖补".into(),
        is_stipend: true,
        year: 2026,
        payer: "福建省财政".into(),
        amount: Yuan::whole(200_000),
        reason: "收款账户持有人待核实".into(),
        held: "黄颖，2027-03-01 09:12".into(),
        state: "暂缓中".into(),
        form: Some(FormState::new("hold-7")),
        ..Hold::default()
    };
    let over = Hold {
        id: 5,
        released: "陈国栋，2027-03-04 10:00：企业已来函说明".into(),
        state: "已解除".into(),
        form: None,
        ..open.clone()
    };
    vec![open, over]
}
