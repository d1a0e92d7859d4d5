//! Tables in forms, as a browser without a script fills them in.

mod desk;

use desk::browser::Browser;
use desk::{Desk, staffed};
use engine::value::Value;

const SHOPPING: &str = r#"process shopping "Shopping" zh "采购" {
  owner      staff
  number     "SHP-{year}-{seq:6}"
  title      what
  seen by    anyone
  roles { staff "Staff" zh "员工" }
  record {
    what  text max 200 "What" zh "内容"
    lines rows {
      item  text max 80     "Item"  zh "条目"
      cost  money optional  "Cost"  zh "金额"
    } optional "Lines" zh "明细"
  }
  start by anyone asks what
  task fill "Fill in" zh "填写" for role staff { asks lines outcome done "Done" zh "完成" }
  task look "Look" zh "查看" for role staff {
    asks lines
    outcome again "Again" zh "再看" -> look
    outcome done  "Done"  zh "完成"
  }
  end closed "Closed" zh "已关闭"
}
"#;

/// The desk with the process, and the number of a record of it.
fn shop() -> (Desk, String) {
    let desk = staffed();
    desk.deploy(SHOPPING);
    let number = desk.begin("shopping", "dora", "what", "for the lab").number().to_owned();
    (desk, number)
}

fn rows(desk: &Desk, number: &str) -> Vec<String> {
    let id = desk.runtime.store().instance_of_number(number).expect("it reads").expect("it is there");
    let held = desk.runtime.load(id).expect("it reads").expect("it is there").instance;
    match held.fields().get("lines") {
        Some(Value::List(rows)) => rows.iter().map(Value::plain).collect(),
        Some(_) | None => Vec::new(),
    }
}

#[actix_web::test]
async fn lines_come_and_go_without_a_script_and_blank_ones_do_not_count() {
    let (desk, number) = shop();
    let mut anna = Browser::of(&desk, "anna").await;
    let fill = desk.task(&number, "fill");
    let page = anna.get(&fill).await.body;
    assert!(page.contains("name=\"lines.0.item\"") && page.contains("name=\"lines.4.cost\""), "{page}");

    let listed = ("_listed", "lines");
    let form = [
        ("outcome", "done"),
        listed,
        ("lines.0.item", "disk"),
        ("lines.0.cost", "1.50 CNY"),
        ("lines.1.item", " "),
        ("lines.2.item", "cable"),
    ];
    let done = anna.post(&fill, &form).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(rows(&desk, &number), ["{ cost: 1.50 CNY, item: disk }", "{ item: cable }"]);
    let record = anna.get(&format!("/records/{number}")).await.body;
    assert!(record.contains("Item: disk, Cost: 1.50 CNY"), "{record}");

    assert!(record.matches("Item: disk, Cost: 1.50 CNY").count() > 1, "the history shows it too: {record}");

    let look = desk.task(&number, "look");
    let page = anna.get(&look).await.body;
    assert!(page.contains("name=\"lines.1.item\" value=\"cable\""), "{page}");
    let wrong =
        [("outcome", "again"), listed, ("lines.0.item", "disk"), ("lines.3.item", "rack"), ("lines.3.cost", "much")];
    let refused = anna.post(&look, &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Line 2:") && refused.body.contains("value=\"much\""), "{}", refused.body);
    let nameless = anna.post(&look, &[("outcome", "again"), listed, ("lines.0.cost", "2.00 CNY")]).await;
    assert!(nameless.status == 422 && nameless.body.contains("Line 1:"), "{}", nameless.body);

    let emptied = [("outcome", "again"), listed, ("lines.0.item", ""), ("lines.1.item", "cable")];
    let done = anna.post(&look, &emptied).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(rows(&desk, &number), ["{ item: cable }"], "a line that was emptied is gone");
    let none = anna.post(&desk.task(&number, "look"), &[("outcome", "done"), listed]).await;
    assert_eq!(none.status, 303, "{}", none.body);
    assert!(rows(&desk, &number).is_empty());
}
