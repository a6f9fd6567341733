//! A person's file, looked at on a day with the knowledge of an instant.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::engineer::{Deeds, Head, PayeeAccount};
use super::engineers::{employment_on, enterprise_name, entry_on};
use super::enterprises::ListingState;
use super::facts::{FactLine, InWords, MonthRun, document_kind, known, month_runs};
use crate::domain::authority::Act;
use crate::domain::roster::{Action, Standing, current, span};
use crate::service::Actor;
use crate::service::roster::FactKind;
use crate::store::directory::{EnterpriseFile, PersonFile};

/// What is looked at, and how.
pub(super) struct View<'a> {
    /// The facts, all versions.
    pub file: &'a PersonFile,
    /// The enterprises named in them, all versions.
    pub enterprises: &'a HashMap<i64, EnterpriseFile>,
    /// Up to when knowledge is used.
    pub at: DateTime<Utc>,
    /// Business date.
    pub on: NaiveDate,
}

impl View<'_> {
    /// What held on the day.
    pub(super) fn head(&self) -> Head {
        let (file, on) = (self.file, self.on);
        let roster = known(&file.roster, self.at);
        let jobs = known(&file.employments, self.at);
        let entry = entry_on(&roster, on);
        let job = employment_on(&jobs, entry, on);
        let at = entry.map(|e| e.fact.enterprise_id).or(job.map(|job| job.fact.enterprise_id));
        let employer = at.and_then(|id| self.enterprises.get(&id));
        let documents = known(&file.documents, self.at);
        let account = known(&file.accounts, self.at).into_iter().find(|s| s.period.covers(on));
        let suspensions = known(&file.suspensions, self.at);
        Head {
            name: self.name(),
            document: current(&documents, on).map_or_else(String::new, |stated| {
                let document = &stated.fact;
                format!("{} {}", document_kind(&document.document_type), document.number_masked)
            }),
            enterprise: at.map(|id| self.enterprise(id)).unwrap_or_default(),
            uscc: employer.map(|enterprise| enterprise.key.uscc.clone()).unwrap_or_default(),
            listing: employer.map_or(ListingState::Never, |enterprise| {
                ListingState::of(&known(&enterprise.listings, self.at), on)
            }),
            post: job.map(|job| job.fact.post.clone()).unwrap_or_default(),
            standing: entry.map(|entry| Standing::of(entry, &suspensions, on)),
            joined_on: entry.map(|entry| entry.period.from),
            account: account.map(|stated| PayeeAccount {
                bank: stated.fact.bank_name,
                last_four: stated.fact.last_four,
                since: stated.period.from,
            }),
        }
    }

    /// The name then, or today's for a time at which none was known.
    fn name(&self) -> String {
        let then = known(&self.file.names, self.at);
        let name = current(&then, self.on).or_else(|| current(&self.file.names, self.on));
        name.map(|name| name.fact.name.clone()).unwrap_or_default()
    }

    fn enterprise(&self, id: i64) -> String {
        enterprise_name(self.enterprises, id, self.on)
    }

    /// All versions of all facts, the last recorded first.
    pub(super) fn versions(&self) -> Vec<FactLine> {
        let file = self.file;
        let mut lines = Vec::new();
        for s in &file.employments {
            let content = s.fact.in_words(&self.enterprise(s.fact.enterprise_id));
            lines.push(FactLine::of("任职", content, s).correctable(FactKind::Employment, s.id));
        }
        for s in &file.roster {
            let content = s.fact.in_words(&self.enterprise(s.fact.enterprise_id));
            lines.push(FactLine::of("名册", content, s).correctable(FactKind::RosterEntry, s.id));
        }
        for s in &file.recognitions {
            let by = s.fact.enterprise_id.map(|id| self.enterprise(id)).unwrap_or_default();
            let line = FactLine::of("认定", s.fact.in_words(&by), s);
            lines.push(line.correctable(FactKind::Recognition, s.id));
        }
        for s in &file.suspensions {
            let line = FactLine::of("暂停", s.fact.in_words(""), s);
            lines.push(line.correctable(FactKind::Suspension, s.id));
        }
        for s in &file.exclusions {
            let line = FactLine::of("排除", s.fact.in_words(""), s);
            lines.push(line.correctable(FactKind::Exclusion, s.id));
        }
        lines.extend(file.awards.iter().map(|s| FactLine::of("其他奖补", s.fact.in_words(""), s)));
        lines.extend(file.names.iter().map(|s| FactLine::of("姓名", s.fact.name.clone(), s)));
        lines.extend(file.documents.iter().map(|s| FactLine::of("证件", s.fact.in_words(""), s)));
        lines.extend(file.contacts.iter().map(|s| FactLine::of("联系", s.fact.in_words(""), s)));
        lines.extend(file.accounts.iter().map(|s| FactLine::of("账户", s.fact.in_words(""), s)));
        lines.extend(month_runs(&file.evidence).iter().map(MonthRun::line));
        lines.iter_mut().for_each(|line| line.under(&file.merged));
        lines.sort_by_key(|line| std::cmp::Reverse((line.recorded_at, line.period.from)));
        lines
    }

    /// What the actor may do now.
    pub(super) fn deeds(&self, actor: &Actor) -> Deeds {
        let open = |action: Action| action.is_open_to(actor.role);
        let lasts = |through: Option<NaiveDate>| through.is_none_or(|last| self.on <= last);
        let at_work = self.file.roster.iter().any(|s| s.is_live() && lasts(s.period.through))
            || self.file.employments.iter().any(|s| s.is_live() && lasts(s.period.through));
        let on_roster = self.file.roster.iter().any(|s| s.is_live());
        Deeds {
            depart: open(Action::Depart) && at_work,
            account: open(Action::ChangeAccount) && at_work,
            correct: open(Action::Correct),
            suspend: open(Action::Suspend) && on_roster,
            exclude: open(Action::Exclude),
            activate: actor.role.may(Act::FileEngineers) && at_work,
        }
    }

    /// Facts held now that can be corrected: (`table:id`, in words).
    pub(super) fn correctable(&self) -> Vec<(String, String)> {
        let live = self.versions().into_iter().filter(|line| line.superseded_at.is_none());
        let choice = |line: FactLine| {
            let period = span(&line.period);
            Some((line.fact?, format!("{}：{}，{period}", line.subject, line.content)))
        };
        live.filter_map(choice).collect()
    }
}
