//! What the doctor sees: every table that somebody changes behind the product's back shows.

mod common;

use common::home::Home;
use common::{NOW, World1, name};
use engine::command::Command;
use engine::ids::InstanceId;
use store::{Astray, AuditEntry, AuditWhat, FileBytes, Finding};

over_every_store! {
    a_sound_installation_has_no_findings,
    a_changed_event_shows,
    a_missing_event_shows,
    a_changed_state_shows,
    a_list_that_lies_shows,
    bytes_that_are_missing_changed_or_nobodys_show,
    a_changed_or_missing_audit_entry_shows,
    a_row_that_belongs_to_nothing_or_is_ahead_shows,
    a_changed_definition_shows,
    two_records_with_one_number_show,
    what_keeps_beginnings_to_one_shows,
}

/// An installation with two records and an audit trail, then changed by hand; what the doctor finds.
fn after(home: &Home, tampering: &str) -> Vec<Finding> {
    let home = home.another();
    let world = World1::new();
    {
        let store = home.open();
        for id in 1..=2 {
            let start = world.started(id, &format!("INC-{id}"), "p2", NOW);
            let loaded = start.after();
            store.commit(start).expect("a start wins");
            store.commit(world.completed(&loaded, NOW.plus_ms(1))).expect("nobody else commits");
        }
        for kind in ["one", "two", "three"] {
            let what = AuditWhat::Noted { kind: kind.to_owned(), text: "something".to_owned() };
            store.audit(AuditEntry { at: NOW, actor: Some(name("ann")), what }).expect("it writes");
        }
    }
    home.tamper(tampering);
    common::findings(&home.open(), &world).1
}

fn a_sound_installation_has_no_findings(home: &Home) {
    assert_eq!(after(home, "SELECT 1"), []);
}

fn a_changed_event_shows(home: &Home) {
    let others = "SELECT e.body FROM event AS e WHERE e.instance = 1 AND e.revision = 1";
    let found = after(home, &format!("UPDATE event SET body = ({others}) WHERE instance = 1 AND revision = 2"));
    assert_eq!(found, [Finding::ChainBroken { instance: InstanceId(1), revision: 2 }]);
    let found = after(home, "UPDATE event SET actor = NULL WHERE instance = 2 AND revision = 1");
    assert_eq!(found, [Finding::ChainBroken { instance: InstanceId(2), revision: 1 }]);
}

fn a_missing_event_shows(home: &Home) {
    let found = after(home, "DELETE FROM event WHERE instance = 1 AND revision = 1");
    assert_eq!(found, [Finding::ChainBroken { instance: InstanceId(1), revision: 2 }]);
    let found = after(home, "DELETE FROM event WHERE instance = 1 AND revision = 2");
    assert!(found.contains(&Finding::HeadDiffers { instance: InstanceId(1) }), "{found:?}");
}

fn a_changed_state_shows(home: &Home) {
    let others = "SELECT i.document FROM instance AS i WHERE i.id = 1";
    let found = after(home, &format!("UPDATE instance SET document = ({others}) WHERE id = 2"));
    assert_eq!(found, [Finding::StateDiffers { instance: InstanceId(2) }]);
    let found = after(home, "UPDATE instance SET document = '{}' WHERE id = 2");
    assert!(matches!(found.as_slice(), [Finding::Unreadable { instance: InstanceId(2), .. }]), "{found:?}");
    let found = after(home, "UPDATE event SET body = 'no facts' WHERE instance = 2 AND revision = 1");
    assert!(matches!(found.as_slice(), [Finding::Unreadable { instance: InstanceId(2), .. }]), "{found:?}");
}

fn a_list_that_lies_shows(home: &Home) {
    let differs = |list| vec![Finding::ListDiffers { instance: InstanceId(1), list }];
    assert_eq!(after(home, "UPDATE open_task SET due_ms = 5 WHERE instance = 1"), differs("tasks"));
    assert_eq!(after(home, "DELETE FROM open_task WHERE instance = 1"), differs("tasks"));
    assert_eq!(after(home, "DELETE FROM wake WHERE instance = 1"), differs("wakes"));
    assert_eq!(after(home, "UPDATE case_row SET priority = 'p1' WHERE id = 1"), differs("records"));
    assert_eq!(after(home, "DELETE FROM case_row WHERE id = 1"), differs("records"));
    let stray = after(home, "UPDATE wake SET instance = 77 WHERE instance = 1");
    assert!(stray.contains(&Finding::NoSuchRecord { instance: InstanceId(77), list: "wakes" }), "{stray:?}");
}

fn bytes_that_are_missing_changed_or_nobodys_show(home: &Home) {
    let after = |tampering: &str| {
        let home = home.another();
        let world = World1::new();
        {
            let store = home.open();
            let start = world.started(1, "INC-1", "p2", NOW);
            let loaded = start.after();
            store.commit(start).expect("a start wins");
            let (file, bytes) = FileBytes::brought("log.txt", "text/plain", b"no route".to_vec());
            let attached = world.stepped(&loaded, "ann", Command::Attach { files: vec![file.clone()] }, NOW);
            assert!(attached.clone().with_files(&[]).is_err(), "no file without its bytes");
            store
                .commit(attached.with_files(std::slice::from_ref(&bytes)).expect("they are given"))
                .expect("nobody else commits");
            assert_eq!(store.file(InstanceId(1), &file).expect("it reads"), Some(bytes));
            assert_eq!(store.file(InstanceId(2), &file).expect("it reads"), None, "of another record");
        }
        home.tamper(tampering);
        common::findings(&home.open(), &world).1
    };
    let differs = || Finding::ListDiffers { instance: InstanceId(1), list: "files" };
    assert_eq!(after("SELECT 1"), []);
    assert_eq!(after("DELETE FROM attachment"), [differs()]);
    assert_eq!(after("UPDATE attachment SET sha256 = 'x'"), [differs()]);
    let changed = Finding::FileChanged { instance: InstanceId(1), file: "log.txt".to_owned() };
    assert_eq!(
        after(
            "UPDATE attachment SET bytes = shard_bytes.bytes FROM (SELECT head AS bytes FROM instance) AS shard_bytes"
        ),
        [changed]
    );
    let stray = Finding::NoSuchRecord { instance: InstanceId(7), list: "files" };
    let copied =
        "INSERT INTO attachment (instance, sha256, shard, bytes) SELECT 7, sha256, shard, bytes FROM attachment";
    assert_eq!(after(copied), [stray]);
}

fn a_changed_or_missing_audit_entry_shows(home: &Home) {
    let broken = |sequence| vec![Finding::AuditBroken { sequence }];
    assert_eq!(after(home, "UPDATE audit SET actor = 'bob' WHERE sequence = 2"), broken(2));
    assert_eq!(after(home, "UPDATE audit SET subject = 'x' WHERE sequence = 3"), broken(3));
    assert_eq!(after(home, "DELETE FROM audit WHERE sequence = 1"), broken(2));
}

fn a_row_that_belongs_to_nothing_or_is_ahead_shows(home: &Home) {
    let astray = |list, row: &str, because| vec![Finding::RowAstray { list, row: row.to_owned(), because }];
    let owed = |instance: i64, revision: i64, body: &str| {
        let shard = format!("COALESCE((SELECT shard FROM instance WHERE id = {instance}), 1)");
        after(
            home,
            &format!(
                "INSERT INTO outbox (at_ms, instance, revision, ordinal, shard, body) VALUES (5, {instance}, {revision}, 0, {shard}, '{body}')"
            ),
        )
    };
    assert_eq!(owed(77, 1, "{}"), astray("outbox", "77.1.0", Astray::OfNobody));
    assert_eq!(owed(1, 9, "{}"), astray("outbox", "1.9.0", Astray::Ahead));
    assert_eq!(owed(1, 1, "{}"), astray("outbox", "1.1.0", Astray::Unreadable));
    let password = "INSERT INTO password VALUES ('nobody', 'x', 1)";
    assert_eq!(after(home, password), astray("passwords", "nobody", Astray::OfNobody));
    let standing = "INSERT INTO standing VALUES ('nobody', 'role', 'x')";
    assert_eq!(after(home, standing), astray("roles", "nobody", Astray::OfNobody));
    let signed_in = "INSERT INTO person VALUES ('cy', 'cy', 'Cy', 'Cy', '', 'en', 'left');
        INSERT INTO session VALUES ('a', 'cy', 1, 2, '')";
    assert_eq!(after(home, signed_in), astray("sessions", "cy", Astray::OfOneWhoLeft));
    assert_eq!(
        after(home, "INSERT INTO batch_line VALUES (9, 1, 1, 1, NULL)"),
        astray("batches", "9", Astray::OfNobody)
    );
}

fn two_records_with_one_number_show(home: &Home) {
    let (store, world) = (home.open(), World1::new());
    for id in 1..=2 {
        store.commit(world.started(id, "INC-1", "p2", NOW)).expect("nothing but the doctor looks");
    }
    let twice = Finding::RowAstray { list: "numbers", row: "INC-1".to_owned(), because: Astray::Twice };
    assert_eq!(common::findings(&store, &world).1, [twice]);
}

fn a_changed_definition_shows(home: &Home) {
    let world = World1::new();
    {
        let store = home.open();
        store.deploy(&common::deployment(common::SOURCE), NOW).expect("the deployment has four eyes");
        store.commit(world.started(1, "INC-2026-000007", "p2", NOW)).expect("a start wins");
        store.reserve_numbers(&name("incident"), 2026, 64).expect("it writes");
    }
    let tampered = |statement: &str| {
        home.tamper(statement);
        common::findings(&home.open(), &world).1
    };
    let astray = |list, row: &str, because| Finding::RowAstray { list, row: row.to_owned(), because };
    assert_eq!(tampered("SELECT 1"), []);
    let ahead = astray("numbers", "INC-2026-000007", Astray::Ahead);
    assert_eq!(tampered("UPDATE number_block SET next = 7"), [ahead]);
    let changed = astray("definitions", "incident 1", Astray::Changed);
    assert_eq!(tampered("UPDATE number_block SET next = 8; UPDATE definition SET source = 'x'"), [changed]);
    let gap = astray("definitions", "incident 2", Astray::Gap);
    assert_eq!(tampered("UPDATE definition SET version = 2").first(), Some(&gap));
}

fn what_keeps_beginnings_to_one_shows(home: &Home) {
    let world = World1::new();
    {
        let store = home.open();
        store.deploy(&common::deployment(common::SOURCE), NOW).expect("the deployment has four eyes");
        store.commit(world.started(1, "INC-2026-000007", "p2", NOW)).expect("a start wins");
        store.reserve_numbers(&name("incident"), 2026, 64).expect("it writes");
        let (process, message) = (name("incident"), name("alert"));
        assert_eq!(store.correlate(&process, &message, "a", InstanceId(1)).expect("it writes"), InstanceId(1));
        store.correlate(&process, &message, "b", InstanceId(2)).expect("it writes");
    }
    let tampered = |statement: &str| {
        home.tamper(statement);
        common::findings(&home.open(), &world).1
    };
    let astray = |list, row: &str, because| vec![Finding::RowAstray { list, row: row.to_owned(), because }];
    assert_eq!(tampered("SELECT 1"), [], "one that was refused began nothing, and that is no finding");
    assert_eq!(tampered("INSERT INTO schedule_reached VALUES ('incident', 0, 5)").len(), 1);
    let nowhere = tampered("UPDATE schedule_reached SET process = 'parcel'");
    assert_eq!(nowhere, astray("schedules", "parcel.0", Astray::OfNobody));
    let other = tampered("DELETE FROM schedule_reached; UPDATE correlation SET process = 'parcel'");
    assert_eq!(other, astray("message keys", "parcel.alert.a", Astray::Changed));
    let twice = tampered("UPDATE correlation SET process = 'incident', instance = 1");
    assert_eq!(twice, astray("message keys", "1", Astray::Twice));
}
