//! What a management system says besides its flows: measures, obligations, reports, how often, how long.

use engine::register::Hit;

use super::{Reader, Reading, Wanted};
use crate::tree::{
    ControlledText, Every, Figure, MeasureText, ObligationText, Period, PermitText, RegisterLine, RegisterText,
    RelationText, ReportText,
};

const FIGURES: &[(&str, Figure)] = &[
    ("count", Figure::Count),
    ("share", Figure::Share),
    ("sum", Figure::Sum),
    ("mean", Figure::Mean),
    ("median", Figure::Median),
    ("min", Figure::Min),
    ("max", Figure::Max),
];

const PERIODS: &[(&str, Period)] = &[
    ("day", Period::Day),
    ("week", Period::Week),
    ("month", Period::Month),
    ("quarter", Period::Quarter),
    ("year", Period::Year),
];

impl Reader<'_> {
    /// `register supplier "Supplier" zh "供应商" { … }`.
    pub(super) fn register(&mut self) -> Reading<RegisterText> {
        self.need("register")?;
        Ok(RegisterText { name: self.name()?, tags: self.take_labels()?, lines: self.lines(Reader::register_line)? })
    }

    fn register_line(&mut self) -> Reading<RegisterLine> {
        if self.take("controlled") {
            let fields = self.names()?;
            self.need("when")?;
            let on = self.name()?;
            self.need("in")?;
            let mut inner = self.take_squares().ok_or_else(|| self.stop(Wanted::Mark("[")))?;
            let values = inner.names()?;
            inner.finished().map_err(|_| inner.stop(Wanted::Mark("]")))?;
            self.need("under")?;
            let mut under = vec![self.permit()?];
            while self.take_mark(",") {
                under.push(self.permit()?);
            }
            return Ok(RegisterLine::Controlled(ControlledText { fields, on, values, under }));
        }
        if self.take("fresh") {
            self.need("for")?;
            let days = self.integer()?;
            self.need_one(&[("days", ()), ("day", ())])?;
            self.need("from")?;
            return Ok(RegisterLine::Fresh(days, self.name()?));
        }
        Ok(RegisterLine::Field(Box::new(self.field()?)))
    }

    /// `change reached approved by items`.
    fn permit(&mut self) -> Reading<PermitText> {
        let process = self.name()?;
        self.need("reached")?;
        let milestone = self.name()?;
        self.need("by")?;
        Ok(PermitText { process, milestone, names: self.name()? })
    }

    /// `relation "Carries" zh "承载" hit by any`.
    pub(super) fn relation(&mut self) -> Reading<RelationText> {
        let reverse = self.labels()?;
        let hit = if self.take("hits") {
            self.need_one(&[("them", Hit::Them), ("nobody", Hit::Nobody)])?
        } else {
            self.need("hit")?;
            self.need("by")?;
            if self.take("any") {
                Hit::By(1)
            } else if self.take("all") {
                Hit::ByAll
            } else {
                Hit::By(self.integer()?.max(1))
            }
        };
        Ok(RelationText { reverse, hit })
    }

    /// `measure mttr "…" of incident = median(resolution.elapsed) by priority, month, target p1 <= 4 hours`.
    pub(super) fn measure(&mut self) -> Reading<MeasureText> {
        self.need("measure")?;
        let name = self.name()?;
        let tags = self.take_labels()?;
        self.need("of")?;
        let of = self.name()?;
        self.need_mark("=")?;
        let figure = self.need_one(FIGURES)?;
        let mut inner = self.need_parens()?;
        let subject = if inner.is_done() { None } else { Some(inner.expr()?) };
        inner.finished().map_err(|_| inner.stop(Wanted::Mark(")")))?;
        let when = if self.take("when") { Some(self.expr()?) } else { None };
        let mut measure = MeasureText { name, tags, of, figure, subject, when, by: Vec::new(), target: None };
        if self.take("by") {
            measure.by.push(self.name()?);
        }
        while self.take_mark(",") {
            if self.take("target") {
                let value = self.take_name();
                let Some(operator) = self.take_order() else { return Err(self.stop(Wanted::Mark("<="))) };
                measure.target = Some((value, operator, self.literal()?));
            } else {
                measure.by.push(self.name()?);
            }
        }
        Ok(measure)
    }

    /// `obligation audit "…" every year for role auditor, evidence record audit, clauses iso2018 "9.2"`.
    pub(super) fn obligation(&mut self) -> Reading<ObligationText> {
        self.need("obligation")?;
        let (name, tags) = (self.name()?, self.take_labels()?);
        let every = self.every()?;
        self.need("for")?;
        let mut whom = vec![self.who()?];
        let (mut evidence, mut clauses) = (None, Vec::new());
        while self.take_mark(",") {
            if self.take("evidence") {
                self.need("record")?;
                evidence = Some(self.name()?);
            } else if self.take("clauses") {
                clauses = self.clauses()?;
            } else {
                whom.push(self.who()?);
            }
        }
        Ok(ObligationText { name, tags, every, whom, evidence, clauses })
    }

    /// `report monthly "…" every month for role service_manager shows mttr, backlog`.
    pub(super) fn report_text(&mut self) -> Reading<ReportText> {
        self.need("report")?;
        let (name, tags) = (self.name()?, self.take_labels()?);
        let every = self.every()?;
        self.need("for")?;
        let whom = self.people()?;
        self.need("shows")?;
        Ok(ReportText { name, tags, every, whom, measures: self.names()? })
    }

    /// `every month`, `every 2 weeks`, `cron "0 9 * * 1"`.
    pub(super) fn every(&mut self) -> Reading<Every> {
        if self.take("cron") {
            return Ok(Every::Cron(self.text()?));
        }
        self.need("every")?;
        if self.is_length() {
            return Ok(Every::Length(self.length()?));
        }
        Ok(Every::Period(self.need_one(PERIODS)?))
    }

    /// `4 years`: how long records are kept.
    pub(super) fn years_or_months(&mut self) -> Reading<(u32, Period)> {
        let amount = self.integer()?;
        let unit = self.need_one(&[
            ("years", Period::Year),
            ("year", Period::Year),
            ("months", Period::Month),
            ("month", Period::Month),
        ])?;
        Ok((amount, unit))
    }
}
