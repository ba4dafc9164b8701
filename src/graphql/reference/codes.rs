//! Every code that an answer may hold.

use std::fmt::Write;

use super::MADE;
use crate::domain::refusal::Refusal;

/// The codes of faults (`errors[].extensions.code`), with what each means. A test finds one that is not
/// among them.
#[rustfmt::skip]
pub const FAULTS: &[(&str, &str)] = &[
    ("BAD_CURSOR", "A cursor that nobody gave out."),
    ("BAD_REQUEST", "What is sent is no operation (400)."),
    ("BAD_UPGRADE", "What asks for a socket asks for none (status of the upgrade)."),
    ("BAD_USER_INPUT", "A variable is missing, or says what it cannot."),
    ("BATCHING_OFF", "Operations come one by one (400)."),
    ("COST_EXCEEDED", "One operation may not cost so much: `requested`, `budget`."),
    ("CURSOR_AHEAD", "A cursor beyond the head of the log."),
    ("CURSOR_OF_ANOTHER_LOG", "Positions of another log than this one."),
    ("DAY_AHEAD", "A day that is still to come, and is to stand for today."),
    ("DEADLINE", "It took longer than it is given."),
    ("DOCUMENT_HASH_MISMATCH", "The hash is not that of the document that came with it."),
    ("DOCUMENT_NOT_FOUND", "No trusted document has this hash."),
    ("EVENT_OUTSIDE", "An event that is not among those up to a head."),
    ("EVERY_OUT_OF_BOUNDS", "A rate outside of what is granted."),
    ("FILE_TOO_LARGE", "An import is larger than it may be (413)."),
    ("FORBIDDEN", "The caller's grants do not give access: `path` says to which field."),
    ("FORBIDDEN_HOST", "It came under a name that is none of this service (403)."),
    ("FORBIDDEN_ORIGIN", "It came from the page of another site (403)."),
    ("FORMAT_NOT_BUILT", "This program was built without that format of reports (501)."),
    ("GRAPHQL_PARSE_FAILED", "The document is no GraphQL."),
    ("GRAPHQL_VALIDATION_FAILED", "The document does not fit the schema."),
    ("HEADS_REVERSED", "Two heads of which the first is the later one."),
    ("INSTANT_AHEAD", "An instant that is still to come."),
    ("INTERNAL", "A fault of this service, whose log tells more."),
    ("KEY_NOT_DESTROYED", "An erasure is recorded, and its key could not be destroyed yet."),
    ("LOG_READ_ONLY", "The log takes no writes for now: the mutation may be sent again as it is."),
    ("METHOD_NOT_ALLOWED", "By GET one only reads (405)."),
    ("MOMENTS_REVERSED", "Two moments of which the first is the later one."),
    ("NOT_ACCEPTABLE", "No media type of this service is accepted (406)."),
    ("NOT_FOUND", "There is nothing at this address (404)."),
    ("PAGE_DIRECTION", "`first` and `last` together, or a cursor with the wrong one of them."),
    ("PAGE_SIZE", "A page outside of 1 to the most there may be."),
    ("PAYLOAD_TOO_LARGE", "A body is larger than it may be (413)."),
    ("PERSISTED_QUERY_NOT_FOUND", "No trusted document has this hash, asked for in Apollo's way."),
    ("PERSISTED_QUERY_NOT_SUPPORTED", "The same, where no document is trusted."),
    ("POSITION_AHEAD", "A position that is still to come."),
    ("RATE_LIMITED", "The caller has spent what a minute gives (429, `Retry-After`; `rateLimit`)."),
    ("STALE", "What is awaited cannot be read yet: ask again."),
    ("TOKEN_IN_ADDRESS", "A token came in an address: it is to be revoked (400)."),
    ("TOO_COMPLEX", "The document is too long, too deep, or too wide."),
    ("TOO_MANY_IDS", "More ids than are looked up at once."),
    ("TOO_MANY_KINDS", "More kinds of events than one filter names."),
    ("TOO_MANY_SOCKETS", "This caller follows over as many connections as it may (503, `Retry-After`)."),
    ("TOO_MUCH_CONTENT", "More of the contents of reports than one operation is given."),
    ("TRUSTED_ONLY", "This caller may ask for trusted documents only."),
    ("UNAUTHENTICATED", "What is shown proves nothing: unknown, revoked or expired (401)."),
    ("UNAVAILABLE", "It cannot be told for now who asks (503, `Retry-After`)."),
    ("UNKNOWN_DEPARTEMENT", "A code that no departement has."),
    ("UNKNOWN_ID", "An id that names nothing of the kind asked for."),
    ("UNKNOWN_INDICATOR", "A code that no indicator has."),
    ("UNKNOWN_KIND", "A code that no kind of event has."),
    ("UNSUPPORTED_MEDIA_TYPE", "The body is not `application/json` in UTF-8 (415)."),
];

/// The codes of what a mutation refuses (`userErrors[].code`) beside those of the domain's refusals.
#[rustfmt::skip]
pub const REFUSED: &[(&str, &str)] = &[
    ("COMMAND_ID_REUSED", "This `commandId` recorded something else."),
    ("CONTENDED", "Others record on the same subject: send it again as it is."),
    ("KEY_MISSING", "The key of this person is missing or damaged: nothing can be sealed with it."),
    ("NOTHING_LAUNCHED", "There is nothing to report on."),
    ("ONE_HOLDER", "An account or an organisation, and not both."),
    ("ONE_REACH", "An organisation or an experiment, and not both."),
    ("RESTED_ON", "Other entries rest on this one: retract these first, or correct it."),
    ("TOO_LARGE", "It is larger than what is recorded at once."),
    ("TOO_MANY_EXPERIMENTS", "One report does not compare so many experiments."),
    ("VERSION_CONFLICT", "The subject has changed since `expectedVersion`."),
];

pub(super) fn page() -> String {
    let mut page = format!(
        "# Codes\n\n{MADE}\n\nCodes stay; the sentences beside them, in French, may be put better.\n\n## Faults\n\n\
         In `errors`, as `extensions.code`. Status 200, or 400 where nothing was executed and the caller accepts \
         `application/graphql-response+json`, unless another is told.\n\n| Code | Meaning |\n|---|---|\n"
    );
    rows(&mut page, FAULTS);
    page.push_str(
        "\n## Refusals\n\nIn the `userErrors` of a mutation, as `code`: nothing was recorded.\n\n\
         | Code | Meaning |\n|---|---|\n",
    );
    let mut refusals = [Refusal::MEANINGS, REFUSED].concat();
    refusals.sort_unstable();
    rows(&mut page, &refusals);
    page
}

fn rows(page: &mut String, codes: &[(&str, &str)]) {
    for (code, meaning) in codes {
        let meaning = super::line(meaning);
        // Writing to a string cannot fail.
        let _written = writeln!(page, "| `{code}` | {meaning} |");
    }
}
