//! The chain of a record: what ties it to others in both directions, what may not be seen, and the evidence pack.

mod desk;

use desk::browser::Browser;
use desk::linked::{begin, deploy, many, put};
use desk::{Desk, staffed};
use engine::command::Command;
use engine::event::Actor;
use engine::ids::Name;
use engine::value::Value;
use store::FileBytes;

/// An incident, its problem, the change that this raised, the release with it, and a complaint about the change.
struct Chain {
    desk: Desk,
    incident: String,
    problem: String,
    change: String,
    release: String,
    complaint: String,
}

fn chain() -> Chain {
    let desk = staffed();
    deploy(&desk);
    put(&desk, "configuration_item", "mail-01", "Mail server 1", &[("version", text("5.0"))], None);
    let incident = desk.report("dora", "Mail is slow", "mail", ("high", "high"));
    let named = [("incidents", many(&[&incident])), ("items", many(&["mail-01"]))];
    let problem = begin(&desk, "problem", "anna", "The disk is full again", &named);
    desk.runtime.perform_owed().expect("what is owed is done");
    let raised = desk.runtime.load(problem.id()).expect("readable").expect("there is one").instance;
    let change = raised.links().first().expect("it raised a change").other;
    let change = desk.runtime.load(change).expect("readable").expect("there is one").instance.number().to_owned();
    let held = [("changes", many(&[&change])), ("items", many(&["mail-01"]))];
    let release = begin(&desk, "release", "anna", "Mail 5", &held).number().to_owned();
    let about = [("about", Value::Ref(Name::from(change.as_str())))];
    let complaint = begin(&desk, "complaint", "emil", "Nobody asked me", &about).number().to_owned();
    Chain { incident, problem: problem.number().to_owned(), change, release, complaint, desk }
}

fn text(said: &str) -> Value {
    Value::Text(said.to_owned())
}

#[actix_web::test]
async fn a_chain_is_found_over_links_and_references_in_both_directions() {
    let chain = chain();
    let mut anna = Browser::of(&chain.desk, "anna").await;
    for start in [&chain.problem, &chain.change, &chain.release] {
        let page = anna.get(&format!("/records/{start}/trace")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        for number in [&chain.incident, &chain.problem, &chain.change, &chain.release] {
            let link = format!("<a href=\"/records/{number}\"><title>{number}, ");
            assert!(page.body.contains(&link), "{number} is a link of the picture from {start}: {}", page.body);
            assert!(page.body.contains(&format!("<article class=\"card\" id=\"{number}\"")), "{number} from {start}");
        }
        assert!(page.body.contains("Mail server 1"), "the item that they name is a leaf: {}", page.body);
        for label in ["Raises", "Raised by", "Changes in it", "Named in “Changes in it” of", "Incidents"] {
            assert!(page.body.contains(&format!("<span class=\"sub-inline\">{label}</span>")), "{label}");
        }
        assert!(page.body.contains("Asked for by Anna Li on Fri 2026-09-18 17:30"), "{}", page.body);
    }
    anna.speak("zh-CN");
    let page = anna.get(&format!("/records/{}/trace", chain.change)).await.body;
    for label in ["来源于", "引出", "包含的变更", "被引用（包含的变更）"] {
        assert!(page.contains(&format!("<span class=\"sub-inline\">{label}</span>")), "{label}: {page}");
    }
}

#[actix_web::test]
async fn what_one_may_not_see_is_a_place_without_a_name() {
    let chain = chain();
    let mut anna = Browser::of(&chain.desk, "anna").await;
    for address in ["trace", "trace/print", ""] {
        let page = anna.get(format!("/records/{}/{address}", chain.change).trim_end_matches('/')).await.body;
        assert!(page.contains("a record you may not see"), "{address}: {page}");
        assert!(!page.contains(&chain.complaint) && !page.contains("Nobody asked me"), "{address}: {page}");
    }
    let named = [("complaints", many(&[&chain.complaint]))];
    let named = begin(&chain.desk, "change", "emil", "Ask everybody", &named).number().to_owned();
    for address in ["trace", "trace/print"] {
        let page = anna.get(&format!("/records/{named}/{address}")).await.body;
        assert!(page.contains("a record you may not see") && !page.contains(&chain.complaint), "{address}: {page}");
    }
    let mut otto = Browser::of(&chain.desk, "otto").await;
    let page = otto.get(&format!("/records/{}/trace", chain.change)).await.body;
    assert!(page.contains(&chain.complaint) && page.contains("Nobody asked me"), "an auditor sees it: {page}");
    let mut emil = Browser::of(&chain.desk, "emil").await;
    let page = emil.get(&format!("/records/{}/trace", chain.complaint)).await.body;
    assert!(
        page.contains(&chain.complaint) && !page.contains(&chain.problem),
        "nothing is followed from there: {page}"
    );
    assert_eq!(emil.get(&format!("/records/{}/trace", chain.change)).await.status, 404);
    assert_eq!(emil.get(&format!("/records/{}/trace/print", chain.change)).await.status, 404);
}

#[actix_web::test]
async fn a_field_in_confidence_leads_nowhere_for_who_may_not_see_it() {
    let desk = staffed();
    deploy(&desk);
    let change = begin(&desk, "change", "anna", "New firewall rules", &[]).number().to_owned();
    let suspect = [("suspect", Value::Ref(Name::from(change.as_str())))];
    let problem = begin(&desk, "problem", "anna", "Some cannot sign in", &suspect).number().to_owned();
    let address = format!("/records/{problem}/trace");
    let page = Browser::of(&desk, "mei").await.get(&address).await.body;
    assert!(page.contains("Suspect") && page.contains("New firewall rules"), "{page}");
    let page = Browser::of(&desk, "anna").await.get(&address).await.body;
    assert!(!page.contains("Suspect") && !page.contains("New firewall rules"), "{page}");
}

#[actix_web::test]
async fn what_a_record_began_without_a_link_is_tied_to_it_by_its_origin() {
    let chain = chain();
    let mut anna = Browser::of(&chain.desk, "anna").await;
    let page = anna.get(&format!("/records/{}", chain.problem)).await.body;
    assert!(
        page.contains("<span class=\"sub-inline\">Started</span> <a class=\"mono\" href=\"/records/ERR-"),
        "{page}"
    );
    assert_eq!(page.matches(">Started</span>").count(), 1, "what a link says already is not said again: {page}");
    let errand = page.split("/records/ERR-").nth(1).and_then(|rest| rest.split('"').next()).expect("its number");
    let page = anna.get(&format!("/records/ERR-{errand}")).await.body;
    let tie =
        format!("<span class=\"sub-inline\">Started by</span> <a class=\"mono\" href=\"/records/{}\"", chain.problem);
    assert!(page.contains(&tie), "{page}");
}

#[actix_web::test]
async fn a_chain_that_is_too_long_says_where_it_stops() {
    let desk = staffed();
    deploy(&desk);
    let incidents: Vec<String> = (0..200).map(|_| desk.report("dora", "Again", "mail", ("low", "low"))).collect();
    let named = many(&incidents.iter().map(String::as_str).collect::<Vec<_>>());
    let problem = begin(&desk, "problem", "anna", "It happens again and again", &[("incidents", named)]);
    let mut anna = Browser::of(&desk, "anna").await;
    let page = anna.get(&format!("/records/{}/trace", problem.number())).await.body;
    assert_eq!(page.matches("<article class=\"card\" id=").count(), 200);
    assert!(page.contains("The chain goes on: the 200 nearest records are shown"), "it says so");
    let page = anna.get(&format!("/records/{}/trace", incidents.first().expect("there are some"))).await.body;
    assert!(!page.contains("The chain goes on"), "nothing is found from there");
}

#[actix_web::test]
async fn the_page_of_a_record_says_what_it_is_tied_to_and_leads_to_its_chain() {
    let chain = chain();
    let mut anna = Browser::of(&chain.desk, "anna").await;
    let page = anna.get(&format!("/records/{}", chain.change)).await.body;
    let ties = page.split("id=\"ties\"").nth(1).and_then(|rest| rest.split("</section>").next()).expect("its ties");
    for said in ["Raised by", &chain.problem, "Named in “Changes in it” of", &chain.release, "Mail server 1"] {
        assert!(ties.contains(said), "{said}: {ties}");
    }
    assert!(ties.contains(&format!("href=\"/records/{}/trace\"", chain.change)), "{ties}");
    let alone = begin(&chain.desk, "change", "anna", "Paint the rack", &[]);
    let page = anna.get(&format!("/records/{}", alone.number())).await.body;
    assert!(page.contains("Nothing is linked with this record"), "{page}");
}

#[actix_web::test]
async fn the_evidence_pack_says_votes_files_baselines_entries_and_where_each_history_ends() {
    let chain = chain();
    let desk = &chain.desk;
    put(
        desk,
        "known_error",
        "ke-disk",
        "Disk full",
        &[("problem", Value::Ref(Name::from(chain.problem.as_str())))],
        None,
    );
    let mut bao = Browser::of(desk, "bao").await;
    let consent = desk.task(&chain.change, "consent");
    let voted = bao.post(&consent, &[("outcome", "rejected"), ("reason", "no way back is planned")]).await;
    assert_eq!(voted.status, 303, "{}", voted.body);
    let (file, bytes) = FileBytes::brought("plan.txt", "text/plain", b"one site after the other".to_vec());
    let sha256 = file.sha256.clone();
    let release = desk.runtime.store().instance_of_number(&chain.release).expect("readable").expect("there is one");
    let attach = Command::Attach { files: vec![file] };
    desk.runtime.execute_with(release, Actor::Person(Name::from("anna")), attach, &[bytes]).expect("it is taken");
    put(desk, "configuration_item", "mail-01", "Mail server 1", &[("version", text("5.1"))], Some(&chain.change));
    let mut anna = Browser::of(desk, "anna").await;
    let note = "one site after the other, ".repeat(20) + "the last at five";
    let rolled = anna.post(&desk.task(&chain.release, "roll_out"), &[("outcome", "done"), ("done.note", &note)]).await;
    assert_eq!(rolled.status, 303, "{}", rolled.body);

    let pack = anna.get(&format!("/records/{}/trace/print", chain.incident)).await;
    assert_eq!(pack.status, 200, "{}", pack.body);
    assert!(
        !pack.body.contains(&chain.change),
        "what names an incident without being found by it is not found from there"
    );
    let pack = anna.get(&format!("/records/{}/trace/print", chain.problem)).await.body;
    for number in [&chain.incident, &chain.problem, &chain.change, &chain.release] {
        assert!(pack.contains(&format!("<article class=\"pack-record\" id=\"{number}\"")), "{number}: {pack}");
        let id = desk.runtime.store().instance_of_number(number).expect("readable").expect("there is one");
        let history = desk.runtime.store().history(id).expect("readable");
        let head: String = history.last().expect("it began").hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(pack.matches(&head).count(), 2, "the end of {number} stands in the contents and below it: {pack}");
    }
    assert!(pack.contains("Known error: Disk full"), "an entry that names the problem: {pack}");
    let of = |number: &str| {
        let found =
            pack.split("<article class=\"pack-record\"").find(|part| part.contains(&format!("id=\"{number}\"")));
        found.expect("it is in the pack").to_owned()
    };
    let change = of(&chain.change);
    assert!(change.contains("<h4>CAB: still open</h4>"), "{change}");
    assert!(change.contains("<td>Bao Wang</td><td>Rejected</td>"), "{change}");
    assert!(change.contains("<td class=\"lines\">no way back is planned</td>"), "{change}");
    assert!(change.contains("<td>Anna Li</td><td>asked, has not voted</td>"), "who said nothing is named: {change}");
    assert!(change.contains("<td class=\"lines\">5.0</td><td class=\"lines\">5.1</td>"), "from what to what: {change}");
    let release = of(&chain.release);
    assert!(release.contains("<td>Roll out</td><td>staff</td>"), "whom the task was for: {release}");
    assert_eq!(release.matches(&note).count(), 3, "in the fields, beside the task and in the timeline: {release}");
    assert!(
        release.contains("<td>Look</td><td>staff</td>") && release.contains("<strong>still open</strong>"),
        "{release}"
    );
    assert!(release.contains(&sha256) && release.contains("plan.txt"), "{release}");
    assert_eq!(release.matches("<td class=\"lines\">Version: 5.").count(), 2, "both baselines as tables: {release}");
    assert!(release.contains("What differs: Baseline before and Baseline after"), "{release}");
    let row = "<td>Version</td><td class=\"lines\">5.0</td><td class=\"lines\">5.1</td>";
    assert!(release.contains(row), "what differs: {release}");
    let people = pack.split("People in this pack").nth(1).expect("who they are");
    assert!(people.contains("<td>Bao Wang</td>"), "{people}");
    assert!(pack.contains("Asked for by Anna Li") && pack.contains(env!("CARGO_PKG_VERSION")), "{pack}");
}

#[actix_web::test]
async fn the_audit_trail_says_what_was_changed_of_an_entry_and_is_filtered() {
    let chain = chain();
    put(
        &chain.desk,
        "configuration_item",
        "mail-01",
        "Mail server 1",
        &[("version", text("5.1"))],
        Some(&chain.change),
    );
    let mut otto = Browser::of(&chain.desk, "otto").await;
    let trail = otto.get("/admin/audit?area=registers").await.body;
    for said in [
        format!("under <a class=\"mono\" href=\"/records/{0}\">{0}</a>", chain.change),
        "<dt>Version</dt><dd><s>5.0</s> → 5.1</dd>".to_owned(),
        "href=\"/registers/configuration_item/mail-01\">its history</a>".to_owned(),
    ] {
        assert!(trail.contains(&said), "{said}: {trail}");
    }
    assert!(!trail.contains("signed in from"), "only what is about registers: {trail}");
    let trail = otto.get("/admin/audit?area=sign-in&who=otto").await.body;
    assert!(trail.contains("signed in from") && !trail.contains("Mail server 1"), "{trail}");
    assert!(trail.contains("value=\"otto\""), "what one looked for stands there: {trail}");
    let trail = otto.get("/admin/audit?who=nobody-of-that-name").await.body;
    assert!(trail.contains("No entry matches"), "{trail}");
    let trail = otto.get("/admin/audit?until=2020-01-01").await.body;
    assert!(trail.contains("No entry matches"), "{trail}");
}

#[actix_web::test]
async fn records_are_linked_and_unlinked_by_hand_and_both_say_so() {
    let chain = chain();
    let desk = &chain.desk;
    let other = begin(desk, "change", "anna", "Another one", &[]).number().to_owned();
    let owed = || desk.runtime.perform_owed().expect("what is owed is done");
    let (this, mut anna) = (&chain.change, Browser::of(desk, "anna").await);
    let (page, link) = (format!("/records/{this}"), format!("/records/{this}/link"));
    let form = anna.get(&page).await.body;
    for way in ["value=\"caused_by&gt;\"", "value=\"caused_by&lt;\"", "value=\"related_to&gt;\""] {
        assert!(form.contains(way), "{way}: {form}");
    }
    assert!(!form.contains("related_to&lt;"), "what is called the same from both ends is offered once: {form}");

    for (way, number, said) in [
        ("", other.as_str(), "Please choose how"),
        ("caused_by>", "CHG-2026-999999", "There is no record “CHG-2026-999999” that you may see"),
        ("caused_by>", chain.complaint.as_str(), "that you may see"),
        ("caused_by>", this.as_str(), "itself"),
        ("raises>", other.as_str(), "The record has no such link"),
    ] {
        let refused = anna.post(&link, &[("way", way), ("number", number)]).await;
        assert!(refused.status == 422 && refused.body.contains(said), "{way} {number}: {}", refused.body);
        assert!(refused.body.contains(&format!("value=\"{number}\"")), "what was typed stays: {}", refused.body);
    }
    let linked = anna.post(&link, &[("way", "caused_by>"), ("number", &other.to_lowercase())]).await;
    assert_eq!((linked.status, linked.location.as_str()), (303, page.as_str()), "{}", linked.body);
    owed();
    let tie = |label: &str, number: &str| {
        format!("<span class=\"sub-inline\">{label}</span> <a class=\"mono\" href=\"/records/{number}\"")
    };
    let here = anna.get(&page).await.body;
    assert!(here.contains(&tie("Caused by", &other)), "{here}");
    let there = anna.get(&format!("/records/{other}")).await.body;
    assert!(there.contains(&tie("Cause of", this)), "{there}");
    assert!(there.contains(&format!("Linked: Cause of: {this}")), "its timeline says so: {there}");
    let twice = anna.post(&link, &[("way", "caused_by>"), ("number", &other)]).await;
    assert!(twice.status == 422 && twice.body.contains("linked so already"), "{}", twice.body);

    let unlink = format!("/records/{other}/unlink");
    let held = format!("caused_by< {this}");
    let refused = anna.post(&unlink, &[("link", &held), ("reason", " ")]).await;
    assert!(refused.status == 422 && refused.body.contains("reason"), "{}", refused.body);
    let taken = anna.post(&unlink, &[("link", &held), ("reason", "another change was meant")]).await;
    assert_eq!(taken.status, 303, "{}", taken.body);
    owed();
    let here = anna.get(&page).await.body;
    assert!(!here.contains(&tie("Caused by", &other)), "{here}");
    assert!(here.contains("another change was meant"), "why stands in both histories: {here}");
    let mut emil = Browser::of(desk, "emil").await;
    assert_eq!(emil.post(&link, &[("way", "caused_by>"), ("number", &other)]).await.status, 404, "who may not see it");
}

#[actix_web::test]
async fn a_record_that_is_over_is_linked_from_one_that_is_not() {
    let chain = chain();
    let desk = &chain.desk;
    let mut anna = Browser::of(desk, "anna").await;
    let over = begin(desk, "change", "bao", "Over soon", &[]).number().to_owned();
    let voted = anna.post(&desk.task(&over, "consent"), &[("outcome", "approved")]).await;
    assert_eq!(voted.status, 303, "{}", voted.body);
    assert_eq!(anna.post(&desk.task(&over, "do"), &[("outcome", "done")]).await.status, 303);
    let page = anna.get(&format!("/records/{over}")).await.body;
    assert!(!page.contains("Link with another record"), "what is over is only read: {page}");
    let form = [("way", "related_to>"), ("number", chain.change.as_str())];
    let refused = anna.post(&format!("/records/{over}/link"), &form).await;
    assert!(refused.status == 422 && refused.body.contains("closed"), "{}", refused.body);
    let form = [("way", "related_to>"), ("number", over.as_str())];
    assert_eq!(anna.post(&format!("/records/{}/link", chain.change), &form).await.status, 303);
    desk.runtime.perform_owed().expect("what is owed is done");
    let page = anna.get(&format!("/records/{over}")).await.body;
    let tie =
        format!("<span class=\"sub-inline\">Related to</span> <a class=\"mono\" href=\"/records/{}\"", chain.change);
    assert!(page.contains(&tie), "{page}");
}
