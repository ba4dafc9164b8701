//! Every limit of the steps after the domain, in one place, under a name. The domain's own, which
//! are part of what its terms mean, stand beside the terms they bound.

use std::time::Duration;

use chrono::TimeDelta;

/// The most bytes of a request's body.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// The deepest nesting of braces, brackets and parentheses in a document.
pub const DOCUMENT_NESTING_MAX: usize = 64;
/// The most tokens of a document.
pub const DOCUMENT_TOKENS_MAX: usize = 10_000;
/// The most selections of a document, fragments expanded: of all its operations and fragments
/// together, since every one of them is validated.
pub const DOCUMENT_SELECTIONS_MAX: usize = 10_000;
/// The deepest nesting of selections, fragments expanded and counted.
pub const SELECTION_NESTING_MAX: usize = 32;
/// The deepest selection of fields, fragments expanded; introspection by `GraphiQL` takes 15.
pub const SELECTION_DEPTH_MAX: usize = 20;
/// The stack of each thread that executes operations: a document as deep as the above, `asOf` in `asOf`, took
/// some 500 KiB a level without optimisation.
pub const STACK_BYTES: usize = 32 * 1024 * 1024;
/// The most fields selected, fragments expanded.
pub const SELECTION_FIELDS_MAX: usize = 2_000;
/// The most fields that a document gives another name, fragments expanded: so often can it ask the same
/// of one object.
pub const SELECTION_ALIASES_MAX: usize = 500;
/// The most that one operation may cost (`graphql::cost`): a second of work, about, so that one unit is some
/// microsecond. A field costs one, and what it says below beside that; what stands in a list costs
/// so often as the list is long.
pub const COST_BUDGET: u64 = 1_000_000;
/// What somebody known may spend in a minute, unless the settings say otherwise: a third of one core.
pub const COST_PER_MINUTE: u32 = 20_000_000;
/// What a stranger may, by the address it comes from.
pub const STRANGER_COST_PER_MINUTE: u32 = 5_000_000;
/// What a request costs, whatever comes of it; one that is answered with an answer that was kept costs
/// nothing else.
pub const REQUEST_COST: u64 = 1;
/// Of how many callers it is known what they spent; whoever spent nothing for a minute has all of it again.
pub const SPENDERS_KEPT: u64 = 50_000;
/// What a field costs that is put together from many records: a proof, the content of a report.
pub const PROOF_COST: u64 = 20_000;
/// How many bytes of the contents of reports one operation is given: as many as one of them may have.
pub const CONTENT_BYTES_AT_ONCE: u64 = 32 * 1024 * 1024;
/// What a session costs, which is folded from its events.
pub const SESSION_COST: u64 = 20;
/// What the counted activity of the whole programme costs, or its figures: every row of it is read.
pub const PROGRAMME_COST: u64 = 100_000;
/// What the same costs of one experiment or permanence; and a page of its sessions, or of what changed.
pub const ACTIVITY_COST: u64 = 400;
/// What a mutation costs, which waits for the disk and for the read models.
pub const MUTATION_COST: u64 = 50;
/// How long a list counts as that has no pages, unless the model says otherwise.
pub const LIST_ITEMS_ASSUMED: u64 = 5;
/// The most bytes of the name of an operation that is logged.
pub const OPERATION_NAME_BYTES_MAX: usize = 64;
/// The bytes of parsed documents kept in memory.
pub const DOCUMENTS_PARSED_BYTES: u64 = 16 * 1024 * 1024;
/// As how many bytes one of the text of a document counts once it is parsed.
pub const PARSED_BYTES: usize = 32;
/// The most bytes of a file of trusted documents.
pub const TRUSTED_FILE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most trusted documents.
pub const TRUSTED_DOCUMENTS_MAX: usize = 10_000;
/// Bodies of answers that are smaller are not compressed.
pub const COMPRESSED_BYTES_MIN: u64 = 1_024;
/// How long an answer of a position may be kept by who asked for it, in seconds: a day.
pub const POSITION_KEPT_SECONDS: u32 = 86_400;
/// The longest period that figures are of, in days: ten years.
pub const INDICATOR_DAYS_MAX: i64 = 3_660;
/// How many files of reports are made at once.
pub const REPORTS_AT_ONCE: usize = 2;
/// The most experiments of one report.
pub const REPORT_EXPERIMENTS_MAX: usize = 60;
/// The indicators that a report tells week by week.
pub const WEEKLY_INDICATORS: [&str; 3] = ["held-rate", "attendance", "unmet-demand"];
/// Positions of entries behind figures read at once.
pub const EVIDENCE_READ_POSITIONS: u32 = 50_000;
/// The most directives on one field.
pub const FIELD_DIRECTIVES_MAX: usize = 8;
/// The most items of one page.
pub const PAGE_ITEMS_MAX: i32 = 100;
/// The items of a page when nobody says how many.
pub const PAGE_ITEMS_DEFAULT: i32 = 20;
/// The most ids looked up by one `nodes`.
pub const NODES_MAX: usize = 100;
/// How long a mutation waits for the read models to hold what it wrote.
pub const READ_OWN_WRITE: Duration = Duration::from_secs(10);
/// How long one operation may take.
pub const OPERATION: Duration = Duration::from_secs(30);
/// The most kinds of events that one filter names.
pub const EVENT_KINDS_MAX: usize = 100;
/// How often figures that are followed are computed anew at most, in seconds: what a subscriber may
/// ask for, and what it is given unless it asks.
pub const EVERY_SECONDS: std::ops::RangeInclusive<i32> = 1..=3600;
/// See [`EVERY_SECONDS`].
pub const EVERY_SECONDS_DEFAULT: i32 = 5;
/// How long at most until it is looked again whether the day has changed: a clock may be put right
/// meanwhile.
pub const DAY_LOOK: Duration = Duration::from_mins(1);
/// Events read at once for a subscriber.
pub const SUBSCRIPTION_PAGE: u32 = 256;
/// How long a `WebSocket` may wait before `connection_init`.
pub const CONNECTION_INIT: Duration = Duration::from_secs(5);
/// The most subscriptions of one `WebSocket`.
pub const SUBSCRIPTIONS_MAX: usize = 100;
/// The most bytes of a `WebSocket` message from a client.
pub const MESSAGE_BYTES_MAX: usize = BODY_BYTES_MAX;
/// So much of a larger one is still taken in, so that its sender reads why.
pub const REFUSED_MESSAGE_BYTES_MAX: usize = 4 * MESSAGE_BYTES_MAX;
/// How long a `WebSocket` that is closed may take to say so too; no longer does one whose client takes
/// nothing hold the stop up.
pub const CLOSING: Duration = Duration::from_secs(1);
/// How many seconds lie between two heartbeats of what is followed, unless the settings say otherwise. A
/// client that answers none in that time, or takes nothing, is closed.
pub const HEARTBEAT_SECONDS: u32 = 20;
/// The fewest and the most that the settings may say.
pub const HEARTBEAT_SECONDS_RANGE: std::ops::RangeInclusive<u32> = 1..=300;
/// The most connections that follow, in all, unless the settings say otherwise.
pub const SOCKETS_MAX: u32 = 20_000;
/// The most of one caller, unless the settings say otherwise.
pub const CALLER_SOCKETS_MAX: u32 = 2_000;
/// The most of strangers who come from one address.
pub const STRANGER_SOCKETS_MAX: usize = 100;
/// The most items that are kept for those who follow the same.
pub const CHANNEL_ITEMS_MAX: usize = 1_024;
/// The most bytes of them.
pub const CHANNEL_BYTES_MAX: usize = 1024 * 1024;
/// The most bytes of items that are kept for all, beside the newest of each channel.
pub const CHANNELS_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Items waiting for one who is slow before its own execution waits itself.
pub const FOLLOWED_WAITING_MAX: usize = 4;
/// How long the server waits for what is in flight when it is told to stop.
pub const SHUTDOWN: Duration = Duration::from_secs(10);
/// Connections that read the read models.
pub const READERS: u32 = 4;
/// Documents of read models kept in memory, parsed.
pub const DOCUMENTS_KEPT: u64 = 4_000;
/// Keys of persons kept in memory; beyond so many, all are let go of.
pub const KEYS_KEPT: usize = 10_000;
/// Permanences of experiments kept in memory, parsed, an experiment counting as one more.
pub const PERMANENCES_KEPT: u64 = 20_000;
/// Pages of lists kept in memory.
pub const PAGES_KEPT: u64 = 256;
/// The bytes of answers kept in memory.
pub const ANSWERS_KEPT_BYTES: u64 = 32 * 1024 * 1024;

/// The most events of one command.
pub const COMMAND_EVENTS_MAX: usize = 256;
/// Once a durable batch holds so many events, it takes no further command; larger ones gain
/// nothing and stall readers.
pub const LOG_BATCH_EVENTS: usize = 512;
/// Records of one batch lie together in the store, so many bytes to a value: larger ones make
/// reading one record slower, smaller ones cost an entry each.
pub const LOG_CHUNK_BYTES: usize = 32 * 1024;
/// So much of the store is read at its opening before sled is made to let go of it; little where
/// crash suites look.
pub const SCAN_WINDOW_BYTES: usize = if cfg!(feature = "faults") {
    64 * 1024
} else {
    64 * 1024 * 1024
};
/// A segment file of that size is followed by a new one; small ones where crash suites look.
pub const SEGMENT_BYTES: u64 = if cfg!(feature = "faults") {
    32 * 1024
} else {
    64 * 1024 * 1024
};
/// The log takes no writes while a disk that it is on has less room than this: what is running
/// keeps enough to go on, and to be opened again. In MiB; a setting.
pub const FREE_MIB: u64 = 64;
/// What must be free on a disk before a copy of the log is opened again or mended there.
pub const LOG_REOPENING_BYTES: u64 = 16 * 1024 * 1024;
/// How often a log that takes no writes looks whether it can again.
pub const LOG_LOOK: Duration = Duration::from_secs(1);
/// How long opening the store may take before it counts as damaged: this, and as long again for
/// every 64 MiB that it holds.
pub const STORE_OPENING: Duration = Duration::from_secs(20);
/// How long the store may take to flush a batch before it counts as failed: a disk that slow is none
/// to go on with.
pub const STORE_FLUSH: Duration =
    Duration::from_secs(if cfg!(feature = "faults") { 3 } else { 10 });
/// How many commands may wait for the writer before senders wait themselves.
pub const LOG_QUEUE_COMMANDS_MAX: usize = 1024;
/// How much of the log sled keeps in memory.
pub const LOG_CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// How often a command is decided again after losing a race for a stream that it reads.
pub const COMMAND_RETRIES_MAX: usize = 8;
/// Events read at once in looking for erasures that the read models do not hold yet.
pub const ERASURES_READ_EVENTS: usize = 1_000;
/// Commands take turns by the subject they write to, in so many queues.
pub const COMMAND_QUEUES: usize = 1024;
/// The most events of one batch of the projections.
pub const PROJECTION_BATCH_EVENTS_MAX: usize = 1000;
/// How often a failing batch is tried again at once, before its projection pauses.
pub const PROJECTION_RETRIES_MAX: usize = 2;
/// How long a paused projection waits before it is tried again.
pub const PROJECTION_PAUSE: Duration = Duration::from_secs(10);
/// Documents of one projection kept in memory; beyond so many, all are let go of.
pub const PROJECTION_DOCUMENTS_KEPT: usize = 20_000;
/// The most events of one batch where read models are built anew.
pub const REBUILD_BATCH_EVENTS: usize = 4096;
/// How much of a database that is built anew is kept in memory, in KiB.
pub const BUILDING_CACHE_KIB: u32 = 64 * 1024;
/// The most rows closed or looked up by one statement; well under `SQLite`'s bound on variables.
pub const INSERT_ROWS_MAX: usize = 250;
/// The most keys that one statement looks up for questions that were asked together: under `SQLite`'s
/// bound on variables, two for each key.
pub const GATHERED_MAX: usize = 10_000;
/// Sights of callers who see a part of the data, kept in memory; whose is let go of is made anew.
pub const SIGHTS_KEPT: u64 = 10_000;
/// What sights came to at some positions, kept in memory.
pub const SIGHTS_RESOLVED_KEPT: u64 = 10_000;
/// How many rows one insert has: as many of the first as there are, then of the next.
pub const INSERT_ROWS: [usize; 3] = [128, 16, 1];
/// With less room than this, read models that cannot be opened are built anew elsewhere.
pub const DATABASE_ROOM: u64 = 4 * 1024 * 1024;
/// How long a connection to the read models waits for another's lock.
pub const DATABASE_BUSY: Duration = Duration::from_secs(5);
/// How much of a body that is refused for its size is still taken in, so that its sender reads why.
pub const REFUSED_BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long that may take.
pub const REFUSED_BODY: Duration = Duration::from_secs(2);
/// Once caught up, the program is ready while its read models lag by no more events than this.
pub const READY_LAG_EVENTS: u64 = 1_000;

/// The most cells of all tables of a report that is printed: longer ones make a book that nobody
/// reads, and take long to set.
pub const REPORT_PRINTED_CELLS_MAX: usize = 40_000;
/// The most bytes of what a report that is printed says, as it is handed to Typst: some 1 000 pages.
pub const REPORT_PRINTED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How many connections may be shaking hands at once; more of them wait.
pub const TLS_HANDSHAKES_MAX: usize = 256;
/// How long that may take.
pub const TLS_HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a browser is told to come by TLS only, in seconds: a year.
pub const TLS_ONLY_SECONDS: u32 = 31_536_000;
/// The most bytes of a token that is shown.
pub const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// The most bytes of the name that an identity provider has for an account.
pub const OIDC_SUBJECT_BYTES_MAX: usize = 255;
/// By how much the clock of an identity provider may differ from ours at most, in seconds.
pub const OIDC_SKEW_SECONDS_MAX: u32 = 300;
/// The keys of an identity provider are fetched again once they are older than this.
pub const OIDC_KEYS_FRESH: TimeDelta = TimeDelta::hours(1);
/// While it does not answer, its keys count no longer than this.
pub const OIDC_KEYS_KEPT: TimeDelta = TimeDelta::hours(24);
/// The most keys that an identity provider may publish.
pub const OIDC_KEYS_MAX: usize = 64;
/// How long it is left alone after it was asked for its keys, whatever tokens come.
pub const OIDC_RETRY: TimeDelta = TimeDelta::seconds(30);
/// How long another service may take to answer: an identity provider, a collector of traces.
pub const OUTWARD: Duration = Duration::from_secs(5);
/// The most bytes of its answer, and of the head of it.
pub const OUTWARD_ANSWER_BYTES_MAX: usize = 256 * 1024;
/// See [`OUTWARD_ANSWER_BYTES_MAX`].
pub const OUTWARD_HEAD_BYTES_MAX: usize = 32 * 1024;
/// Spans that wait to be handed to the collector of traces at most; more are let go of.
pub const TRACES_WAITING_MAX: usize = 4_096;
/// The most spans of one request to it.
pub const TRACES_BATCH_SPANS_MAX: usize = 512;
/// How long a span waits at most for others to go with it.
pub const TRACES_BATCH_DELAY: Duration = Duration::from_secs(1);
/// How long the last spans may take to be handed over when the server stops.
pub const TRACES_FLUSH: Duration = Duration::from_secs(5);
/// The most fault codes that a span names.
pub const TRACE_CODES_MAX: usize = 8;

/// The most bytes of a spreadsheet to be imported.
pub const IMPORT_FILE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most bytes that the parts of a zipped spreadsheet may inflate to, together.
pub const IMPORT_INFLATED_BYTES_MAX: usize = 96 * 1024 * 1024;
/// The most parts of a zipped spreadsheet.
pub const IMPORT_PARTS_MAX: usize = 2_000;
/// The most rows of a spreadsheet that hold anything.
pub const IMPORT_ROWS_MAX: usize = 50_000;
/// The last column of a spreadsheet that may hold anything.
pub const IMPORT_COLUMNS_MAX: u32 = 64;
/// The most cells of a spreadsheet that hold anything.
pub const IMPORT_CELLS_MAX: usize = 1_000_000;
/// The most bytes of text of a spreadsheet, what is repeated counted as often as it stands there.
pub const IMPORT_TEXT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// The most characters that are taken from one cell; of a longer one, no more is kept than shows
/// that it is too long.
pub const IMPORT_CELL_CHARS_MAX: usize = 4_000;
/// The headings stand among the first rows that hold anything, so many.
pub const IMPORT_HEADING_ROWS_MAX: usize = 10;
/// The most characters of a rejected value that are said again.
pub const IMPORT_QUOTED_CHARS_MAX: usize = 60;
/// The most rejects that a report names; all of them are counted.
pub const IMPORT_REJECTS_MAX: usize = 1_000;
/// How many imports are read and carried out at once over HTTP: each may take some hundred MiB.
pub const IMPORTS_AT_ONCE: usize = 2;
/// How long the body of an import may take to come in.
pub const IMPORT_UPLOAD: Duration = Duration::from_mins(2);
/// Sessions of which an import carries out the entries at once.
pub const IMPORT_SESSIONS_AT_ONCE: usize = 64;
