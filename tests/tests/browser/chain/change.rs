//! The change is assessed from six sides at once, approved by a quorum of the board, scheduled, carried out in its window and
//! reviewed.

use tests::Hand;
use thirtyfour::By;
use thirtyfour::error::WebDriverResult;

use super::{Both, Story, ahead};

/// Who carries it out: nobody of the teams that changes of the demo's history are scheduled for.
const IMPLEMENTER: (&str, &str) = ("admin", "p06");

pub(super) async fn is_assessed(story: &Story<'_>, change: &str) -> WebDriverResult<()> {
    let person = &story.person;
    story.passes_to("linfang").await?;
    person.takes_up(change).await?;
    person.finishes("accept", &[("accept.class", "major")]).await?;

    story.passes_to("caobin").await?;
    claims_both(story, change).await?;
    for _ in 0..2 {
        person.opens_from_inbox(change).await?;
        assesses(story).await?;
    }
    for name in ["luolin", "zhengkai", "jiangning", "dengchao"] {
        story.passes_to(name).await?;
        person.takes_up(change).await?;
        assesses(story).await?;
    }
    Ok(())
}

/// One person has two sides to assess and claims both with one order.
async fn claims_both(story: &Story<'_>, change: &str) -> WebDriverResult<()> {
    let person = &story.person;
    assert_eq!(person.picks(change).await?, 2);
    let picked = person.browser.find_all(By::Css("[data-pick]:checked")).await?;
    assert_eq!(picked.len(), 2);
    if story.hand == Hand::Keyboard {
        // Down to the last line, and up again by one.
        person.keys().types("jk").await?;
        let rows = person.browser.find_all(By::Css("[data-row]")).await?;
        let first = rows.first().expect("there are two rows");
        let class = first.class_name().await?.unwrap_or_default();
        assert!(class.split_whitespace().any(|name| name == "at"), "{class}");
    }
    person.follows(By::Css("#bulk button[value='claim']")).await?;
    person.follows(By::Css("main form[method='post'] button.primary")).await?;
    person.follows(By::Css("main .send a.button")).await?;
    let row = format!("//tr[.//a[@href='/records/{change}']]//*[contains(@class,'mine')]");
    assert_eq!(person.browser.find_all(By::XPath(row)).await?.len(), 2, "{}", person.reads().await?);
    Ok(())
}

/// Assesses the side that the open task asks for.
async fn assesses(story: &Story<'_>) -> WebDriverResult<()> {
    const NOTES: [(&str, Both); 6] = [
        ("continuity", ["逐台升级，其余终端可用。", "One after the other; the rest can be used."]),
        ("capacity", ["负载没有变化。", "No more load."]),
        ("security", ["固件已签名。", "The firmware is signed."]),
        ("cost", ["在预算内。", "Within the budget."]),
        ("release", ["本周没有其他发布。", "Nothing else is released this week."]),
        ("level", ["不影响服务级别。", "No agreed level is touched."]),
    ];
    for (side, note) in NOTES {
        let verdict = By::Css(format!("main input[name$='{side}_verdict']"));
        let Some(verdict) = story.person.browser.find_all(verdict).await?.into_iter().next() else { continue };
        let verdict = verdict.attr("name").await?.expect("a field has a name");
        let written = verdict.replace("_verdict", "_note");
        let fields = [(verdict.as_str(), "fine"), (written.as_str(), story.says(note))];
        return story.person.finishes("assessed", &fields).await;
    }
    panic!("no side is asked for: {}", story.person.reads().await?)
}

/// Two of the three of the board are a quorum, and one is not.
pub(super) async fn is_approved(story: &Story<'_>, change: &str) -> WebDriverResult<()> {
    let person = &story.person;
    // The last who has assessed it is of the board.
    person.takes_up(change).await?;
    person.finishes("approved", &[]).await?;
    person.opens(change).await?;
    assert_eq!(person.browser.find_all(By::Css("main .ballot .votes li")).await?.len(), 1);
    story.passes_to("jiangning").await?;
    person.takes_up(change).await?;
    person.finishes("approved", &[]).await?;
    person.opens(change).await?;
    assert!(person.browser.find_all(By::Css("main .ballot")).await?.is_empty(), "it is decided");
    story.stands(["排期", "Schedule"]).await
}

pub(super) async fn is_scheduled(story: &Story<'_>, change: &str) -> WebDriverResult<()> {
    story.passes_to("linfang").await?;
    story.person.takes_up(change).await?;
    let calendar = By::Css("main form.complete a[href='/changes/calendar'][target=_blank]");
    assert!(story.person.browser.find(calendar).await?.is_displayed().await?, "what is planned is one press away");
    // As soon as a window can begin that is given by the minute, and not before this is typed.
    let [start, end, decision] = [90, 7_290, 3_690].map(ahead);
    let window = [
        ("schedule.window_start", start.as_str()),
        ("schedule.window_end", end.as_str()),
        ("schedule.decision_point", decision.as_str()),
        ("schedule.implementer", IMPLEMENTER.1),
    ];
    story.person.finishes("schedule", &window).await?;
    story.person.opens(change).await?;
    story.happened(["已排期", "Scheduled"]).await?;
    story.stands(["等待变更窗口", "Waiting for the window"]).await
}

pub(super) async fn is_implemented(story: &Story<'_>, change: &str) -> WebDriverResult<()> {
    story.passes_to(IMPLEMENTER.0).await?;
    story.person.takes_up(change).await?;
    story.person.finishes("go", &[]).await?;
    story.person.takes_up(change).await?;
    let result = story.says(["入会正常，画面和声音都有。", "Joined a meeting: picture and sound."]);
    story.person.finishes("done", &[("done.test_result", result)]).await
}

pub(super) async fn is_reviewed(story: &Story<'_>, change: &str) -> WebDriverResult<()> {
    story.passes_to("linfang").await?;
    story.person.takes_up(change).await?;
    let follow_up = story.says(["无", "None"]);
    let fields = [("objective_met", "yes"), ("items_updated", "yes"), ("follow_up", follow_up)];
    story.person.finishes("reviewed", &fields).await?;
    story.person.opens(change).await?;
    story.stands(["已关闭", "Closed"]).await
}
