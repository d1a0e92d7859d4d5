//! A real browser reports, triages, resolves and confirms an incident, in both languages.

use tests::{Driver, Person, Scratch, Server};
use thirtyfour::By;
use thirtyfour::error::WebDriverResult;

const SUMMARY: &str = "The VPN drops 每五分钟断线";

#[tokio::test]
async fn an_incident_is_reported_triaged_resolved_and_confirmed_in_a_browser() -> WebDriverResult<()> {
    let scratch = Scratch::new("browser");
    let server = Server::start("demo", &scratch.path().join("data"));
    let driver = Driver::start();

    let requester = Person::signed_in(&driver, &server, "chenjie").await?;
    requester.speaks("en").await?;
    requester.goes("/portal/report").await?;
    requester.fills("summary", SUMMARY).await?;
    requester.fills("service", "vpn").await?;
    requester.fills("impact", "low").await?;
    requester.fills("urgency", "high").await?;
    requester.follows(By::Css("main button.primary")).await?;
    let at = requester.browser.current_url().await?;
    let number = at.path().strip_prefix("/records/INC-").map(|rest| format!("INC-{rest}"));
    let number = number.unwrap_or_else(|| panic!("the report leads to its record, not to {at}"));
    assert!(requester.reads().await?.contains(SUMMARY));

    let desk = Person::signed_in(&driver, &server, "lina").await?;
    desk.speaks("zh-CN").await?;
    desk.opens_from_inbox(&number).await?;
    assert!(desk.reads().await?.contains("分诊") || desk.reads().await?.contains("受理"), "{}", desk.reads().await?);
    desk.finishes("accept", &[]).await?;
    desk.leaves().await?;

    let team = Person::signed_in(&driver, &server, "wangwei").await?;
    team.opens_from_inbox(&number).await?;
    // An empty form comes back with its field marked and nothing done.
    team.finishes("fixed", &[]).await?;
    assert!(!team.browser.find_all(By::Css("main .problem")).await?.is_empty(), "{}", team.reads().await?);
    team.finishes("fixed", &[("fixed.resolution", "Set the time-out right. 恢复会话超时。")]).await?;
    team.leaves().await?;

    requester.goes(&format!("/records/{number}")).await?;
    requester.follows(By::Css("main a[href^='/tasks/']")).await?;
    requester.finishes("confirm", &[]).await?;
    requester.goes(&format!("/records/{number}")).await?;
    let english = requester.reads().await?;
    assert!(english.contains("Closed") && english.contains("Set the time-out right."), "{english}");
    requester.speaks("zh-CN").await?;
    let chinese = requester.reads().await?;
    assert!(chinese.contains("已关闭"), "{chinese}");
    assert!(!requester.browser.find_all(By::Css("main svg")).await?.is_empty(), "the process is drawn");
    requester.leaves().await
}
