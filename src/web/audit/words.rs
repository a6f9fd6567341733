//! What verbs and objects of the log are called.

use serde_json::Value;

/// Verbs, in the order of the filter.
const ACTIONS: &[(&str, &str)] = &[
    ("installation.set_up", "初始化系统"),
    ("session.opened", "登录"),
    ("session.closed", "退出"),
    ("session.ended", "退出其他设备"),
    ("session.refused", "登录被拒"),
    ("session.locked", "账号锁定"),
    ("access.refused", "越权被拒"),
    ("account.created", "开设账号"),
    ("account.disabled", "停用账号"),
    ("account.enabled", "启用账号"),
    ("account.duty_changed", "变更角色或机构"),
    ("account.password_changed", "修改密码"),
    ("account.password_reset", "重置密码"),
    ("organisation.created", "新增机构"),
];

/// Kinds of objects: code, name, and where one can be read when it has a page.
const OBJECTS: &[(&str, &str, Option<&str>)] = &[
    ("account", "账号", None),
    ("organisation", "机构", None),
    ("act", "权限", None),
    ("batch", "批次", Some("/batches/")),
    ("person", "工程师", Some("/engineers/")),
    ("enterprise", "企业", Some("/enterprises/")),
    ("import", "导入", None),
    ("run", "年度核定", None),
    ("policy", "政策", None),
];

/// Facts beside an event.
const FACTS: &[(&str, &str)] = &[
    ("failures", "连续失败次数"),
    ("ended", "退出数"),
    ("role", "角色"),
    ("organisation", "机构"),
    ("name", "姓名"),
    ("kind", "类别"),
    ("division", "行政区划"),
    ("before", "原"),
    ("after", "现"),
    ("reason", "原因"),
    ("year", "年度"),
    ("rows", "行数"),
    ("lines", "笔数"),
    ("amount", "金额"),
    ("total", "合计"),
    ("hash", "校验值"),
];

/// A verb in Chinese; one that is unknown stays as it is.
pub fn action(code: &str) -> &str {
    ACTIONS.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name)
}

/// The known verbs in their order, then the others.
pub fn order(code: &str) -> usize {
    ACTIONS.iter().position(|(known, _)| *known == code).unwrap_or(ACTIONS.len())
}

/// Whether the verb tells of something that was not let happen.
pub fn is_refusal(code: &str) -> bool {
    code.ends_with(".refused") || code.ends_with(".locked")
}

/// An object in Chinese.
pub fn object(kind: &str, no: &str) -> String {
    let name =
        OBJECTS.iter().find(|(known, _, _)| *known == kind).map_or(kind, |(_, name, _)| name);
    if no.is_empty() { name.to_owned() } else { format!("{name} {no}") }
}

/// Where an object can be read by those who read the log.
pub fn object_href(kind: &str, no: &str) -> Option<String> {
    let (_, _, page) = OBJECTS.iter().find(|(known, _, _)| *known == kind)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let usable = !no.is_empty() && no.chars().all(plain);
    page.filter(|_| usable).map(|page| format!("{page}{no}"))
}

/// The facts beside an event in one line.
pub fn detail(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fact = |(key, value): (&String, &Value)| {
                let name = FACTS.iter().find(|(known, _)| known == key);
                format!("{}：{}", name.map_or(key.as_str(), |(_, name)| name), detail(value))
            };
            fields.iter().map(fact).collect::<Vec<_>>().join("；")
        }
        Value::Array(values) => values.iter().map(detail).collect::<Vec<_>>().join("、"),
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(true) => "是".to_owned(),
        Value::Bool(false) => "否".to_owned(),
        Value::Number(number) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_read_as_a_sentence_and_unknown_ones_stay() {
        let value =
            serde_json::json!({ "before": ["财务经办", "甲"], "after": "乙", "x": 3, "y": true });
        assert_eq!(detail(&value), "原：财务经办、甲；现：乙；x：3；y：是");
        assert_eq!(detail(&serde_json::json!({})), "");
    }

    #[test]
    fn an_object_is_linked_only_when_its_number_makes_a_plain_path() {
        assert_eq!(object_href("batch", "2026-FJ-003").as_deref(), Some("/batches/2026-FJ-003"));
        assert_eq!(object_href("batch", "../accounts"), None);
        assert_eq!(object_href("account", "linxl"), None);
    }
}
