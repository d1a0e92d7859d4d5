//! What requesters see: the catalogue, the form that is filled in already, known solutions beside it, their own requests.

mod desk;

use desk::browser::Browser;
use desk::{Desk, linked, staffed};
use engine::definition::Labels;
use engine::directory::Entry;
use engine::ids::Name;
use engine::value::Value;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn reference(key: &str) -> Value {
    Value::Ref(Name::from(key))
}

fn chosen(key: &str) -> Value {
    Value::Choice(Name::from(key))
}

/// The desk with the packaged processes for requesters, two items in the catalogue and three known errors.
fn offering() -> Desk {
    let desk = staffed();
    for packaged in processes::packaged().iter().filter(|one| ["incident", "service_request"].contains(&one.name)) {
        desk.deploy(packaged.source);
    }
    let item = |key: &str, name: &str, says: &str, kind: &str, agrees: bool, days: &str| {
        let fields = [
            ("service", reference("mail")),
            ("team", reference("network")),
            ("description", text(says)),
            ("kind", chosen(kind)),
            ("needs_manager", Value::Bool(agrees)),
            ("days", Value::Number(days.parse().expect("a number"))),
        ];
        linked::put(&desk, "service_item", key, name, &fields, None);
    };
    item("shared_mailbox", "共享邮箱", "部门共用的邮箱。", "access", true, "2");
    item("big_mailbox", "邮箱扩容", "邮箱容量增加到 50 GB。", "information", false, "1");
    for (key, name, service, status, workaround) in [
        ("mail-slow", "邮件收发缓慢", "mail", "open", "请改用网页邮箱。"),
        ("mail-old", "邮件附件打不开", "mail", "fixed", "这个办法已经过时。"),
        ("vpn-drops", "远程接入频繁断线", "vpn", "open", "请在客户端关闭省电模式。"),
    ] {
        let fields = [
            ("service", reference(service)),
            ("symptom", text(name)),
            ("status", chosen(status)),
            ("workaround", text(workaround)),
        ];
        let entry = Entry {
            labels: Labels::new(name, name),
            fields: fields.map(|(field, value)| (Name::from(field), value)).into(),
        };
        let (store, now) = (desk.runtime.store(), desk.runtime.now());
        store.put_entry("known_error", &Name::from(key), &entry, &Name::from("root"), now).expect("it is kept");
    }
    desk.runtime.reload_directory().expect("it reads");
    desk
}

#[actix_web::test]
async fn the_catalogue_says_what_is_promised_and_leads_to_a_form_with_the_item_chosen() {
    let desk = offering();
    let mut dora = Browser::of(&desk, "dora").await;
    dora.speak("zh-CN");
    let portal = dora.get("/portal").await;
    assert_eq!(portal.status, 200);
    for said in ["共享邮箱", "部门共用的邮箱。", "承诺时限：2 个工作日", "上级审批", "邮箱扩容", "无需审批。"]
    {
        assert!(portal.body.contains(said), "{said}: {}", portal.body);
    }
    let found = dora.get("/portal?find=%E6%89%A9%E5%AE%B9").await;
    assert!(found.body.contains("邮箱扩容") && !found.body.contains("共享邮箱"), "{}", found.body);

    let way = portal.body.split("<h4><a href=\"").find(|part| part.contains("共享邮箱")).expect("it leads somewhere");
    let way = way.split('"').next().expect("an address").replace("&amp;", "&").replace("&#x3D;", "=");
    let form = dora.get(&way).await;
    assert_eq!(form.status, 200, "{way}");
    assert!(form.body.contains("name=\"item\" value=\"shared_mailbox\""), "{}", form.body);
    assert!(form.body.contains("承诺时限：2 个工作日") && form.body.contains("<h1>共享邮箱</h1>"), "{}", form.body);

    let hidden = |name: &str| form.hidden(name);
    let (process, once, key, item) = (hidden("_process"), hidden("_once"), hidden("_chosen"), hidden("item"));
    let fixed = [("_process", process.as_str()), ("_once", &once), ("_chosen", &key), ("item", &item)];
    let refused = dora.post("/portal/report", &[&fixed[..], &[("summary", "市场部邮箱")]].concat()).await;
    assert_eq!(refused.status, 422, "what it is needed for is missing");
    assert!(refused.body.contains("市场部邮箱") && refused.body.contains("<h1>共享邮箱</h1>"), "{}", refused.body);
    let rest = [("summary", "市场部邮箱"), ("details", "对外联系用"), ("channel", "portal")];
    let made = dora.post("/portal/report", &[&fixed[..], &rest].concat()).await;
    assert_eq!(made.status, 303, "{}", made.body);
    assert!(made.location.starts_with("/records/REQ-"), "{}", made.location);
    let record = dora.get(&made.location).await;
    assert!(record.body.contains("共享邮箱"), "{}", record.body);
}

#[actix_web::test]
async fn an_address_fills_in_what_fits_the_form_and_nothing_else() {
    let desk = offering();
    let mut dora = Browser::of(&desk, "dora").await;
    let form = dora.get("/portal/report?summary=No+mail&urgency=high&impact=enormous&priority=p1").await;
    assert_eq!(form.status, 200);
    assert!(form.body.contains("value=\"No mail\""), "{}", form.body);
    assert!(!form.body.contains("value=\"enormous\""), "no such impact: {}", form.body);
    assert!(!form.body.contains("name=\"priority\""), "nobody is asked for the priority");
    assert_eq!(dora.get("/portal/report?process=reconciliation&summary=x").await.status, 404, "not hers to start");
}

#[actix_web::test]
async fn known_solutions_are_offered_while_one_types_and_by_a_button() {
    let desk = offering();
    let mut dora = Browser::of(&desk, "dora").await;
    dora.speak("zh-CN");
    let part = dora.get("/portal/report/solutions?process=incident&summary=%E8%BF%9C%E7%A8%8B%E6%96%AD%E7%BA%BF").await;
    assert_eq!(part.status, 200);
    assert!(!part.body.contains("<html"), "a part of the page: {}", part.body);
    assert!(part.body.contains("请在客户端关闭省电模式。"), "by its words: {}", part.body);
    assert!(!part.body.contains("请改用网页邮箱。"), "of another service: {}", part.body);
    let part = dora.get("/portal/report/solutions?process=incident&service=mail&summary=x").await;
    assert!(part.body.contains("请改用网页邮箱。"), "by its service: {}", part.body);
    assert!(!part.body.contains("这个办法已经过时。"), "what is closed helps nobody: {}", part.body);

    let form = dora.get("/portal/report?service=mail").await;
    assert!(form.body.contains("请改用网页邮箱。"), "the service is known from the start: {}", form.body);
    let typed = [
        ("_process", form.hidden("_process")),
        ("_once", form.hidden("_once")),
        ("service", "vpn".to_owned()),
        ("summary", "电脑一直断线".to_owned()),
        ("_look", "yes".to_owned()),
    ];
    let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let looked = dora.post("/portal/report", &typed).await;
    assert_eq!(looked.status, 200, "{}", looked.body);
    assert!(
        looked.body.contains("请在客户端关闭省电模式。") && looked.body.contains("电脑一直断线"),
        "{}",
        looked.body
    );
    let solved = [("_process", "incident"), ("service", "vpn"), ("_solved", "vpn-drops")];
    let solved = dora.post("/portal/report/solved", &solved).await;
    assert_eq!((solved.status, solved.location.as_str()), (303, "/portal"));
    let home = dora.get("/portal").await;
    assert!(home.body.contains("问题已解决，未提交任何内容。"), "{}", home.body);
    let own = dora.get("/portal/requests?show=all").await;
    assert!(!own.body.contains("电脑一直断线"), "nothing was sent");
}

#[actix_web::test]
async fn own_requests_are_open_or_closed_with_what_waits_for_oneself_first() {
    let desk = offering();
    let mut dora = Browser::of(&desk, "dora").await;
    let fields = |item: &str| [("item", reference(item)), ("details", text("对外联系用"))];
    let open = linked::begin(&desk, "service_request", "dora", "市场部邮箱", &fields("big_mailbox"));
    let others = linked::begin(&desk, "service_request", "emil", "财务部邮箱", &fields("big_mailbox"));
    let page = dora.get("/portal/requests").await;
    assert!(page.body.contains(open.number()) && !page.body.contains(others.number()), "{}", page.body);
    let closed = dora.get("/portal/requests?show=closed").await;
    assert_eq!(closed.status, 200);
    assert!(!closed.body.contains(open.number()), "{}", closed.body);
}

#[actix_web::test]
async fn what_waits_for_somebody_without_an_inbox_stands_in_the_portal_whoever_asked_for_it() {
    let desk = offering();
    let (store, now) = (desk.runtime.store(), desk.runtime.now());
    let managed = Entry {
        labels: Labels::new("Dora Qian", "钱朵拉"),
        fields: [(Name::from("manager"), reference("emil"))].into(),
    };
    store.put_entry("person", &Name::from("dora"), &managed, &Name::from("root"), now).expect("it is kept");
    desk.runtime.reload_directory().expect("it reads");
    let fields = [("item", reference("shared_mailbox")), ("details", text("对外联系用"))];
    let asked = linked::begin(&desk, "service_request", "dora", "市场部邮箱", &fields);
    let mut emil = Browser::of(&desk, "emil").await;
    for page in ["/portal", "/portal/requests"] {
        let page = emil.get(page).await;
        assert!(page.body.contains(asked.number()) && page.body.contains("href=\"/tasks/"), "{}", page.body);
    }
    // Who asked for it has nothing to approve, and staff have it in their inbox.
    for name in ["dora", "bao"] {
        let mut other = Browser::of(&desk, name).await;
        let page = other.get("/portal").await;
        assert!(!page.body.contains("href=\"/tasks/"), "{name}: {}", page.body);
    }
}
