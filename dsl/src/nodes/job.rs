//! `job fetch_logs …` and `http post "https://…" …`: work that a machine does.

use crate::read::{Reader, Reading, Wanted};
use crate::tree::{After, Deadline, JobText, StatementKind, Work};

const METHODS: &[(&str, &str)] =
    &[("get", "GET"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")];

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("job")?;
    let work = Work::Worker(reader.name()?);
    rest(reader, work)
}

pub(super) fn http(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    let start = reader.here();
    reader.need("http")?;
    let method = reader.need_one(METHODS)?;
    let url = reader.text()?;
    rest(reader, Work::Http { place: start..start + "http".len(), method, url })
}

fn rest(reader: &mut Reader<'_>, work: Work) -> Reading<StatementKind> {
    let mut job = JobText {
        work,
        tags: reader.take_labels()?,
        form: reader.with_form()?,
        gives: Vec::new(),
        retries: None,
        due: None,
        deadline: Deadline::Unsaid,
        failed: None,
        after: After::default(),
    };
    while reader.take_mark(",") {
        if reader.take("gives") {
            job.gives.push(reader.name()?);
            while reader.take("and") {
                job.gives.push(reader.name()?);
            }
        } else if reader.take("retries") {
            let count = reader.integer()?;
            let every = if reader.take("every") { Some(reader.length()?) } else { None };
            job.retries = Some((count, every));
        } else if reader.take("due") {
            reader.need("in")?;
            job.due = Some(reader.due()?);
        } else {
            job.deadline = reader.no_deadline()?;
            if job.deadline == Deadline::Unsaid {
                return Err(reader.stop(Wanted::Keyword("no")));
            }
        }
    }
    if reader.take("failed") {
        job.failed = Some(reader.after()?);
    }
    job.after = reader.after()?;
    Ok(StatementKind::Job(Box::new(job)))
}
