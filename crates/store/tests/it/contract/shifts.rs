use jiff::ToSpan;
use khien_domain::page::PageRequest;
use khien_domain::shift::OpenMatters;

use crate::support::{each, now};

#[tokio::test]
async fn a_note_is_read_back_and_taken_over_once_by_somebody_else() {
    each(async |store| {
        let open = OpenMatters { alerts: [1, 2, 3, 4, 5], incidents: 6, silent_sources: 7 };
        let mut tx = store.begin().await.unwrap();
        let id = tx.add_shift_note("an", "ca đêm\nyên tĩnh", &open, now()).await.unwrap();
        let next = tx.add_shift_note("binh", "ca sáng", &open, now() + 8.hours()).await.unwrap();
        assert!(!tx.acknowledge_shift_note(id, "an", now()).await.unwrap(), "the author");
        assert!(tx.acknowledge_shift_note(id, "binh", now()).await.unwrap());
        assert!(!tx.acknowledge_shift_note(id, "chi", now()).await.unwrap(), "only once");
        tx.commit().await.unwrap();
        let list = store.list_shift_notes(&PageRequest::first()).await.unwrap().items;
        assert_eq!(list.iter().map(|note| note.id).collect::<Vec<_>>(), [next, id]);
        assert_eq!(list[0].acknowledged, None);
        let found = store.find_shift_note(id).await.unwrap().unwrap();
        assert_eq!(found, list[1]);
        assert_eq!((found.open, found.text.as_str()), (open, "ca đêm\nyên tĩnh"));
        assert_eq!(found.acknowledged, Some(("binh".to_owned(), now())));
    })
    .await;
}
