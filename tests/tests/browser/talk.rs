//! What people say on a record, with the keyboard and without a script: mentions, canned texts, watching.

use tests::{Driver, Person, Scratch, Scripts, Server};
use thirtyfour::error::WebDriverResult;
use thirtyfour::extensions::query::{ElementQueryable, ElementWaitable};
use thirtyfour::{By, Key};

/// What stands in the comment.
async fn comment(person: &Person<'_>) -> WebDriverResult<String> {
    Ok(person.browser.find(By::Id("comment")).await?.prop("value").await?.unwrap_or_default())
}

/// A record that somebody has just begun.
async fn record(driver: &Driver, server: &Server) -> WebDriverResult<String> {
    let requester = Person::signed_in(driver, server, "chenjie").await?;
    requester.goes("/portal/report").await?;
    for (name, value) in [("summary", "VPN 断线"), ("service", "vpn"), ("impact", "low"), ("urgency", "high")] {
        requester.fills(name, value).await?;
    }
    requester.follows(By::Css("main button.primary")).await?;
    let record = requester.place().await?;
    requester.leaves().await?;
    Ok(record)
}

#[tokio::test]
async fn a_comment_is_written_with_a_mention_and_a_canned_text_by_keyboard_alone() -> WebDriverResult<()> {
    let scratch = Scratch::new("browser-talk");
    let server = Server::start("demo", &scratch.path().join("data"));
    let driver = Driver::start();
    let record = record(&driver, &server).await?;
    let desk = Person::signed_in(&driver, &server, "lina").await?;
    desk.speaks("zh-CN").await?;
    desk.goes(&record).await?;

    let field = desk.browser.find(By::Id("comment")).await?;
    let list = desk.browser.find(By::Id("comment-people")).await?;
    field.send_keys("a@b.example ").await?;
    assert!(!list.is_displayed().await?, "an address names nobody");
    // By pinyin initials; the second of what is found, and back to the first.
    field.send_keys("请 @ww").await?;
    list.wait_until().displayed().await?;
    let first = list.query(By::Css("[role=option][aria-selected=true]")).first().await?;
    assert!(first.text().await?.contains("王伟"), "{}", first.text().await?);
    assert_eq!(field.attr("aria-activedescendant").await?, first.attr("id").await?);
    field.send_keys(Key::Down + Key::Up).await?;
    field.send_keys(Key::Enter).await?;
    list.wait_until().not_displayed().await?;
    assert_eq!(comment(&desk).await?, "a@b.example 请 @王伟 ");
    // Escape closes the list and stays in the text.
    field.send_keys("@wang").await?;
    list.wait_until().displayed().await?;
    field.send_keys(Key::Escape).await?;
    list.wait_until().not_displayed().await?;
    field.send_keys(Key::Backspace + Key::Backspace + Key::Backspace + Key::Backspace + Key::Backspace).await?;
    field.send_keys("看看。").await?;

    // A text goes where the cursor is.
    field.send_keys(Key::Home + "").await?;
    desk.presses("#comment-text option[value='text_line'], #comment-text option[value='text_details']").await?;
    let button = desk.browser.find(By::Css("[data-insert='comment']")).await?;
    button.send_keys(Key::Enter + "").await?;
    let text = comment(&desk).await?;
    assert!(text.starts_with("请为 INC-") && text.ends_with("a@b.example 请 @王伟 看看。"), "{text}");
    desk.follows(By::Css("form.comment > button")).await?;
    let said = desk.reads().await?;
    assert!(said.contains("并通知 王伟"), "{said}");

    // One key watches, and the same key stops.
    for (begun, told) in [(true, "已关注"), (false, "已取消关注")] {
        let page = desk.browser.find(By::Css("html")).await?;
        desk.browser.find(By::Css("body")).await?.send_keys("w").await?;
        page.wait_until().stale().await?;
        assert!(desk.reads().await?.contains(told), "{}", desk.reads().await?);
        desk.goes("/watched").await?;
        let listed = !desk.browser.find_all(By::Css(format!("main a[href='{record}']"))).await?.is_empty();
        assert_eq!(listed, begun);
        desk.goes(&record).await?;
    }
    desk.leaves().await?;

    // The same without a script.
    let plain = Person::with(&driver, &server, "zhouqiang", Scripts::Off).await?;
    plain.speaks("zh-CN").await?;
    plain.goes(&record).await?;
    plain.fills("text", "您好").await?;
    plain.fills("_text.text", "text_details").await?;
    plain.follows(By::Css("[data-insert='comment']")).await?;
    let text = comment(&plain).await?;
    assert!(text.starts_with("您好\n请为 INC-"), "{text}");
    plain.follows(By::Css("form.watch button")).await?;
    assert!(plain.reads().await?.contains("已关注"), "{}", plain.reads().await?);
    plain.leaves().await
}
