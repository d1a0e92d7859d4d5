//! The problem manager raises a problem from the incident, the team finds its cause, what is known of it is published, and a
//! change is asked for.

use thirtyfour::By;
use thirtyfour::error::WebDriverResult;

use super::{ITEM, Story};

pub(super) async fn is_raised(story: &Story<'_>, incident: &str) -> WebDriverResult<String> {
    let person = &story.person;
    story.passes_to("wuxia").await?;
    story.adds(incident).await?;
    person.finishes("raise", &[]).await?;
    let problem = story.finds(incident, "PRB").await?;
    person.takes_up(&problem).await?;
    let item = person.browser.find(By::Css(format!("[name='accept.items'][value='{ITEM}']"))).await?;
    assert!(item.is_selected().await?, "the problem is on what the incident was on");
    person.finishes("accept", &[("accept.incidents", incident)]).await?;
    Ok(problem)
}

pub(super) async fn is_understood(story: &Story<'_>, problem: &str) -> WebDriverResult<()> {
    let person = &story.person;
    // Whoever has resolved the incident goes on with the problem.
    person.takes_up(problem).await?;
    let cause = story.says(["新固件默认关闭硬件解码。", "The new firmware turns the hardware decoder off."]);
    let proof =
        story.says(["在测试终端上打开解码后画面恢复。", "With the decoder on, the test terminal shows a picture."]);
    let found = [
        ("found.method", "five_whys"),
        ("found.cause_kind", "software"),
        ("found.root_cause", cause),
        ("found.proof", proof),
    ];
    person.finishes("found", &found).await?;
    story.adds(problem).await?;
    let symptom = story.says(["入会后有声音没有画面", "There is sound and no picture"]);
    let workaround = story.says(["换回旧固件。", "Go back to the old firmware."]);
    person.finishes("described", &[("described.symptom", symptom), ("described.workaround", workaround)]).await?;
    story.passes_to("wuxia").await?;
    person.takes_up(problem).await?;
    person.finishes("publish", &[]).await
}

pub(super) async fn asks_for_a_change(story: &Story<'_>, problem: &str) -> WebDriverResult<String> {
    story.passes_to("wangwei").await?;
    story.person.takes_up(problem).await?;
    let solution = story.says(["升级到打开硬件解码的固件。", "A firmware that turns the decoder on."]);
    story.person.finishes("by_change", &[("by_change.solution", solution)]).await?;
    let change = story.finds(problem, "CHG").await?;
    story.person.takes_up(&change).await?;
    let [benefit, plan, test, backout] = [
        ["会议终端恢复使用。", "Meeting rooms are usable again."],
        ["先升级一台，再升级其余各台。", "First one terminal, then the others."],
        ["入会，画面和声音都正常。", "Join a meeting: picture and sound."],
        ["换回旧固件。", "Go back to the old firmware."],
    ]
    .map(|both| story.says(both));
    let request = [
        ("submit.users", "40"),
        ("submit.downtime", "15"),
        ("submit.benefit", benefit),
        ("submit.cost", "800.00 CNY"),
        ("submit.plan", plan),
        ("submit.test_plan", test),
        ("submit.backout", backout),
    ];
    story.person.finishes("submit", &request).await?;
    Ok(change)
}

/// As far as an afternoon goes: whether the incidents stay away is seen after thirty days.
pub(super) async fn is_fixed(story: &Story<'_>, problem: &str, change: &str) -> WebDriverResult<()> {
    story.person.takes_up(problem).await?;
    story.person.finishes("live", &[("live.changes", change), ("live.fixed_in", "2.1")]).await?;
    story.person.opens(problem).await?;
    let tasks = story.person.browser.find_all(By::Css("main a[data-finish]")).await?;
    assert!(tasks.is_empty(), "nobody has anything to do before it is seen whether it comes back");
    story.happened(["修复已上线", "Fix live"]).await?;
    story.stands(["等待至", "waits until"]).await
}
