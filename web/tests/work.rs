//! Work at the pages: signing in, reporting, finishing tasks; and everything that is refused on the way.

mod desk;

use desk::browser::Browser;
use desk::{PASSWORD, at, empty, staffed};
use web::pages::sign_in::REFUSALS_MAX;

#[actix_web::test]
async fn the_first_administrator_is_made_once() {
    let desk = empty();
    let mut first = Browser::new(&desk);
    let led = first.get("/sign-in").await;
    assert_eq!((led.status, led.location.as_str()), (303, "/first-run"));
    let form = [("sign_in", "rui"), ("name", "吴锐"), ("password", "short"), ("password_again", "short")];
    let refused = first.post("/first-run", &form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("value=\"rui\"") && !refused.body.contains("value=\"short\""), "{}", refused.body);
    let form = [("sign_in", "rui"), ("name", "吴锐"), ("password", PASSWORD), ("password_again", PASSWORD)];
    let made = first.post("/first-run", &form).await;
    assert_eq!((made.status, made.location.as_str()), (303, "/"));
    assert_eq!(first.get("/admin/people").await.status, 200);
    let mut second = Browser::new(&desk);
    assert_eq!(second.get("/first-run").await.status, 404);
    assert_eq!(second.post("/first-run", &form).await.status, 404);
    assert_eq!(desk.runtime.store().people().expect("readable").len(), 1);
}

#[actix_web::test]
async fn unknown_names_and_wrong_passwords_are_answered_alike_and_after_five_comes_a_wait() {
    let desk = staffed();
    let mut guest = Browser::new(&desk);
    let unknown = guest.post("/sign-in", &[("sign_in", "nobody"), ("password", "something long")]).await;
    let wrong = guest.post("/sign-in", &[("sign_in", "anna"), ("password", "something long")]).await;
    assert_eq!((unknown.status, wrong.status), (422, 422));
    assert_eq!(unknown.body.replace("nobody", "anna"), wrong.body);
    for _ in 1..REFUSALS_MAX {
        guest.post("/sign-in", &[("sign_in", "anna"), ("password", "something long")]).await;
    }
    let right = [("sign_in", "anna"), ("password", PASSWORD)];
    assert_eq!(guest.post("/sign-in", &right).await.status, 429, "even the right password waits");
    assert_eq!(guest.post("/sign-in", &[("sign_in", "bao"), ("password", PASSWORD)]).await.status, 303);
    desk.clock.set(at("2026-09-18 17:46"));
    assert_eq!(Browser::new(&desk).post("/sign-in", &right).await.status, 303);
}

#[actix_web::test]
async fn a_session_ends_by_signing_out_by_time_and_by_a_new_password() {
    let desk = staffed();
    let mut anna = Browser::of(&desk, "anna").await;
    let mut elsewhere = Browser::of(&desk, "anna").await;
    assert_eq!(anna.post("/sign-out", &[]).await.status, 303);
    assert_eq!(anna.get("/inbox").await.status, 303);
    assert_eq!(elsewhere.get("/inbox").await.status, 200, "the other browser stays");
    let mut root = Browser::of(&desk, "root").await;
    let reset = root.post("/admin/people/anna/password", &[]).await;
    assert_eq!(reset.status, 200);
    let fresh = reset.body.split("mono fresh\">").nth(1).and_then(|rest| rest.split('<').next()).expect("shown once");
    assert_eq!(elsewhere.get("/inbox").await.status, 303, "a new password ends every session");
    let answer = Browser::new(&desk).post("/sign-in", &[("sign_in", "anna"), ("password", fresh)]).await;
    assert_eq!(answer.status, 303, "and it lets its person in");
    desk.clock.set(at("2026-09-19 05:31"));
    assert_eq!(root.get("/inbox").await.status, 303, "twelve hours are over");
    root.keep("tiaoli_session", &"0".repeat(64));
    assert_eq!(root.get("/inbox").await.status, 303, "a guessed token is nobody's");
}

#[actix_web::test]
async fn what_a_confidential_field_holds_is_shown_to_nobody_else() {
    let desk = staffed();
    desk.confide("details", "incident_manager");
    let mut dora = Browser::of(&desk, "dora").await;
    let form = [
        ("summary", "Something is wrong"),
        ("details", "it was my boss"),
        ("service", "mail"),
        ("impact", "high"),
        ("urgency", "high"),
    ];
    let reported = dora.post("/portal/report", &form).await;
    assert_eq!(reported.status, 303, "{}", reported.body);
    let number = reported.location.strip_prefix("/records/").expect("it leads to the record").to_owned();
    let (record, triage) = (format!("/records/{number}"), desk.task(&number, "triage"));

    let mut mei = Browser::of(&desk, "mei").await;
    let page = mei.get(&record).await.body;
    assert!(page.matches("it was my boss").count() > 1, "as a fact and in the history: {page}");
    assert!(page.contains("name=\"edit.details\""), "{page}");
    for who in ["anna", "dora", "root", "otto"] {
        let mut browser = Browser::of(&desk, who).await;
        let page = browser.get(&record).await;
        assert_eq!(page.status, 200, "{who}");
        assert!(!page.body.contains("my boss") && !page.body.contains("edit.details"), "{who}: {}", page.body);
        assert!(page.body.contains("Details changed (confidential)"), "{who}: {}", page.body);
    }
    let mut anna = Browser::of(&desk, "anna").await;
    let task = anna.get(&triage).await;
    assert!(task.status == 200 && !task.body.contains("my boss"), "{}", task.body);
    let edited = [("edit.details", "nothing happened"), ("edit.summary", "Something else"), ("_shown", "1")];
    anna.post(&format!("{record}/edit"), &edited).await;
    assert!(mei.get(&record).await.body.contains("it was my boss"), "what one does not see one does not change");
}

#[actix_web::test]
async fn an_incident_goes_from_the_portal_to_its_confirmation() {
    let desk = staffed();
    let mut dora = Browser::of(&desk, "dora").await;
    let form = dora.get("/portal/report?service=mail").await;
    assert!(form.body.contains("<option value=\"mail\" selected>"), "{}", form.body);
    let report = [
        ("summary", "收不到邮件 <script>"),
        ("details", "since 09:00"),
        ("service", "mail"),
        ("impact", "high"),
        ("urgency", "high"),
    ];
    let reported = dora.post("/portal/report", &report).await;
    assert_eq!(reported.status, 303, "{}", reported.body);
    let number = reported.location.strip_prefix("/records/").expect("it leads to the record").to_owned();
    let record = dora.get(&reported.location).await;
    assert!(record.body.contains("收不到邮件 &lt;script&gt;"), "what people type is never markup");
    assert!(record.body.contains(&format!("Reported as {number}")), "the flash says it");
    assert!(!dora.get(&reported.location).await.body.contains("Reported as"), "once");
    assert!(record.body.contains("P1 critical") && record.body.contains("4 h"), "{}", record.body);
    assert!(dora.get("/portal/requests").await.body.contains(&number));

    let mut anna = Browser::of(&desk, "anna").await;
    assert!(anna.get("/inbox").await.body.contains(&number));
    let triage = desk.task(&number, "triage");
    assert_eq!(anna.post(&format!("{triage}/claim"), &[]).await.status, 303);
    assert!(anna.get("/inbox?view=mine").await.body.contains(&number));
    let triaged = anna
        .post(
            &triage,
            &[
                ("outcome", "accept"),
                ("impact", "high"),
                ("urgency", "high"),
                ("items", "mail-01"),
                ("_listed", "items"),
            ],
        )
        .await;
    assert_eq!((triaged.status, triaged.location.as_str()), (303, "/inbox"), "{}", triaged.body);

    let mut bao = Browser::of(&desk, "bao").await;
    let resolve = desk.task(&number, "resolve");
    let asked = bao.post(&resolve, &[("outcome", "ask_caller"), ("ask_caller.question", "Which mailbox?")]).await;
    assert_eq!(asked.status, 303, "{}", asked.body);
    let waiting = dora.get(&format!("/records/{number}")).await;
    assert!(waiting.body.contains("Waiting for the caller") && waiting.body.contains("paused"), "{}", waiting.body);
    let replied = dora.post(&format!("/records/{number}/reply"), &[("message", "reply"), ("text", "sales@")]).await;
    assert_eq!(replied.status, 303, "{}", replied.body);
    let fixed =
        bao.post(&desk.task(&number, "resolve"), &[("outcome", "fixed"), ("fixed.resolution", "restarted")]).await;
    assert_eq!(fixed.status, 303, "{}", fixed.body);
    assert!(dora.get("/portal").await.body.contains(&desk.task(&number, "confirm")), "the portal asks for the answer");
    let confirmed = dora.post(&desk.task(&number, "confirm"), &[("outcome", "confirm")]).await;
    assert_eq!(confirmed.location, format!("/records/{number}"), "{}", confirmed.body);

    for (language, words) in
        [("en", ["finished “Triage”: Accept", "Closed"]), ("zh-CN", ["完成任务“分诊”：受理", "已关闭"])]
    {
        dora.speak(language);
        let record = dora.get(&format!("/records/{number}")).await.body;
        assert!(words.iter().all(|word| record.contains(word)), "{language}: {record}");
    }
    let late = dora.post(&format!("/records/{number}/comment"), &[("text", "多谢！")]).await;
    assert!(late.status == 422 && late.body.contains("多谢！"), "it is closed, and what was typed is shown");
}

#[actix_web::test]
async fn a_refused_form_comes_back_with_what_was_typed_and_the_reason_at_each_field() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let triage = desk.task(&number, "triage");
    let mut anna = Browser::of(&desk, "anna").await;
    let form = [
        ("outcome", "reject"),
        ("impact", "low"),
        ("urgency", "extreme"),
        ("affected", "many"),
        ("since", "2026-02-31"),
        ("reject._reason", ""),
    ];
    let refused = anna.post(&triage, &form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("value=\"many\""), "the number that is none is still there");
    assert!(refused.body.contains("name=\"impact\" value=\"low\" checked"), "{}", refused.body);
    assert!(refused.body.contains("value=\"reject\" checked"), "the outcome stays chosen");
    assert!(refused.body.contains("id=\"f-affected-problem\""), "{}", refused.body);
    // The number put right, the engine finds the other two.
    let form =
        [("outcome", "reject"), ("impact", "low"), ("urgency", "extreme"), ("since", "2026-02-31"), ("affected", "12")];
    let refused = anna.post(&triage, &form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("f-since-problem"), "{}", refused.body);
    assert!(refused.body.contains("please choose one of the values"), "{}", refused.body);
    let form = [("outcome", "reject"), ("affected", "12"), ("reject._reason", " ")];
    let refused = anna.post(&triage, &form).await;
    assert!(refused.status == 422 && refused.body.contains("please say why"), "{}", refused.body);
    let form = [("outcome", "duplicate"), ("duplicate.duplicate_of", &number)];
    let refused = anna.post(&triage, &form).await;
    assert!(refused.status == 422 && refused.body.contains("this is the record itself"), "{}", refused.body);
    assert_eq!(anna.post(&triage, &[("outcome", "dance")]).await.status, 422);
    assert_eq!(desk.task(&number, "triage"), triage, "nothing has changed");
}

#[actix_web::test]
async fn whoever_comes_late_reads_who_was_quicker_and_loses_nothing() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let mut anna = Browser::of(&desk, "anna").await;
    anna.post(&desk.task(&number, "triage"), &[("outcome", "accept")]).await;
    let resolve = desk.task(&number, "resolve");
    let (mut bao, mut chen) = (Browser::of(&desk, "bao").await, Browser::of(&desk, "chen").await);
    bao.post(&format!("{resolve}/claim"), &[]).await;
    let late = chen.post(&resolve, &[("outcome", "fixed"), ("fixed.resolution", "a long text of mine")]).await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("Bao Wang has taken this task"), "{}", late.body);
    bao.post(&resolve, &[("outcome", "fixed"), ("fixed.resolution", "restarted")]).await;
    let late = chen.post(&resolve, &[("outcome", "fixed"), ("fixed.resolution", "a long text of mine")]).await;
    assert_eq!(late.status, 409);
    for word in ["Bao Wang finished it: Fixed", "a long text of mine", "Fri 2026-09-18 17:30"] {
        assert!(late.body.contains(word), "{word} is missing: {}", late.body);
    }
    assert_eq!(chen.get(&resolve).await.status, 410);
    assert_eq!(chen.post(&format!("{resolve}/claim"), &[]).await.status, 409);
}

#[actix_web::test]
async fn a_priority_is_set_by_hand_only_with_a_reason() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("low", "low"));
    let mut anna = Browser::of(&desk, "anna").await;
    let edit = format!("/records/{number}/edit");
    let refused = anna.post(&edit, &[("edit.priority", "p1")]).await;
    assert!(refused.status == 422 && refused.body.contains("please say why"), "{}", refused.body);
    let unchanged = anna.post(&edit, &[("edit.priority", "p4")]).await;
    assert!(unchanged.status == 422 && unchanged.body.contains("Nothing was changed"), "{}", unchanged.body);
    let edited = anna.post(&edit, &[("edit.priority", "p1"), ("edit._reason", "the board meets")]).await;
    assert_eq!(edited.status, 303, "{}", edited.body);
    let record = anna.get(&edited.location).await.body;
    assert!(record.contains("set by hand: the board meets"), "{record}");
    let mut dora = Browser::of(&desk, "dora").await;
    let refused = dora.post(&edit, &[("edit.priority", "p4"), ("edit._reason", "why not")]).await;
    assert!(refused.status == 422 && refused.body.contains("You may not do this"), "{}", refused.body);
}

#[actix_web::test]
async fn people_get_roles_with_a_reason_and_the_trail_says_so() {
    let desk = staffed();
    let mut root = Browser::of(&desk, "root").await;
    let refused = root.post("/admin/people/emil/standing", &[("role", "service_desk")]).await;
    assert!(refused.status == 422 && refused.body.contains("value=\"service_desk\" checked"), "{}", refused.body);
    let form = [("role", "service_desk"), ("role", "staff"), ("team", "desk"), ("reason", "joins the desk")];
    assert_eq!(root.post("/admin/people/emil/standing", &form).await.status, 303);
    assert_eq!(Browser::of(&desk, "emil").await.get("/inbox").await.status, 200);
    let trail = root.get("/admin/audit").await.body;
    for word in
        ["joins the desk", "service desk, staff, Service desk", "signed in from", "deployed Incident management"]
    {
        assert!(trail.contains(word), "{word} is missing: {trail}");
    }
    // Nobody takes away their own administration.
    root.post("/admin/people/root/standing", &[("role", "staff"), ("reason", "a slip")]).await;
    assert_eq!(root.get("/admin/people").await.status, 200);
    let add = [("sign_in", "anna"), ("name_zh", "又一个"), ("email", "not an address")];
    let refused = root.post("/admin/people", &add).await;
    assert!(refused.status == 422 && refused.body.contains("this name is taken"), "{}", refused.body);
}

#[actix_web::test]
async fn an_administrator_switches_four_eyes_and_both_languages_say_who_did() {
    let desk = staffed();
    let (mut root, mut otto) = (Browser::of(&desk, "root").await, Browser::of(&desk, "otto").await);
    let before = root.get("/admin/definitions").await.body;
    assert!(before.contains("Nobody has switched it") && before.contains("CHG-1"), "{before}");
    let version = root.get("/admin/definitions/incident/1").await.body;
    assert!(version.contains("Change record") && version.contains("CHG-1"), "{version}");
    let address = "/admin/definitions/four-eyes";
    assert_eq!(otto.post(address, &[("four_eyes", "off")]).await.status, 404, "an auditor changes nothing");
    assert_eq!(root.post(address, &[("four_eyes", "perhaps")]).await.status, 422);
    let done = root.post(address, &[("four_eyes", "off")]).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/admin/definitions"));
    let seen = otto.get("/admin/definitions").await.body;
    assert!(seen.contains("Switched by Rui Wu") && !seen.contains("Switch on"), "{seen}");
    let trail = otto.get("/admin/audit").await.body;
    assert!(trail.contains("switched the four-eyes principle for deployments off"), "{trail}");
    assert!(trail.contains("change record: CHG-1"), "{trail}");
    otto.speak("zh-CN");
    let seen = otto.get("/admin/definitions").await.body;
    assert!(seen.contains("双人复核") && seen.contains("由吴锐设置"), "{seen}");
    assert!(otto.get("/admin/audit").await.body.contains("关闭了部署的双人复核"));
    assert!(otto.get("/admin/definitions/incident/1").await.body.contains("变更记录"));
}
