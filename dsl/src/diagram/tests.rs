//! The picture of the sample: nothing overlaps, nothing is missing, ways touch what they connect and cross no node.

use engine::definition::{Labels, Parts};

use super::graph::{self, FRAME_HEAD, Shape};
use super::layout::{LABEL_HEIGHT, Placed};
use super::sample::{end, incident, name, outcome, parts, step, task};
use super::words::Words;
use super::{Here, svg};
use crate::Language;

const BOTH: [Language; 2] = [Language::En, Language::Zh];

/// A rectangle of the picture: left, top, right, bottom.
#[derive(Clone, Debug)]
struct Box {
    what: String,
    sides: (f64, f64, f64, f64),
}

impl Box {
    fn new(what: String, middle: f64, top: f64, width: f64, height: f64) -> Box {
        Box { what, sides: (middle - width / 2.0, top, middle + width / 2.0, top + height) }
    }

    fn overlaps(&self, other: &Box) -> bool {
        let ((a, b, c, d), (e, f, g, h)) = (self.sides, other.sides);
        a < g && e < c && b < h && f < d
    }
}

fn placed(parts: &Parts, language: Language) -> Placed {
    graph::placed(parts, Words::new(parts, language))
}

/// Every level of a picture, in its own coordinates.
fn levels(placed: &Placed) -> Vec<&Placed> {
    let inner = placed.items.iter().filter_map(|item| item.inside.as_deref()).flat_map(levels);
    std::iter::once(placed).chain(inner).collect()
}

fn boxes(level: &Placed) -> Vec<Box> {
    let nodes = level.items.iter().zip(&level.at).filter(|(item, _)| !item.shape.is_point());
    let nodes = nodes.map(|(item, at)| Box::new(format!("{:?}", item.step), at.0, at.1, item.width, item.height));
    let labels = level.pills.iter();
    let labels = labels.map(|pill| Box::new(pill.text.clone(), pill.at.0, pill.at.1, pill.width, LABEL_HEIGHT));
    nodes.chain(labels).collect()
}

#[test]
fn no_two_nodes_or_labels_overlap_and_all_lie_inside_their_frame() {
    for language in BOTH {
        for level in levels(&placed(&incident(), language)) {
            let boxes = boxes(level);
            for (at, one) in boxes.iter().enumerate() {
                let (left, top, right, bottom) = one.sides;
                let inside = left > -0.1 && top > -0.1 && right < level.width + 0.1 && bottom < level.height + 0.1;
                assert!(inside, "{one:?} outside of {} × {}", level.width, level.height);
                for other in &boxes[at + 1..] {
                    assert!(!one.overlaps(other), "{one:?} overlaps {other:?}");
                }
            }
            for item in level.items.iter().filter(|item| item.inside.is_some()) {
                let inside = item.inside.as_ref().expect("it was asked for");
                assert!(inside.width <= item.width && inside.height + FRAME_HEAD <= item.height + 0.1);
            }
        }
    }
}

#[test]
fn every_way_begins_and_ends_on_a_border_and_crosses_no_node() {
    for language in BOTH {
        for level in levels(&placed(&incident(), language)) {
            let boxes = boxes(level);
            for wire in &level.wires {
                let first = wire.pieces.iter().find_map(|piece| piece.first()).expect("a way has a beginning");
                let last = wire.pieces.iter().rev().find_map(|piece| piece.last()).expect("a way has an end");
                assert!(touches(level, wire.from, *first, Side::Lower), "{wire:?}");
                assert!(touches(level, wire.to, *last, Side::Upper), "{wire:?}");
                for pair in wire.pieces.iter().flat_map(|piece| piece.windows(2)) {
                    let (one, other) = (pair[0], pair[1]);
                    assert!(one.0 == other.0 || one.1 == other.1, "a slanted way: {pair:?}");
                    let line = Box {
                        what: "way".into(),
                        sides: (one.0.min(other.0), one.1.min(other.1), one.0.max(other.0), one.1.max(other.1)),
                    };
                    for node in &boxes {
                        let (a, b, c, d) = node.sides;
                        let inner = Box { what: node.what.clone(), sides: (a + 0.5, b + 0.5, c - 0.5, d - 0.5) };
                        assert!(!line.overlaps(&inner), "{pair:?} crosses {node:?}");
                    }
                }
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Upper,
    Lower,
}

fn touches(level: &Placed, item: usize, point: (f64, f64), side: Side) -> bool {
    let (held, at) = (&level.items[item], level.at[item]);
    let y = if side == Side::Upper { at.1 } else { at.1 + held.height };
    (point.1 - y).abs() < 0.1 && (point.0 - at.0).abs() <= held.width / 2.0 + 4.0
}

#[test]
fn every_step_that_a_reader_knows_appears_once() {
    let parts = incident();
    let document = svg(&parts, Language::En, &Here::default());
    for step in &parts.steps {
        let times = document.matches(&format!("data-step=\"{}\"", step.name)).count();
        // The race inside the aside shares its frame; the steps behind it only jump.
        let hidden = graph::is_mere_jump(step) || step.name == *"race_2";
        assert_eq!(times, usize::from(!hidden), "{}", step.name);
    }
}

#[test]
fn both_languages_say_everything_in_their_own_words() {
    let parts = incident();
    let (en, zh) = (svg(&parts, Language::En, &Here::default()), svg(&parts, Language::Zh, &Here::default()));
    for words in ["Triage", "Not an incident", "After 10 working days", "in 15 minutes", "Notify requester", "Start"] {
        assert!(en.contains(&format!(">{words}<")) || en.contains(words), "{words}");
        assert!(!zh.contains(words), "{words}");
    }
    for words in ["分诊", "非事件", "10 个工作日后", "15 分钟内", "通知申请人", "开始", "等待用户 · 先发生者为准"]
    {
        assert!(zh.contains(words), "{words}");
        assert!(!en.contains(words), "{words}");
    }
    assert!(en.contains("lang=\"en\"") && zh.contains("lang=\"zh-CN\""));
}

#[test]
fn where_a_record_stands_and_what_it_passed_is_marked() {
    let here = Here { at: [name("confirm"), name("silence")].into(), passed: [name("triage")].into() };
    let document = svg(&incident(), Language::En, &here);
    assert!(document.contains("class=\"node task here\" data-step=\"confirm\""));
    assert!(document.contains("class=\"node timer here\" data-step=\"silence\""));
    assert!(document.contains("class=\"node task passed\" data-step=\"triage\""));
    assert!(document.contains("class=\"node task\" data-step=\"resolve\""));
    assert_eq!(document.matches("class=\"tick\"").count(), 1);
}

#[test]
fn the_same_process_gives_the_same_picture() {
    for language in BOTH {
        let one = svg(&incident(), language, &Here::default());
        assert_eq!(one, svg(&incident(), language, &Here::default()));
    }
}

#[test]
fn the_picture_is_well_formed_whatever_the_labels_say() {
    let mean =
        "</text><script>alert(1)</script>&\"'\u{1}\n名称很长很长很长很长很长很长很长很长很长很长很长很长很长很长";
    let labels = || Labels::new(mean, mean);
    let outcomes = vec![outcome("done", labels(), None), outcome("again", labels(), Some("work"))];
    let hostile = parts(vec![
        step("work", None, Some("over"), labels(), task(engine::definition::Who::Anyone, None, outcomes)),
        step("over", None, None, labels(), end("over")),
    ]);
    for process in [incident(), hostile] {
        for language in BOTH {
            let document = svg(&process, language, &Here::default());
            assert_well_formed(&document);
            assert!(!document.contains("<script"));
        }
    }
}

#[test]
fn a_process_of_one_step_and_one_that_leads_nowhere_known_are_drawn_too() {
    let only = parts(vec![step("over", None, None, Labels::new("Over", "结束"), end("over"))]);
    assert!(svg(&only, Language::En, &Here::default()).contains("data-step=\"over\""));
    let lost = vec![outcome("done", Labels::new("Done", "完成"), Some("nowhere"))];
    let who = engine::definition::Who::Requester;
    let lost = parts(vec![step("work", None, None, Labels::new("Work", "处理"), task(who, None, lost))]);
    assert_well_formed(&svg(&lost, Language::Zh, &Here::default()));
}

/// Elements nest and close, attributes are quoted, text holds no bare signs: enough for what is written here.
fn assert_well_formed(document: &str) {
    let mut open = Vec::new();
    let mut rest = document;
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "a bare sign in {:?}", &rest[..start]);
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        assert_eq!(tag.matches('"').count() % 2, 0, "a quote is missing in {tag}");
        match (tag.strip_prefix('/'), tag.ends_with('/')) {
            (Some(closing), _) => assert_eq!(open.pop(), Some(closing), "in the wrong order"),
            (None, true) => {}
            (None, false) => open.push(tag.split(' ').next().unwrap_or_default()),
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "left open: {open:?}");
    for (at, _) in document.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;"];
        assert!(known.iter().any(|entity| document[at..].starts_with(entity)), "a bare ampersand");
    }
    assert!(document.chars().all(|letter| letter == '\n' || !letter.is_control()));
}

#[test]
fn frames_are_frames_and_points_are_not_drawn() {
    let picture = placed(&incident(), Language::En);
    let frames: Vec<Shape> = picture.items.iter().filter(|item| item.inside.is_some()).map(|item| item.shape).collect();
    assert_eq!(frames, [Shape::Race, Shape::Block]);
}
