//! Somebody reports an incident, the desk sorts it, the team resolves it, and whoever reported it says that it is solved.

use tests::Hand;
use thirtyfour::By;
use thirtyfour::error::WebDriverResult;
use thirtyfour::extensions::query::ElementWaitable;

use super::{Both, ITEM, SERVICE, Story};

const SUMMARY: Both = ["12 楼会议终端入会后没有画面", "The meeting terminal on the 12th floor shows no picture"];
const CATEGORY: Both = ["会议终端画面", "Picture of meeting terminals"];

pub(super) async fn is_reported(story: &Story<'_>) -> WebDriverResult<String> {
    let person = &story.person;
    story.passes_to("chenjie").await?;
    person.follows(By::Css("main a[href='/portal/report']")).await?;
    person.fills("summary", story.says(SUMMARY)).await?;
    person.fills("details", story.says(["声音正常，画面全黑。", "There is sound, and the screen is black."])).await?;
    person.fills("service", SERVICE).await?;
    person.fills("impact", "medium").await?;
    person.fills("urgency", "low").await?;
    person.follows(By::Css("main .send button.primary")).await?;
    story.reads(SUMMARY).await?;
    person.number().await
}

pub(super) async fn is_sorted(story: &Story<'_>, incident: &str) -> WebDriverResult<()> {
    story.passes_to("lina").await?;
    if story.hand == Hand::Keyboard {
        looks_up_the_keys(story).await?;
    }
    story.person.opens_from_inbox(incident).await?;
    story.reads(["分诊", "Triage"]).await?;
    let category = story.says(CATEGORY);
    story.person.finishes("accept", &[("accept.items", ITEM), ("accept.category", category)]).await
}

/// Whoever works with keys asks which there are.
async fn looks_up_the_keys(story: &Story<'_>) -> WebDriverResult<()> {
    let sheet = story.person.browser.find(By::Id("keys")).await?;
    story.person.keys().types("?").await?;
    sheet.wait_until().displayed().await?;
    let listed = sheet.text().await?;
    for key in ["j", "k", "o", "x", "e"] {
        assert!(listed.split_whitespace().any(|word| word == key), "{key} is not in:\n{listed}");
    }
    story.person.keys().types(thirtyfour::Key::Escape.value().to_string()).await?;
    sheet.wait_until().not_displayed().await
}

pub(super) async fn is_resolved(story: &Story<'_>, incident: &str, problem: &str) -> WebDriverResult<()> {
    story.passes_to("wangwei").await?;
    story.person.opens_from_inbox(incident).await?;
    let resolution = story
        .says(["换回旧固件后恢复，已与用户一起试过。", "Went back to the old firmware, and tried it with the caller."]);
    let fields = [
        ("fixed.resolution", resolution),
        ("fixed.resolution_code", "workaround"),
        ("fixed.ci_caused", ITEM),
        ("fixed.problem", problem),
    ];
    story.person.finishes("fixed", &fields).await
}

pub(super) async fn is_confirmed(story: &Story<'_>, incident: &str) -> WebDriverResult<()> {
    story.passes_to("chenjie").await?;
    story.person.takes_up(incident).await?;
    story.person.finishes("confirm", &[("confirm.satisfaction", "5")]).await?;
    assert_eq!(story.person.number().await?, incident);
    story.stands(["已关闭", "Closed"]).await
}
