//! Major incidents: one lead, updates every half hour, a report and a review.

use super::answer::{Answer, Case, OFFICE_DAY, Pace, choice, reference, references, text};
use crate::cli::demo::stories::{STORIES, Story};

pub(super) fn pace(case: &mut Case<'_, '_>) -> Option<Pace> {
    Some(match case.step() {
        "appoint" => Pace::Wall(3, 10),
        "prepare" => Pace::Wall(5, 13),
        "restore" => Pace::Wall(70, 160),
        "workstream" => Pace::Wall(30, 65),
        "inform" => Pace::Wall(2, 12),
        "stand_down" => Pace::Wall(20, 50),
        "write_report" => Pace::Office(300, OFFICE_DAY + 200),
        "review" => Pace::Office(2 * OFFICE_DAY, 3 * OFFICE_DAY - 30),
        _ => return None,
    })
}

pub(super) fn answer(case: &mut Case<'_, '_>) -> Option<Answer> {
    let story = Story::told(&case.field("summary")).map_or(&STORIES[0], |(_, story)| story);
    Some(match case.step() {
        "appoint" => Answer::finish("appoint").with("manager", reference("p05")).with("grade", choice("major")),
        "prepare" => Answer::finish("open")
            .with("bridge", case.text("应急会议室 12-01，电话会议 8001", "Room 12-01, telephone conference 8001"))
            .with("plan", case.text("每半小时通报一次，渠道为邮件和工作群。", "An update every half hour, by mail and in the group."))
            .with("stakeholders", references(["p04", "p10", "p23"]))
            .with("teams", references([story.team(), if story.team() == "network" { "applications" } else { "network" }])),
        "restore" => Answer::finish("restored").with("resolution", text(story.resolution)),
        "workstream" => Answer::finish("done")
            .with("finding", case.text("已排查，本组范围内的部件正常或已恢复。", "Checked: what is ours works or works again.")),
        "inform" => Answer::finish("told")
            .with("progress", case.text("故障点已定位，正在恢复，预计一小时内完成。", "The fault is found; restoration is under way, within the hour.")),
        "stand_down" => Answer::finish("stable"),
        "write_report" => Answer::finish("written").with(
            "report",
            case.text(
                "## 经过\n从首个报告到恢复全程记录见时间线。\n## 原因\n容量监控未覆盖该部件。\n## 影响\n受影响部门约两小时无法办理业务。",
                "## Course\nThe timeline has every step from the first report on.\n## Cause\nThe part was not monitored for capacity.\n## Effect\nDepartments could not work for about two hours.",
            ),
        ),
        "review" => Answer::finish("reviewed")
            .with("attendees", references(["p05", "p22", "p16"]))
            .with("lessons", case.text("容量告警须覆盖所有关键部件。", "Every critical part needs an alert on capacity."))
            .with("actions", case.text("补充监控项，由问题单跟踪根本原因。", "Add the alerts; the problem follows the root cause.")),
        _ => return None,
    })
}
