//! Whoever audits finds all of it from the incident: as a picture and a list, and as evidence to print.

use thirtyfour::By;
use thirtyfour::error::WebDriverResult;

use super::{Both, Story};

const ITEM: Both = ["12 楼会议终端", "Meeting terminal, 12th floor"];

pub(super) async fn shows_all(story: &Story<'_>, incident: &str, others: [&str; 3]) -> WebDriverResult<()> {
    let person = &story.person;
    story.passes_to("songyan").await?;
    person.opens(incident).await?;
    person.follows(By::Css(format!("main a[href='/records/{incident}/trace']"))).await?;
    let [problem, change, release] = others;
    // Each names those that it was led to, and each what it was about.
    for (record, tied) in [
        (incident, &[problem][..]),
        (problem, &[incident, change, release]),
        (change, &[problem, release]),
        (release, &[problem, change]),
    ] {
        let article = person.browser.find(By::Id(record)).await?.text().await?;
        assert!(article.contains(story.says(ITEM)), "{article}");
        for other in tied {
            assert!(article.contains(other), "{other} is not in:\n{article}");
        }
    }
    let picture = person.browser.find(By::Css("main .chain-picture svg")).await?.text().await?;
    for place in [incident, problem, change, release] {
        assert!(picture.contains(place), "{place} is not in:\n{picture}");
    }
    for column in [["事件管理", "Incident management"], ["登记项", "Registers"]] {
        assert!(picture.contains(story.says(column)), "{picture}");
    }
    Ok(())
}

pub(super) async fn is_kept_as_evidence(story: &Story<'_>, chain: [&str; 4]) -> WebDriverResult<()> {
    let person = &story.person;
    let [incident, problem, change, release] = chain;
    person.follows(By::Css(format!("main a[href='/records/{incident}/trace/print']"))).await?;
    let read = async |record: &str| person.browser.find(By::Id(record)).await?.text().await;
    let said = |record: &str, text: &str, words: &[Both]| {
        for words in words {
            assert!(text.contains(story.says(*words)), "{record} does not say {words:?}:\n{text}");
        }
    };
    said(incident, &read(incident).await?, &[["已关闭", "Closed"], ["确认解决", "Solved"]]);
    said(problem, &read(problem).await?, &[["新固件默认关闭硬件解码", "turns the hardware decoder off"]]);
    // Two votes made the quorum.
    let votes = read(change).await?;
    said(change, &votes, &[["变更顾问委员会审批", "CAB approval"], ["邓超", "Deng Chao"], ["蒋宁", "Jiang Ning"]]);
    let baselines = read(release).await?;
    said(release, &baselines, &[["发布前基线", "Baseline before"], ["发布后基线", "Baseline after"], ITEM]);
    for version in ["2.0", "2.1"] {
        assert!(baselines.contains(version), "{baselines}");
    }
    Ok(())
}
