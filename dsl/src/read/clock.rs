//! Clocks.

use super::{Opening, Reader, Reading};
use crate::tree::{ClockText, Deed, Place, Term, Word};

enum Part {
    Until(Word),
    Pauses(Vec<Word>, Vec<Word>),
    Resumes(Vec<Word>),
    Target(Word, Vec<(Word, engine::time::Span)>),
    Hours(Term),
    Threshold(u32, Place, Vec<Deed>),
}

const PARTS: &[Opening<Part>] = &[
    Opening { word: "runs", read: runs },
    Opening { word: "pauses", read: pauses },
    Opening { word: "resumes", read: |reader| Ok(Part::Resumes(reader.resumes()?)) },
    Opening { word: "target", read: target },
    Opening {
        word: "hours",
        read: |reader| {
            reader.advance();
            Ok(Part::Hours(reader.path()?))
        },
    },
    Opening { word: "at", read: threshold },
];

impl Reader<'_> {
    pub(super) fn clock(&mut self) -> Reading<ClockText> {
        self.need("clock")?;
        let name = self.name()?;
        let tags = self.take_labels()?;
        let mut clock = ClockText {
            name,
            tags,
            until: None,
            pauses: Vec::new(),
            resumes: Vec::new(),
            target: None,
            hours: None,
            thresholds: Vec::new(),
        };
        for part in self.block(PARTS)? {
            match part {
                Part::Until(word) => clock.until = Some(word),
                Part::Pauses(pauses, resumes) => {
                    clock.pauses.extend(pauses);
                    clock.resumes.extend(resumes);
                }
                Part::Resumes(words) => clock.resumes.extend(words),
                Part::Target(field, rows) => clock.target = Some((field, rows)),
                Part::Hours(term) => clock.hours = Some(term),
                Part::Threshold(percent, place, deeds) => clock.thresholds.push((percent, place, deeds)),
            }
        }
        Ok(clock)
    }

    fn resumes(&mut self) -> Reading<Vec<Word>> {
        self.need("resumes")?;
        self.need("on")?;
        self.names()
    }
}

fn runs(reader: &mut Reader<'_>) -> Reading<Part> {
    reader.need("runs")?;
    reader.need("from")?;
    reader.need("start")?;
    reader.need("until")?;
    Ok(Part::Until(reader.name()?))
}

fn pauses(reader: &mut Reader<'_>) -> Reading<Part> {
    reader.need("pauses")?;
    reader.need("in")?;
    let mut steps = vec![reader.name()?];
    while reader.take_mark(",") {
        if reader.sees_all(&["resumes", "on"]) {
            return Ok(Part::Pauses(steps, reader.resumes()?));
        }
        steps.push(reader.name()?);
    }
    Ok(Part::Pauses(steps, Vec::new()))
}

fn target(reader: &mut Reader<'_>) -> Reading<Part> {
    reader.need("target")?;
    reader.need("by")?;
    let field = reader.name()?;
    Ok(Part::Target(field, reader.lines(|line| Ok((line.name()?, line.length()?)))?))
}

fn threshold(reader: &mut Reader<'_>) -> Reading<Part> {
    let start = reader.here();
    reader.need("at")?;
    let percent = reader.integer()?;
    reader.need_mark("%")?;
    let actions = reader.actions()?;
    Ok(Part::Threshold(percent, start..reader.behind(), actions))
}
