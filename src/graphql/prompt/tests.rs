use async_graphql::{EmptyMutation, EmptySubscription, Error, Object, Result, Schema};
use tokio::task::yield_now;

use super::{AtOnce, Prompt, Prompts};

/// What is asked: leaves that are there, that are waited for, that fail; and others of its kind below.
#[derive(Clone)]
struct Item(u32);

impl AtOnce for Item {
    const READ_NOTHING: &'static [&'static str] = &["twin"];
}

impl Item {
    fn when_odd(&self) -> Result<u32> {
        if self.0 % 2 == 1 {
            Ok(self.0)
        } else {
            Err(Error::new("even"))
        }
    }

    fn when_small(&self) -> Result<u32> {
        if self.0 < 2 {
            Ok(self.0)
        } else {
            Err(Error::new("large"))
        }
    }
}

#[Object]
impl Item {
    async fn number(&self) -> u32 {
        self.0
    }

    async fn late(&self, times: Option<u32>) -> String {
        for _ in 0..times.unwrap_or(1) {
            yield_now().await;
        }
        format!("late {}", self.0)
    }

    async fn odd(&self) -> Option<Result<u32>> {
        Some(self.when_odd())
    }

    async fn late_odd(&self) -> Option<Result<u32>> {
        yield_now().await;
        Some(self.when_odd())
    }

    fn small(&self) -> Result<u32> {
        self.when_small()
    }

    async fn twin(&self) -> Prompt<Self> {
        Prompt(self.clone())
    }

    async fn slow_twin(&self) -> Self {
        self.clone()
    }

    async fn several(&self) -> Prompts<Self> {
        Prompts(items())
    }

    async fn late_several(&self) -> Option<Result<Prompts<Self>>> {
        yield_now().await;
        Some(if self.0 == 1 {
            Ok(Prompts(items()))
        } else {
            Err(Error::new("not of this one"))
        })
    }
}

fn items() -> Vec<Item> {
    (0..3).map(Item).collect()
}

struct Query;

#[Object]
impl Query {
    async fn ours(&self) -> Option<Prompts<Item>> {
        Some(Prompts(items()))
    }

    async fn lib(&self) -> Option<Vec<Item>> {
        Some(items())
    }
}

/// Asks for a list of ours, and for the same list of the library.
async fn both(selection: &str, rest: &str) -> [String; 2] {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let ask = async |name: &str| {
        let asked = format!("{{ it: {name} {{ {selection} }} }} {rest}");
        let mut answer = schema.execute(asked).await;
        let told =
            |error: &async_graphql::ServerError| format!("{:?} {}", error.path, error.message);
        answer.errors.sort_by_key(told);
        let errors: Vec<String> = answer.errors.iter().map(told).collect();
        let data = serde_json::to_string(&answer.data).unwrap_or_default();
        format!("{data} {errors:?}")
    };
    [ask("ours").await, ask("lib").await]
}

/// Would catch: a leaf that is not there at once left out, or put last; an error lost, told twice or under
/// another path; a null where the library nulls more; fragments, names and merges taken otherwise.
#[tokio::test]
async fn the_answer_is_the_librarys() {
    let fragments = "fragment F on Item { late number ...G } fragment G on Item { odd }";
    for (selection, rest) in [
        ("number", ""),
        ("late number a: late(times: 3) odd b: number", ""),
        ("late odd lateOdd number", ""),
        ("number odd odd a: odd", ""),
        ("twin { number late } number", ""),
        ("twin { number odd } lateOdd", ""),
        ("slowTwin { late twin { lateOdd } } number", ""),
        ("several { number lateOdd twin { number } } late", ""),
        ("lateSeveral { late several { odd } } number", ""),
        ("twin { number } a: twin { late } twin { late number }", ""),
        ("__typename number late", ""),
        ("... { number } ... on Item { late } odd", ""),
        ("...F number", fragments),
        ("late ...F twin { ...G }", fragments),
        ("number @skip(if: true) late @include(if: true)", ""),
    ] {
        let [ours, library] = both(selection, rest).await;
        assert_eq!(ours, library, "{selection}");
        assert!(ours.contains("\"it\":[{"), "{ours}");
    }
}

/// Would catch: a field that must not be null and fails, and is null itself, or takes more along.
#[tokio::test]
async fn what_must_not_be_null_nulls_what_the_library_nulls() {
    for selection in [
        "small number",
        "number twin { small }",
        "late slowTwin { small }",
    ] {
        let [ours, library] = both(selection, "").await;
        assert_eq!(ours, library, "{selection}");
        assert!(
            ours.starts_with("{\"it\":null}") && ours.contains("large"),
            "{ours}"
        );
    }
}
