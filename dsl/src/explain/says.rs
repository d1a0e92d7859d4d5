//! What a step does that is told in one sentence, alone or above what lies in it.

use engine::definition::{Begin, ForEach, Handled, Job, Pace, StepKind, Work};

use super::words::Words;

impl Words<'_> {
    /// The sentence of a step that needs no more than one; nothing for those that are told in their own way.
    pub(crate) fn says(&self, kind: &StepKind) -> Option<String> {
        Some(match kind {
            StepKind::ForEach(each) => self.rounds(each),
            StepKind::Call(begin) => {
                let begun = self.begun(begin);
                self.pick(format!("begins {begun} and waits for its end"), format!("发起{begun}并等待其结束"))
            }
            StepKind::Job(job) => self.job(job),
            StepKind::Signal { signal } => {
                self.pick(format!("waits for the signal {}", plain(signal)), format!("等待信号“{}”", plain(signal)))
            }
            StepKind::Undo => {
                self.pick("what was done is undone, the last first".into(), "按相反顺序撤销已做的事".into())
            }
            StepKind::Handler { of: Handled::Cancel, .. } => {
                self.pick("when the record is cancelled".into(), "记录被取消时".into())
            }
            StepKind::Handler { of: Handled::Error, .. } => self.pick("when something fails".into(), "出错时".into()),
            StepKind::Extra { by, .. } => {
                let by = self.people(by);
                self.pick(format!("{by} may add this while the record runs"), format!("记录处理期间，{by}可以添加"))
            }
            StepKind::Task(_)
            | StepKind::Approval(_)
            | StepKind::Milestone
            | StepKind::Race { .. }
            | StepKind::Together { .. }
            | StepKind::Block { .. }
            | StepKind::Receive { .. }
            | StepKind::Timer { .. }
            | StepKind::Wait { .. }
            | StepKind::Choose { .. }
            | StepKind::Act { .. }
            | StepKind::End(_) => return None,
        })
    }

    /// A record that is begun: `a record of change`.
    pub(super) fn begun(&self, begin: &Begin) -> String {
        let process = self.called(&begin.process);
        self.pick(format!("a record of “{process}”"), format!("一条“{process}”记录"))
    }

    fn job(&self, job: &Job) -> String {
        let done = match &job.work {
            Work::Worker(name) => {
                let name = plain(name);
                self.pick(format!("a worker does the job {name}"), format!("由外部程序完成作业“{name}”"))
            }
            Work::Http { method, url } => {
                self.pick(format!("a server is asked: {method} {url}"), format!("请求服务器：{method} {url}"))
            }
        };
        let due = job
            .due
            .as_ref()
            .map(|due| self.due(due))
            .map_or_else(String::new, |due| self.pick(format!(", within {due}"), format!("，须在{due}内完成")));
        let failed = job.failed.as_ref().map(|step| self.step(step)).map_or_else(String::new, |step| {
            self.pick(format!("; where it fails, on to {step}"), format!("；失败则转到“{step}”"))
        });
        format!("{done}{due}{failed}")
    }

    fn rounds(&self, each: &ForEach) -> String {
        let list = self.expr(&each.list);
        let each_of = match each.pace {
            Pace::InTurn => self.pick(format!("for each of {list}, one after the other"), format!("对{list}逐一进行")),
            Pace::AtOnce => self.pick(format!("for each of {list}, all at once"), format!("对{list}同时进行")),
        };
        match &each.until {
            Some(until) => {
                let until = self.expr(until);
                self.pick(format!("{each_of}, until {until}"), format!("{each_of}，直到{until}"))
            }
            None => each_of,
        }
    }
}

fn plain(name: &engine::ids::Name) -> String {
    name.as_str().replace('_', " ")
}
