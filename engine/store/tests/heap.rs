//! What is written in bulk for measuring is what steps would have left.

mod common;

use common::home::Home;
use common::{NOW, World1};
use engine::ids::InstanceId;
use store::Store;
use store::heap::copy;

#[test]
fn copies_of_a_record_have_numbers_states_and_histories_of_their_own() {
    for home in [Home::file(), Home::server()] {
        let (store, world) = (home.open(), World1::new());
        let start = world.started(9_000_000, "INC-000041", "p2", NOW);
        let first = start.after();
        store.commit(start).expect("nobody else starts it");
        let model = store.commit(world.completed(&first, NOW.plus_ms(1))).expect("nobody else was there");
        let history: Vec<_> =
            store.chain(model.instance.id()).expect("it reads").into_iter().map(|(row, _)| row).collect();
        drop(store);
        copy(&home.place, &model.instance, &history, 12_000).expect("there is room");

        let store = Store::open(&home.place).expect("it opens");
        for number in ["INC-000042", "INC-010042", "INC-012041"] {
            let id = store.instance_of_number(number).expect("it reads").expect("the copy is there");
            let loaded = store.load(id).expect("it reads").expect("it has a state");
            assert_eq!((loaded.instance.id(), loaded.instance.number()), (id, number));
            assert_eq!(loaded.revision, 2);
            assert_eq!(loaded.instance.fields(), model.instance.fields());
            assert_eq!(store.history(id).expect("it reads").len(), 2);
            let line = store.case(id).expect("it reads").expect("it is in lists");
            assert_eq!((line.number.as_str(), line.title.is_empty()), (number, false));
            assert!(id < InstanceId(9_000_000));
        }
        assert_eq!(store.instance_of_number("INC-012042").expect("it reads"), None);
    }
}
