//! Where a browser runs no JavaScript, everybody's work gets done all the same: to report, to look for known solutions, to
//! claim, to claim several at once, to complete.

use tests::{Driver, Person, Scratch, Scripts, Server};
use thirtyfour::By;
use thirtyfour::error::WebDriverResult;

const SUMMARY: &str = "VPN 连接几分钟后断开，重连也不行";
const ANOTHER: &str = "VPN 拨号提示证书已过期";
/// The services of the demo.
const SERVICES: [&str; 7] = ["vpn", "mail", "wifi", "crm", "erp", "printing", "workplace_pc"];

#[tokio::test]
async fn without_javascript_people_report_find_solutions_claim_one_or_many_and_complete() -> WebDriverResult<()> {
    let scratch = Scratch::new("no-script");
    let server = Server::start("demo", &scratch.path().join("data"));
    let driver = Driver::start();

    let requester = Person::with(&driver, &server, "chenjie", Scripts::Off).await?;
    requester.goes("/portal/report").await?;
    let button = requester.browser.find(By::Css("main button[data-look]")).await?;
    assert!(button.is_displayed().await?, "a script would have hidden the button, so scripts run");
    requester.fills("summary", SUMMARY).await?;
    requester.fills("impact", "low").await?;
    requester.fills("urgency", "high").await?;
    // Which services have open known errors is up to the demo's history.
    let mut offered = None;
    for service in SERVICES {
        requester.fills("service", service).await?;
        requester.follows(By::Css("main button[data-look]")).await?;
        offered = requester.browser.find_all(By::Css("main .known-list")).await?.pop();
        if offered.is_some() {
            break;
        }
    }
    assert!(offered.is_some(), "{}", requester.reads().await?);
    requester.fills("service", "vpn").await?;
    let summary = requester.browser.find(By::Css("main [name='summary']")).await?;
    assert_eq!(summary.prop("value").await?.as_deref(), Some(SUMMARY), "what was typed stays");
    requester.follows(By::Css("main .send button.primary")).await?;
    let number = requester.number().await?;
    assert!(requester.reads().await?.contains(SUMMARY));
    // So that several are free for the team, however much the demo's history has left there.
    requester.goes("/portal/report").await?;
    for (field, value) in [("summary", ANOTHER), ("impact", "low"), ("urgency", "high"), ("service", "vpn")] {
        requester.fills(field, value).await?;
    }
    requester.follows(By::Css("main .send button.primary")).await?;
    let another = requester.number().await?;
    requester.leaves().await?;

    let desk = Person::with(&driver, &server, "lina", Scripts::Off).await?;
    desk.opens_from_inbox(&number).await?;
    desk.follows(By::Css("main button[data-claim]")).await?;
    assert!(!desk.browser.find_all(By::Css("main .tag.mine")).await?.is_empty(), "{}", desk.reads().await?);
    desk.finishes("accept", &[]).await?;
    desk.opens_from_inbox(&another).await?;
    desk.finishes("accept", &[]).await?;
    desk.leaves().await?;

    let team = Person::with(&driver, &server, "wangwei", Scripts::Off).await?;
    team.goes("/inbox").await?;
    let unclaimed = By::Css("main tr[data-row]:has([data-claim]) [data-pick]");
    let picks = team.browser.find_all(unclaimed).await?;
    let chosen = picks.iter().take(2);
    assert_eq!(chosen.len(), 2, "two tasks are free: {}", team.reads().await?);
    let mut tasks = Vec::new();
    for pick in chosen {
        pick.click().await?;
        tasks.extend(pick.attr("value").await?);
    }
    team.follows(By::Css("#bulk button[value='claim']")).await?;
    team.follows(By::Css("main form[method='post'] button.primary")).await?;
    for task in tasks {
        team.goes(&format!("/tasks/{task}")).await?;
        assert!(!team.browser.find_all(By::Css("main .tag.mine")).await?.is_empty(), "{}", team.reads().await?);
    }
    team.opens_from_inbox(&number).await?;
    team.finishes("fixed", &[("fixed.resolution", "恢复会话超时设置。")]).await?;
    team.goes(&format!("/records/{number}")).await?;
    // Whoever reported it says whether it is solved.
    let state = team.browser.find(By::Css("main .page-head .state")).await?.text().await?;
    assert!(state.contains("确认") || state.contains("已解决"), "{state}");
    team.leaves().await
}
