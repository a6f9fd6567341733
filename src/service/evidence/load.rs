//! Everything on record about one person, or about the money of one batch.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::facts::{self, FactRecord, Names};
use crate::domain::authority::Scope;
use crate::service::Error;
use crate::store::batch_view::holder_names;
use crate::store::db::Tx;
use crate::store::directory::{
    self, EnterpriseFile, PersonFile, account_names, account_offices, enterprise_files,
    file_as_one, person_numbers,
};
use crate::store::evidence::{
    self as store, Batch, Cases, ImportHead, Money, Results, SourceDocument, Wanted,
};
use crate::store::fact::Versions;

/// Persons read at once for a batch.
const PIECE: usize = 200;

/// What evidence is about.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    /// A person, in one award year or in all.
    Person(directory::Person, Option<i64>),
    /// The money of a batch.
    Batch(Box<Batch>),
}

impl Subject {
    /// Kind and official number under which the log names it.
    pub(super) fn object(&self) -> (&'static str, &str) {
        match self {
            Self::Person(person, _) => ("engineer", &person.no),
            Self::Batch(batch) => ("batch", &batch.batch_no),
        }
    }

    /// The award year to which it is confined.
    pub(super) fn year(&self) -> Option<i64> {
        match self {
            Self::Person(_, year) => *year,
            Self::Batch(batch) => Some(batch.award_year),
        }
    }
}

/// Everything on record.
#[derive(Debug)]
pub(super) struct Loaded {
    /// Official numbers of the persons.
    pub persons: BTreeMap<i64, String>,
    /// The file of the person, when it is about one.
    pub file: Option<PersonFile>,
    /// Facts about persons and their employers, all versions.
    pub facts: Vec<FactRecord>,
    /// Employers: code and name today.
    pub enterprises: BTreeMap<i64, (String, String)>,
    /// Where facts came from.
    pub sources: BTreeMap<i64, SourceDocument>,
    /// Spreadsheets among them.
    pub imports: BTreeMap<i64, ImportHead>,
    /// Files that moved through offices.
    pub cases: Cases,
    /// Results.
    pub results: Results,
    /// Money.
    pub money: Money,
    names: HashMap<i64, String>,
    offices: HashMap<i64, String>,
    holders: BTreeMap<i64, String>,
}

impl Loaded {
    /// Everything about `subject`.
    pub(super) async fn of(tx: &Tx, scope: &Scope, subject: &Subject) -> Result<Self, Error> {
        let mut loaded = match subject {
            Subject::Person(person, _) => {
                let file = file_as_one(tx, scope, person.clone(), Versions::All, None).await?;
                let file = file.ok_or(Error::NotFound("这位工程师"))?;
                let mut loaded = Self::about(tx, std::slice::from_ref(&file)).await?;
                loaded.file = Some(file);
                loaded
            }
            Subject::Batch(batch) => {
                let ids = store::persons_of_batch(tx, batch.id).await?;
                let numbers = person_numbers(tx, &ids).await?;
                let mut loaded = Self::about(tx, &[]).await?;
                for ids in ids.chunks(PIECE) {
                    let person = |id: &i64| {
                        let no = numbers.get(id).cloned().unwrap_or_default();
                        directory::Person { id: *id, no }
                    };
                    let people = ids.iter().map(person).collect();
                    let files = directory::files(tx, scope, people, Versions::All).await?;
                    loaded.take_in(Self::about(tx, &files).await?);
                }
                // Those about an employer come with each of its persons.
                let mut known = BTreeSet::new();
                loaded.facts.retain(|fact| known.insert((fact.kind, fact.id)));
                loaded
            }
        };
        loaded.rest(tx, subject).await?;
        Ok(loaded)
    }

    /// Facts alone.
    async fn about(tx: &Tx, files: &[PersonFile]) -> Result<Self, Error> {
        let jobs = files.iter().flat_map(|f| f.employments.iter().map(|s| s.fact.enterprise_id));
        let entries = files.iter().flat_map(|f| f.roster.iter().map(|s| s.fact.enterprise_id));
        let by =
            files.iter().flat_map(|f| f.recognitions.iter().filter_map(|s| s.fact.enterprise_id));
        let ids: BTreeSet<i64> = jobs.chain(entries).chain(by).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        let employers = enterprise_files(tx, &ids, Versions::All).await?;
        let names: Names = employers.iter().map(|(id, file)| (*id, name_of(file))).collect();
        let mut records: Vec<FactRecord> = Vec::new();
        for id in &ids {
            records.extend(employers.get(id).map(facts::of_enterprise).unwrap_or_default());
        }
        records.extend(files.iter().flat_map(|file| facts::of_person(file, &names)));
        let people = files.iter().flat_map(|f| std::iter::once(&f.person).chain(&f.merged));
        let enterprise = |(id, file): (i64, EnterpriseFile)| {
            let name = name_of(&file);
            (id, (file.key.uscc, name))
        };
        Ok(Self {
            persons: people.map(|person| (person.id, person.no.clone())).collect(),
            file: None,
            facts: records,
            enterprises: employers.into_iter().map(enterprise).collect(),
            sources: BTreeMap::new(),
            imports: BTreeMap::new(),
            cases: Cases::default(),
            results: Results::default(),
            money: Money::default(),
            names: HashMap::new(),
            offices: HashMap::new(),
            holders: BTreeMap::new(),
        })
    }

    /// The facts of more persons.
    fn take_in(&mut self, more: Self) {
        self.facts.extend(more.facts);
        self.persons.extend(more.persons);
        self.enterprises.extend(more.enterprises);
    }

    /// What was done with the facts: files, results, money; and who did it.
    async fn rest(&mut self, tx: &Tx, subject: &Subject) -> Result<(), Error> {
        let persons: Vec<i64> = self.persons.keys().copied().collect();
        let employers: Vec<i64> = self.enterprises.keys().copied().collect();
        let batch = match subject {
            Subject::Batch(batch) => Some(batch.id),
            Subject::Person(..) => None,
        };
        let wanted = Wanted { persons: &persons, year: subject.year(), batch };
        self.cases = store::cases(tx, wanted, &employers).await?;
        self.results = store::results(tx, wanted).await?;
        self.money = store::money(tx, wanted).await?;
        let ids: BTreeSet<i64> = self.facts.iter().map(|fact| fact.source_id).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        (self.sources, self.imports) = store::sources(tx, &ids).await?;
        let accounts: Vec<i64> = self.accounts().into_iter().collect();
        for accounts in accounts.chunks(500) {
            self.names.extend(account_names(tx, accounts).await?);
            self.offices.extend(account_offices(tx, accounts).await?);
        }
        self.holders = holder_names(tx, self.natural_persons()).await?;
        Ok(())
    }

    fn accounts(&self) -> BTreeSet<i64> {
        let facts = self.facts.iter().map(|fact| fact.recorded_by);
        let imports = self.imports.values();
        let imports = imports.flat_map(|i| std::iter::once(i.uploaded_by).chain(i.decided_by));
        let steps = &self.cases.steps;
        let steps = steps.iter().flat_map(|s| s.account_id.into_iter().chain(s.for_account_id));
        let notices = self.cases.notices.iter().map(|notice| notice.published_by);
        let periods = self.cases.periods.iter().map(|period| period.recorded_by);
        let moves = self.money.steps.iter().map(|step| step.account_id);
        let policies = self.results.policies.iter().map(|policy| policy.recorded_by);
        let runs = self.results.runs.iter().map(|run| run.started_by);
        let sources = self.sources.values().map(|source| source.recorded_by);
        let budget = self.money.allocations.iter().map(|allocation| allocation.recorded_by);
        facts
            .chain(imports)
            .chain(steps)
            .chain(notices)
            .chain(periods)
            .chain(moves)
            .chain(policies)
            .chain(runs)
            .chain(sources)
            .chain(budget)
            .collect()
    }

    /// Those whom tables name as persons, not by their accounts.
    fn natural_persons(&self) -> BTreeSet<i64> {
        let money = &self.money;
        let returns = money.returns.iter();
        let returns = returns.flat_map(|r| std::iter::once(r.loaded_by).chain(r.confirmed_by));
        let steps = money.steps.iter().map(|step| step.holder_id);
        let signed = money.signatures.iter().map(|signature| signature.holder_id);
        let resolved = money.return_rows.iter().filter_map(|row| row.resolved_by);
        let entries = money.recovery_entries.iter();
        let entries = entries.flat_map(|e| e.recorded_by.into_iter().chain(e.decided_by));
        let holds = money.holds.iter();
        let holds = holds.flat_map(|h| std::iter::once(h.held_by).chain(h.released_by));
        let rulings = money.rulings.iter();
        let rulings = rulings.flat_map(|r| std::iter::once(r.proposed_by).chain(r.decided_by));
        returns
            .chain(steps)
            .chain(signed)
            .chain(resolved)
            .chain(entries)
            .chain(holds)
            .chain(rulings)
            .collect()
    }

    /// Names of those behind accounts.
    pub(super) const fn account_names(&self) -> &HashMap<i64, String> {
        &self.names
    }

    /// Who is behind an account, with the office: 林一（福建省人力资源和社会保障厅）.
    pub(super) fn account(&self, id: i64) -> String {
        let name = self.names.get(&id).map_or("", String::as_str);
        match self.offices.get(&id) {
            Some(office) => format!("{name}（{office}）"),
            None => name.to_owned(),
        }
    }

    /// The name of a natural person.
    pub(super) fn holder(&self, id: i64) -> String {
        self.holders.get(&id).cloned().unwrap_or_default()
    }

    /// The official number of a person.
    pub(super) fn person_no(&self, id: i64) -> &str {
        self.persons.get(&id).map_or("", String::as_str)
    }

    /// The import that a document is.
    pub(super) fn import_of(&self, source: &SourceDocument) -> Option<&ImportHead> {
        self.imports.get(&source.import_id?)
    }
}

/// Rows by what they belong to, so that long lists are put together in one pass.
pub(super) fn grouped<T, K: Ord>(rows: &[T], key: impl Fn(&T) -> K) -> BTreeMap<K, Vec<&T>> {
    let mut groups: BTreeMap<K, Vec<&T>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups
}

fn name_of(file: &EnterpriseFile) -> String {
    let live = file.names.iter().filter(|stated| stated.is_live());
    let last = live.max_by_key(|stated| stated.period.from);
    last.map_or_else(|| file.key.uscc.clone(), |stated| stated.fact.name.clone())
}
