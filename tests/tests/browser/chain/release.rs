//! A release brings the change: what it touches is in the register, it is built and tested by different people, signed three
//! times, compared with what was tested, deployed site by site, and the baselines before and after differ in what was meant.

use thirtyfour::By;
use thirtyfour::error::WebDriverResult;

use super::{ITEM, SERVICE, Story, ahead};

/// The SHA-256 of the package.
const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// Who signs for the business.
const SIGNATORY: &str = "p04";

/// What will be released is in the register from the beginning, as something that is not live yet.
pub(super) async fn registers_what_it_will_change(story: &Story<'_>) -> WebDriverResult<()> {
    let person = &story.person;
    story.passes_to("fengjie").await?;
    person.follows(By::Css("nav.side a[href='/registers']")).await?;
    person.follows(By::Css("main a[href='/registers/configuration_item']")).await?;
    person.follows(By::Css("main a[href='/registers/configuration_item/-/add']")).await?;
    for (name, value) in [
        ("key", ITEM),
        ("name_zh", "12 楼会议终端"),
        ("name_en", "Meeting terminal, 12th floor"),
        ("is.class", "workstation"),
        ("is.status", "in_test"),
        ("is.service", SERVICE),
        ("is.version", "2.0"),
    ] {
        person.fills(name, value).await?;
    }
    person.follows(By::Css("main .send button.primary")).await?;
    assert_eq!(person.place().await?, format!("/registers/configuration_item/{ITEM}"), "{}", person.reads().await?);
    Ok(())
}

pub(super) async fn is_planned(story: &Story<'_>, change: &str, problem: &str) -> WebDriverResult<String> {
    let person = &story.person;
    story.passes_to("zhengkai").await?;
    person.follows(By::Css("nav.side a[href='/portal']")).await?;
    person.follows(By::Css("main a[href='/portal/report?process=release']")).await?;
    let summary = story.says(["会议终端固件 2.1", "Firmware 2.1 of the meeting terminals"]);
    for (name, value) in [("summary", summary), ("service", SERVICE), ("version", "2.1"), ("changes", change)] {
        person.fills(name, value).await?;
    }
    person.follows(By::Css("main .send button.primary")).await?;
    let release = person.number().await?;

    person.takes_up(&release).await?;
    let [plan, backout, told, training] = [
        ["先测试室，再 12 楼。", "First the test room, then the 12th floor."],
        ["换回 2.0。", "Go back to 2.0."],
        ["会议终端将停用十五分钟。", "The terminals are down for fifteen minutes."],
        ["服务台已阅读说明。", "The desk has read what is new."],
    ]
    .map(|both| story.says(both));
    let (from, until) = (ahead(0), ahead(10_800));
    let scope = [
        ("freeze.problems", problem),
        ("freeze.items", ITEM),
        ("freeze.plan", plan),
        ("freeze.waves.0.site", story.says(["测试室", "Test room"])),
        ("freeze.deploy_start", from.as_str()),
        ("freeze.deploy_end", until.as_str()),
        ("freeze.backout", backout),
        ("freeze.signatory", SIGNATORY),
        ("freeze.announcement", told),
        ("freeze.training", training),
    ];
    person.finishes("freeze", &scope).await?;
    Ok(release)
}

pub(super) async fn is_signed(story: &Story<'_>, release: &str) -> WebDriverResult<()> {
    let person = &story.person;
    story.passes_to("wangwei").await?;
    person.takes_up(release).await?;
    let package = [
        ("built.packages.0.file", "meet-2.1.bin"),
        ("built.packages.0.sha256", HASH),
        ("built.packages.0.library", "dml/meet/2.1"),
    ];
    person.finishes("built", &package).await?;

    story.passes_to("xubo").await?;
    person.takes_up(release).await?;
    let [environment, result] =
        [["测试室", "Test room"], ["二十个用例全部通过。", "All twenty cases passed."]].map(|both| story.says(both));
    person.finishes("passed", &[("passed.test_environment", environment), ("passed.test_result", result)]).await?;
    person.takes_up(release).await?;
    person.finishes("sign", &[]).await?;

    story.passes_to("chenjie").await?;
    // Whoever is no staff has no inbox, and was told.
    person.follows(By::Css("a.bell")).await?;
    person.follows(By::Css(format!("main .notices a[href='/records/{release}']"))).await?;
    person.follows(By::Css("main a[data-finish]")).await?;
    person.finishes("sign", &[]).await?;
    story.passes_to("lina").await?;
    person.takes_up(release).await?;
    person.finishes("sign", &[]).await?;

    story.passes_to("zhengkai").await?;
    person.takes_up(release).await?;
    story.reads(["发布前基线", "Baseline before"]).await?;
    person.finishes("go", &[]).await
}

/// Nothing is deployed but what was built, by its hash.
pub(super) async fn is_deployed(story: &Story<'_>, release: &str) -> WebDriverResult<()> {
    let person = &story.person;
    story.passes_to("wangwei").await?;
    person.takes_up(release).await?;
    person.finishes("intact", &[("intact.measured", &HASH.replace('9', "8"))]).await?;
    story.reads(["该发布包与测试时不一致", "This is not the package that was tested"]).await?;
    person.finishes("intact", &[("intact.measured", HASH)]).await?;
    person.takes_up(release).await?;
    person.finishes("deployed", &[]).await
}

/// What the release brings comes into the register, and is all that differs from the baseline before.
pub(super) async fn is_released(story: &Story<'_>, release: &str) -> WebDriverResult<()> {
    let person = &story.person;
    story.passes_to("xubo").await?;
    person.takes_up(release).await?;
    person.finishes("verified", &[]).await?;
    // Ten working days of early life lie ahead.
    person.takes_up(release).await?;
    story.reads(["早期支持", "Watch it"]).await?;
    person.opens(release).await?;
    story.reads(["发布后基线", "Baseline after"]).await
}
