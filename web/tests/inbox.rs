//! The staff's inbox: filters in the address, kept views, a task beside the list, what is put off.

mod desk;

use desk::browser::Browser;
use desk::{Desk, at, staffed};
use engine::ids::Name;
use store::{NewView, SAVED_VIEWS_MAX};
use web::pages::inbox::Wanted;

/// Four incidents: two about mail, two about the VPN, of different levels.
fn filled() -> (Desk, [String; 4]) {
    let desk = staffed();
    let numbers = [
        desk.report("dora", "核心交换机故障", "mail", ("high", "high")),
        desk.report("dora", "Mailbox is full", "mail", ("low", "low")),
        desk.report("emil", "VPN drops every hour", "vpn", ("high", "high")),
        desk.report("emil", "ＶＰＮ 无法登录", "vpn", ("low", "low")),
    ];
    (desk, numbers)
}

/// Which of the records a page lists, in its order.
fn listed(body: &str, numbers: &[String]) -> Vec<usize> {
    let table = body.split("<table").nth(1).and_then(|rest| rest.split("</table>").next()).unwrap_or_default();
    let mut found: Vec<(usize, usize)> = numbers
        .iter()
        .enumerate()
        .filter_map(|(index, number)| Some((table.find(&format!("/records/{number}\""))?, index)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, index)| index).collect()
}

#[actix_web::test]
async fn filters_in_the_address_compose() {
    let (desk, numbers) = filled();
    let mut anna = Browser::of(&desk, "anna").await;
    let cases = [
        ("/inbox", vec![0, 1, 2, 3]),
        ("/inbox?service=vpn", vec![2, 3]),
        ("/inbox?q=%E6%95%85%E9%9A%9C", vec![0]),
        ("/inbox?q=vpn", vec![2, 3]),
        ("/inbox?q=vpn+HOUR", vec![2]),
        ("/inbox?q=mailbox&service=vpn", vec![]),
        ("/inbox?process=incident&service=mail", vec![0, 1]),
        ("/inbox?process=other", vec![]),
        ("/inbox?team=network&q=%E7%99%BB%E5%BD%95", vec![3]),
        ("/inbox?due=close", vec![0, 1, 2, 3]),
        ("/inbox?due=over", vec![]),
        ("/inbox?due=none", vec![]),
        ("/inbox?view=mine", vec![]),
    ];
    for (address, expected) in cases {
        let answer = anna.get(address).await;
        assert_eq!(answer.status, 200, "{address}");
        assert_eq!(listed(&answer.body, &numbers), expected, "{address}");
    }
    let by_number = anna.get(&format!("/inbox?q={}", numbers[2].to_lowercase())).await;
    assert_eq!(listed(&by_number.body, &numbers), [2]);
    let none = anna.get("/inbox?q=nothing+like+that").await.body;
    assert!(none.contains("No task matches") && none.contains("Clear filters"), "{none}");
    desk.clock.set(at("2026-09-18 17:50"));
    let late = anna.get("/inbox?due=over").await.body;
    assert_eq!(listed(&late, &numbers), [0, 1, 2, 3], "the bands follow the clock");
    assert!(
        late.contains("overdue −5 min") && late.contains("17:45"),
        "over is negative, and the due is there: {late}"
    );
}

#[actix_web::test]
async fn order_and_headings_are_in_the_address_too() {
    let (desk, numbers) = filled();
    let mut anna = Browser::of(&desk, "anna").await;
    let by_priority = anna.get("/inbox?sort=priority").await.body;
    assert_eq!(listed(&by_priority, &numbers), [0, 2, 1, 3]);
    let grouped = anna.get("/inbox?group=service&sort=priority").await.body;
    assert_eq!(listed(&grouped, &numbers), [0, 1, 2, 3]);
    assert!(
        grouped.contains("scope=\"rowgroup\">E-mail<") && grouped.contains("scope=\"rowgroup\">Remote access (VPN)<")
    );
    assert_eq!(grouped.matches("scope=\"rowgroup\"").count(), 2, "{grouped}");
}

#[actix_web::test]
async fn columns_are_chosen_in_the_address_or_kept_for_a_person() {
    let (desk, _) = filled();
    let mut anna = Browser::of(&desk, "anna").await;
    let headings = |body: &str| -> Vec<String> {
        let head = body.split("<thead>").nth(1).and_then(|rest| rest.split("</thead>").next()).unwrap_or_default();
        head.split("<th scope=\"col\">").skip(4).filter_map(|cell| Some(cell.split('<').next()?.to_owned())).collect()
    };
    assert_eq!(headings(&anna.get("/inbox").await.body), ["Priority", "Service", "Requester", ""]);
    assert_eq!(headings(&anna.get("/inbox?cols=team.process").await.body), ["Team", "Process", ""]);
    let kept =
        anna.post("/inbox/columns", &[("cols", "priority"), ("cols", "team"), ("back", "/inbox?view=mine")]).await;
    assert_eq!((kept.status, kept.location.as_str()), (303, "/inbox?view=mine"));
    assert_eq!(headings(&anna.get("/inbox").await.body), ["Priority", "Team", ""]);
    assert_eq!(headings(&anna.get("/inbox?cols=service").await.body), ["Service", ""], "the address says more");
    let strayed = anna.post("/inbox/columns", &[("cols", "nonsense"), ("back", "https://evil.example/inbox")]).await;
    assert_eq!(strayed.location, "/inbox");
}

#[actix_web::test]
async fn a_view_is_kept_under_a_name_and_shared_with_a_team() {
    let (desk, numbers) = filled();
    let mut anna = Browser::of(&desk, "anna").await;
    let nameless = anna.post("/inbox/views", &[("query", "service=vpn"), ("name", " ")]).await;
    assert_eq!(nameless.status, 422);
    assert!(nameless.body.contains("aria-describedby=\"view-problem\""), "{}", nameless.body);
    let foreign = anna.post("/inbox/views", &[("query", "q=x"), ("name", "Network"), ("share", "team:network")]).await;
    assert!(foreign.status == 422 && foreign.body.contains("value=\"Network\""), "{}", foreign.body);

    let kept = anna.post("/inbox/views", &[("query", "service=vpn&evil=1"), ("name", "远程 <VPN>")]).await;
    assert_eq!((kept.status, kept.location.as_str()), (303, "/inbox?service=vpn"), "{}", kept.body);
    let page = anna.get("/inbox?service=vpn").await.body;
    assert!(page.contains("远程 &lt;VPN&gt;") && page.contains("Delete this view"), "{page}");
    let mut mei = Browser::of(&desk, "mei").await;
    assert!(!mei.get("/inbox").await.body.contains("远程"), "it is private");

    let shared = [("query", "due=over"), ("name", "Burning"), ("share", "role:staff")];
    assert_eq!(anna.post("/inbox/views", &shared).await.status, 303);
    let seen = mei.get("/inbox?due=over").await.body;
    assert!(seen.contains("Burning") && seen.contains("by Anna Li"), "{seen}");
    assert!(!seen.contains("Delete this view"), "only its owner changes it");
    for form in [[("do", "delete"), ("name", "")], [("do", "rename"), ("name", "Mine now")]] {
        assert_eq!(mei.post("/inbox/views/2", &form).await.status, 404);
    }
    assert_eq!(anna.post("/inbox/views/2", &[("do", "rename"), ("name", "Late")]).await.status, 303);
    assert!(mei.get("/inbox").await.body.contains("Late"));
    assert_eq!(anna.post("/inbox/views/2", &[("do", "rename"), ("name", "")]).await.status, 422);
    assert_eq!(anna.post("/inbox/views/2", &[("do", "delete")]).await.status, 303);
    assert!(!mei.get("/inbox").await.body.contains("Late"));
    let opened = anna.get("/inbox?service=vpn").await;
    assert_eq!(listed(&opened.body, &numbers), [2, 3]);
    let view = |owner: &str| NewView {
        owner: Name::from(owner),
        name: "one more".into(),
        query: String::new(),
        shared_with: None,
    };
    for _ in 1..SAVED_VIEWS_MAX {
        assert!(desk.runtime.store().save_view(&view("anna")).expect("it writes").is_some());
    }
    let full = anna.post("/inbox/views", &[("query", ""), ("name", "too much")]).await;
    assert!(full.status == 422 && full.body.contains("Delete one first"), "{}", full.body);
}

#[actix_web::test]
async fn a_task_is_worked_on_beside_the_list() {
    let (desk, numbers) = filled();
    let task = desk.task(&numbers[0], "triage");
    let name = task.strip_prefix("/tasks/").expect("the address of a task");
    let mut anna = Browser::of(&desk, "anna").await;
    anna.post(&format!("/records/{}/comment", numbers[0]), &[("text", "rack 3 is dark")]).await;
    let page = anna.get(&format!("/inbox?service=mail&peek={name}")).await.body;
    let peek = page.split("id=\"peek-part\"").nth(1).expect("it is part of the page");
    for part in ["name=\"outcome\"", "rack 3 is dark", "class=\"clock card\"", "核心交换机故障"] {
        assert!(peek.contains(part), "{part}: {peek}");
    }
    assert!(
        page.replace("&#x3D;", "=").contains("data-unpeek href=\"/inbox?service=mail\""),
        "it closes to the same list"
    );
    let alone = anna.get(&format!("{task}/peek")).await;
    assert!(alone.status == 200 && alone.body.contains("rack 3 is dark") && !alone.body.contains("<html"));
    let mut emil = Browser::of(&desk, "emil").await;
    assert_eq!(emil.get(&format!("{task}/peek")).await.status, 404);
    let nothing = anna.get("/inbox?peek=1-1").await;
    assert!(nothing.status == 200 && nothing.body.contains("not yours to see"), "{}", nothing.body);
}

#[actix_web::test]
async fn a_task_that_is_put_off_leaves_one_inbox_and_comes_back_and_no_clock_waits() {
    let (desk, numbers) = filled();
    let task = desk.task(&numbers[0], "triage");
    let (mut anna, mut mei) = (Browser::of(&desk, "anna").await, Browser::of(&desk, "mei").await);
    let form = anna.get(&format!("{task}/snooze")).await.body;
    assert!(form.contains("It does not pause the SLA") && form.contains("The task is due before “Tomorrow”"), "{form}");
    assert!(form.contains("Sat 2026-09-19 09:00") && form.contains("Mon 2026-09-21 09:00"), "{form}");
    for wrong in ["", "2026-09-18", "2026-12-31", "soon"] {
        let refused = anna.post(&format!("{task}/snooze"), &[("until", "date"), ("date", wrong)]).await;
        assert!(refused.status == 422 && refused.body.contains("snooze-problem"), "{wrong:?}: {}", refused.body);
    }
    let back = "/inbox?service=mail";
    let done = anna.post(&format!("{task}/snooze"), &[("until", "tomorrow"), ("back", back)]).await;
    assert_eq!((done.status, done.location.as_str()), (303, back));
    let inbox = anna.get("/inbox").await.body;
    assert_eq!(listed(&inbox, &numbers), [1, 2, 3]);
    assert!(inbox.contains("Its SLA clock keeps running") && inbox.contains("href=\"/inbox/snoozed\""), "{inbox}");
    let counted = inbox.split("My groups<span class=\"count\">").nth(1).and_then(|rest| rest.split('<').next());
    assert_eq!(counted, Some("3"), "the figures leave it out too");
    let snoozed = anna.get("/inbox/snoozed").await.body;
    assert_eq!(listed(&snoozed, &numbers), [0]);
    assert!(snoozed.contains("17:45"), "it is due as before: {snoozed}");
    assert_eq!(listed(&mei.get("/inbox/snoozed").await.body, &numbers), [] as [usize; 0], "it is hers alone");

    assert_eq!(anna.post(&format!("{task}/wake"), &[]).await.status, 303);
    assert_eq!(listed(&anna.get("/inbox").await.body, &numbers), [0, 1, 2, 3]);
    anna.post(&format!("{task}/snooze"), &[("until", "date"), ("date", "2026-09-19")]).await;
    assert_eq!(listed(&anna.get("/inbox").await.body, &numbers), [1, 2, 3]);
    desk.clock.set(at("2026-09-19 09:00"));
    let mut anna = Browser::of(&desk, "anna").await;
    assert_eq!(listed(&anna.get("/inbox").await.body, &numbers), [0, 1, 2, 3], "it woke");
}

#[test]
fn an_address_is_read_back_as_it_was_written() {
    let address = "view=mine&q=%E6%95%85%E9%9A%9C&process=incident&priority=p1&service=vpn&team=network&due=soon\
        &sort=opened&group=band&cols=priority.team";
    let wanted = Wanted::of(&web::pairs::Pairs::parse(address));
    assert_eq!(wanted.query(), address);
    assert_eq!(Wanted::of(&web::pairs::Pairs::parse("view=nobody&sort=x&due=&colour=red")).query(), "");
}

#[actix_web::test]
async fn several_tasks_are_claimed_at_once_with_a_preview_and_a_report_of_what_could_not_be() {
    let (desk, numbers) = filled();
    let tasks: Vec<String> = numbers.iter().map(|number| desk.task(number, "triage").replace("/tasks/", "")).collect();
    let (mut anna, mut root) = (Browser::of(&desk, "anna").await, Browser::of(&desk, "root").await);
    let inbox = anna.get("/inbox").await.body;
    assert!(inbox.contains(&format!("name=\"task\" value=\"{}\" form=\"bulk\"", tasks[0])), "{inbox}");
    let query = format!("/inbox/bulk?deed=claim&task={}&task={}&task=1-1", tasks[0], tasks[1]);
    let preview = anna.get(&query).await.body;
    assert_eq!(
        (preview.matches("would be done").count(), preview.matches("cannot be done").count()),
        (2, 1),
        "{preview}"
    );
    assert!(preview.contains("Do it for 2 of 3") && preview.contains("not yours to see"), "{preview}");
    assert!(!anna.get("/inbox?view=mine").await.body.contains(&numbers[0]), "a preview does nothing");
    let strange = root.get(&query).await.body;
    assert!(!strange.contains("Do it for"), "who may not claim is offered nothing: {strange}");

    desk.runtime
        .execute(
            desk.runtime.store().instance_of_number(&numbers[1]).expect("it reads").expect("it is there"),
            engine::event::Actor::Person(Name::from("anna")),
            engine::command::Command::Complete {
                task: engine::ids::TaskId(
                    tasks[1].rsplit('-').next().and_then(|id| id.parse().ok()).expect("a number"),
                ),
                outcome: Name::from("reject"),
                fields: engine::value::Fields::new(),
                reason: Some("spam".into()),
            },
        )
        .expect("it is finished meanwhile");
    let form = [("deed", "claim"), ("task", tasks[0].as_str()), ("task", tasks[1].as_str())];
    let report = anna.post("/inbox/bulk", &form).await;
    assert_eq!(report.status, 200);
    assert!(
        report.body.contains("It was done for 1 of 2")
            && report.body.contains("yours now")
            && report.body.contains("The task is finished"),
        "{}",
        report.body
    );
    assert!(anna.get("/inbox?view=mine").await.body.contains(&numbers[0]));
    let again = anna.get(&format!("/inbox/bulk?deed=claim&task={}", tasks[0])).await.body;
    assert!(again.contains("is so already") && !again.contains("Do it for"), "{again}");
    let nothing = anna.get("/inbox/bulk?deed=claim").await.body;
    assert!(nothing.contains("No task was selected"), "{nothing}");
}

#[actix_web::test]
async fn several_tasks_are_given_finished_and_edited_at_once() {
    let (desk, numbers) = filled();
    let task = |index: usize, step: &str| desk.task(&numbers[index], step).replace("/tasks/", "");
    let mut anna = Browser::of(&desk, "anna").await;
    let (first, second) = (task(0, "triage"), task(1, "triage"));
    let both = [("task", first.as_str()), ("task", second.as_str())];
    let assign = |to: &'static str| [&[("deed", "assign"), ("to", to)][..], &both].concat();
    let open = anna.get(&format!("/inbox/bulk?deed=assign&task={first}&task={second}")).await.body;
    assert!(open.contains("Choose first") && open.contains("<option value=\"anna\">"), "{open}");
    let refused = anna.post("/inbox/bulk", &assign("chen")).await.body;
    assert!(refused.contains("It was done for 0 of 2"), "Chen is not of the service desk: {refused}");
    let given = anna.post("/inbox/bulk", &assign("anna")).await.body;
    assert!(given.contains("It was done for all 2"), "{given}");

    let edit = format!("/inbox/bulk?deed=edit&task={first}&task={second}&field=team");
    let values = anna.get(&edit).await.body;
    assert!(values.contains("<option value=\"desk\">Service desk"), "{values}");
    let strange = anna.get(&format!("{edit}&value=nowhere")).await.body;
    assert!(strange.contains("cannot be done") && !strange.contains("Do it for"), "{strange}");
    let preview = anna.get(&format!("{edit}&value=desk&reason=moved")).await.body;
    assert!(preview.contains("Do it for 2 of 2"), "{preview}");
    let form = [&[("deed", "edit"), ("field", "team"), ("value", "desk"), ("reason", "moved")][..], &both].concat();
    let edited = anna.post("/inbox/bulk", &form).await.body;
    assert!(edited.contains("It was done for all 2"), "{edited}");
    assert!(anna.get("/inbox?team=desk&cols=team").await.body.contains(&numbers[1]));
    let unlawful = [&[("deed", "edit"), ("field", "summary"), ("value", "x")][..], &both].concat();
    assert_eq!(anna.post("/inbox/bulk", &unlawful).await.status, 303, "only priority and team");

    let offered = anna.get(&format!("/inbox/bulk?deed=complete&task={first}&task={second}")).await.body;
    assert!(
        offered.contains("<option value=\"accept\">") && !offered.contains("<option value=\"reject\">"),
        "{offered}"
    );
    let form = [&[("deed", "complete"), ("outcome", "accept")][..], &both].concat();
    let finished = anna.post("/inbox/bulk", &form).await.body;
    assert!(finished.contains("It was done for all 2"), "{finished}");
    desk.task(&numbers[0], "resolve");
    let reasoned = [&[("deed", "complete"), ("outcome", "reject")][..], &both].concat();
    assert!(anna.post("/inbox/bulk", &reasoned).await.body.contains("It was done for 0 of 2"));
}

/// What the form with the button of that action sends, without its token.
fn form_of(page: &str, action: &str) -> Vec<(String, String)> {
    let form = page.split(&format!("action=\"{action}\"")).nth(1).and_then(|rest| rest.split("</form>").next());
    let form = form.unwrap_or_else(|| panic!("no form to {action}: {page}"));
    let part = |input: &str| {
        let value = input.split("value=\"").nth(1)?.split('"').next()?;
        Some((input.split('"').next()?.to_owned(), value.to_owned()))
    };
    let parts = form.split("<input type=\"hidden\" name=\"").skip(1).filter_map(part);
    parts.filter(|(name, _)| name != "_token").collect()
}

async fn undo(browser: &mut Browser, report: &str) -> String {
    let form = form_of(report, "/inbox/bulk/undo");
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = browser.post("/inbox/bulk/undo", &form).await;
    assert_eq!(answer.status, 200);
    answer.body
}

#[actix_web::test]
async fn what_was_done_to_several_tasks_is_undone_where_it_still_stands_so() {
    let (desk, numbers) = filled();
    let task = |index: usize, step: &str| desk.task(&numbers[index], step).replace("/tasks/", "");
    let mut anna = Browser::of(&desk, "anna").await;
    let (first, second) = (task(0, "triage"), task(1, "triage"));
    let both = [("task", first.as_str()), ("task", second.as_str())];
    let holder = |index: usize| {
        let id = desk.runtime.store().instance_of_number(&numbers[index]).expect("it reads").expect("it is there");
        let record = desk.runtime.load(id).expect("it reads").expect("it is there").instance;
        record.tasks().first().and_then(|open| open.assignee.clone()).map(|name| name.to_string())
    };
    let team = |index: usize| {
        let id = desk.runtime.store().instance_of_number(&numbers[index]).expect("it reads").expect("it is there");
        let record = desk.runtime.load(id).expect("it reads").expect("it is there").instance;
        record.fields().get("team").map(engine::value::Value::plain)
    };

    let claim = [&[("deed", "claim")][..], &both].concat();
    let report = anna.post("/inbox/bulk", &claim).await.body;
    assert_eq!((holder(0), holder(1)), (Some("anna".into()), Some("anna".into())));
    let undone = undo(&mut anna, &report).await;
    assert!(undone.contains("All 2 are as they were before") && !undone.contains("/inbox/bulk/undo"), "{undone}");
    assert_eq!((holder(0), holder(1)), (None, None));

    anna.post("/inbox/bulk", &[("deed", "claim"), ("task", &first)]).await;
    let report = anna.post("/inbox/bulk", &claim).await.body;
    assert!(
        report.contains("is so already") && report.contains("Undo (1)"),
        "what changed nothing is not undone: {report}"
    );
    undo(&mut anna, &report).await;
    assert_eq!((holder(0), holder(1)), (Some("anna".into()), None));

    let was = (team(0), team(1));
    let edit = [&[("deed", "edit"), ("field", "team"), ("value", "desk"), ("reason", "moved")][..], &both].concat();
    let report = anna.post("/inbox/bulk", &edit).await.body;
    assert_eq!((team(0), team(1)), (Some("desk".into()), Some("desk".into())));
    let mut emil = Browser::of(&desk, "emil").await;
    let form = form_of(&report, "/inbox/bulk/undo");
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    emil.post("/inbox/bulk/undo", &form).await;
    assert_eq!((team(0), team(1)), (Some("desk".into()), Some("desk".into())), "an undo obeys the same guards");
    undo(&mut anna, &report).await;
    assert_eq!((team(0), team(1)), was);

    let complete = [&[("deed", "complete"), ("outcome", "accept")][..], &both].concat();
    let report = anna.post("/inbox/bulk", &complete).await.body;
    assert!(report.contains("cannot be undone here") && !report.contains("/inbox/bulk/undo"), "{report}");

    let (first, second) = (task(0, "resolve"), task(1, "resolve"));
    let both = [("task", first.as_str()), ("task", second.as_str())];
    anna.post("/inbox/bulk", &[("deed", "assign"), ("to", "chen"), ("task", &first)]).await;
    assert_eq!((holder(0), holder(1)), (Some("chen".into()), None));
    let assign = [&[("deed", "assign"), ("to", "bao")][..], &both].concat();
    let report = anna.post("/inbox/bulk", &assign).await.body;
    assert_eq!((holder(0), holder(1)), (Some("bao".into()), Some("bao".into())), "{report}");
    assert_eq!(Browser::of(&desk, "bao").await.post(&format!("/tasks/{second}/release"), &[]).await.status, 303);
    let undone = undo(&mut anna, &report).await;
    assert!(undone.contains("1 of 2 are as they were before"), "{undone}");
    assert!(undone.contains("Somebody has changed this since") && undone.contains("left as it is"), "{undone}");
    assert_eq!((holder(0), holder(1)), (Some("chen".into()), None), "back with who had it");
}

#[actix_web::test]
async fn single_keys_are_turned_off_for_a_person_wherever_one_signs_in() {
    let desk = staffed();
    let mut anna = Browser::of(&desk, "anna").await;
    assert!(!anna.get("/inbox").await.body.contains("data-keys=\"off\""));
    assert_eq!(anna.post("/profile/keys", &[("keys", "off")]).await.status, 303);
    let mut elsewhere = Browser::of(&desk, "anna").await;
    assert!(elsewhere.get("/inbox").await.body.contains("data-keys=\"off\""));
    let sheet = elsewhere.get("/keys").await.body;
    assert!(sheet.contains("turned off for you") && sheet.contains("<kbd>x</kbd>"), "{sheet}");
    anna.post("/profile/keys", &[("keys", "on")]).await;
    assert!(!elsewhere.get("/inbox").await.body.contains("data-keys=\"off\""));
}

/// What a page follows, as its script reads it.
fn followed(body: &str) -> String {
    let held = body.split("data-live=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("the page follows");
    format!("/live?{}", held.replace("&#x3D;", "=").replace("&amp;", "&"))
}

#[actix_web::test]
async fn who_reads_the_inbox_is_told_of_new_tasks_that_the_address_wants() {
    let (desk, _) = filled();
    let mut anna = Browser::of(&desk, "anna").await;
    let (all, vpn) = (anna.get("/inbox").await.body, anna.get("/inbox?service=vpn").await.body);
    let (status, told, _open) = anna.follow(&followed(&all)).await;
    assert_eq!((status, told.as_str()), (200, "data: {\"who\":\"\",\"words\":\"\"}\n\n"));
    desk.clock.set(at("2026-09-18 17:31"));
    desk.report("dora", "No mail again", "mail", ("high", "high"));
    let (_, told, _open) = anna.follow(&followed(&all)).await;
    assert!(told.contains("1 new"), "{told}");
    let (_, told, _open) = anna.follow(&followed(&vpn)).await;
    assert!(!told.contains("new"), "{told}");
    let emil = anna.beside("emil").await;
    assert_eq!(emil.follow(&followed(&all)).await.0, 404, "who has no inbox follows none");
    assert_eq!(Browser::new(&desk).follow(&followed(&all)).await.0, 404);
}

#[actix_web::test]
async fn who_reads_a_record_is_told_that_it_changed_and_who_else_is_there() {
    let (desk, numbers) = filled();
    let mut anna = Browser::of(&desk, "anna").await;
    let mei = anna.beside("mei").await;
    let record = format!("/records/{}", numbers[0]);
    let follows = followed(&anna.get(&record).await.body);
    let (_, alone, mut anna_reads) = anna.follow(&follows).await;
    assert!(!alone.contains("here"), "{alone}");
    let (_, told, mei_reads) = mei.follow(&follows).await;
    assert!(told.contains("also here: Anna Li"), "{told}");
    assert!(desk::browser::next(&mut anna_reads).await.contains("also here: Mei Zhou"), "she is told at once");
    drop(mei_reads);
    assert!(!desk::browser::next(&mut anna_reads).await.contains("Mei"), "and that she left");
    let (_, _, mei_writes) = mei.follow(&format!("{follows}&writing=yes")).await;
    assert!(desk::browser::next(&mut anna_reads).await.contains("writing here: Mei Zhou"));
    drop(mei_writes);
    anna.post(&format!("{record}/comment"), &[("text", "rack 3")]).await;
    let (_, told, _open) = anna.follow(&follows).await;
    assert!(told.contains("This record was changed meanwhile."), "{told}");
    let emil = anna.beside("emil").await;
    assert_eq!(emil.follow(&follows).await.0, 404, "a stranger is told nothing");
}

#[actix_web::test]
async fn one_person_follows_a_few_pages_and_the_oldest_gives_way() {
    let desk = staffed();
    let mut anna = Browser::of(&desk, "anna").await;
    let follows = followed(&anna.get("/inbox").await.body);
    let mut open = Vec::new();
    for _ in 0..9 {
        let (status, _, body) = anna.follow(&follows).await;
        assert_eq!(status, 200);
        open.push(body);
    }
    let mut oldest = open.remove(0);
    while !desk::browser::next(&mut oldest).await.is_empty() {}
}

#[actix_web::test]
async fn no_more_is_looked_at_for_a_page_than_is_said_and_the_next_page_looks_further() {
    let (desk, numbers) = filled();
    let groups = ["role:service_desk", "role:staff", "team:desk"].map(str::to_owned);
    store::heap::pile(&desk.folder.0.as_path().into(), 1..10_001, store::heap::Heap::Open(&groups))
        .expect("it is piled");
    let mut anna = Browser::of(&desk, "anna").await;
    let first = anna.get("/inbox?q=mailbox").await.body;
    assert!(first.contains("Only the 2000 tasks due first were looked at"), "{first}");
    let mut page = first;
    let mut pages = 1;
    while listed(&page, &numbers).is_empty() {
        let next =
            page.split("rel=\"next\"").next().and_then(|before| before.rsplit("href=\"").next()).expect("a link");
        let next = next.split('"').next().unwrap_or_default().replace("&#x3D;", "=").replace("&amp;", "&");
        page = anna.get(&next).await.body;
        pages += 1;
        assert!(pages < 4, "{page}");
    }
    assert_eq!(listed(&page, &numbers), [1]);
}

#[actix_web::test]
async fn the_oldest_stand_first_where_the_address_says_so() {
    let (desk, mut numbers) = filled();
    desk.clock.set(at("2026-09-18 17:40"));
    numbers[0] = desk.report("dora", "newest", "mail", ("high", "high"));
    let mut anna = Browser::of(&desk, "anna").await;
    assert_eq!(listed(&anna.get("/inbox?sort=opened&q=newest").await.body, &numbers), [0]);
    assert_eq!(listed(&anna.get("/inbox?sort=opened").await.body, &numbers).last(), Some(&0));
    assert_eq!(listed(&anna.get("/inbox?sort=opened&group=service").await.body, &numbers), [1, 0, 2, 3]);
}
