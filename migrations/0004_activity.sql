-- Activity: one row for each entry that stands of what was done in sessions, and one for each request
-- of an accompaniment. `entry` is the position at which its lineage began, `known_from` that of the
-- event that says it: the evidence behind every figure. Days are days since 1970-01-01, ids the 16
-- bytes of a UUID, instants microseconds. Nothing here names a user.
-- Rows lie together by experiment and day, which is how figures are asked for.

CREATE TABLE session (
    experiment  BLOB   NOT NULL,
    day         BIGINT NOT NULL,
    entry       BIGINT NOT NULL,
    known_from  BIGINT NOT NULL,
    known_to    BIGINT NOT NULL,
    permanence  BLOB   NOT NULL,
    session     BLOB   NOT NULL,
    recorded_at BIGINT NOT NULL,
    -- held, cancelled
    state       TEXT   NOT NULL,
    -- how long it was held, and by how many people; why it was cancelled
    minutes     BIGINT,
    advisers    BIGINT,
    cause       TEXT,
    PRIMARY KEY (experiment, day, entry, known_from)
) WITHOUT ROWID;
CREATE INDEX session_of_permanence ON session (permanence, day);

CREATE TABLE appointment (
    experiment  BLOB   NOT NULL,
    day         BIGINT NOT NULL,
    entry       BIGINT NOT NULL,
    known_from  BIGINT NOT NULL,
    known_to    BIGINT NOT NULL,
    permanence  BLOB   NOT NULL,
    session     BLOB   NOT NULL,
    recorded_at BIGINT NOT NULL,
    appointment BLOB   NOT NULL,
    -- booked, or the outcome: seen, no-show, excused, revoked, unknown
    state       TEXT   NOT NULL,
    PRIMARY KEY (experiment, day, entry, known_from)
) WITHOUT ROWID;

CREATE TABLE accompaniment (
    experiment    BLOB   NOT NULL,
    day           BIGINT NOT NULL,
    entry         BIGINT NOT NULL,
    known_from    BIGINT NOT NULL,
    known_to      BIGINT NOT NULL,
    permanence    BLOB   NOT NULL,
    session       BLOB   NOT NULL,
    recorded_at   BIGINT NOT NULL,
    minutes       BIGINT,
    -- yes, no, unknown
    first_visit   TEXT   NOT NULL,
    residence     TEXT,
    age_band      TEXT,
    requests      BIGINT NOT NULL,
    PRIMARY KEY (experiment, day, entry, known_from)
) WITHOUT ROWID;

-- A request without an operator lies out of the bundle of services.
CREATE TABLE request (
    experiment  BLOB   NOT NULL,
    day         BIGINT NOT NULL,
    entry       BIGINT NOT NULL,
    known_from  BIGINT NOT NULL,
    known_to    BIGINT NOT NULL,
    ordinal     BIGINT NOT NULL,
    permanence  BLOB   NOT NULL,
    session     BLOB   NOT NULL,
    operator    TEXT,
    theme       TEXT,
    level       TEXT   NOT NULL,
    outcome     TEXT   NOT NULL,
    pseudonym   TEXT,
    PRIMARY KEY (experiment, day, entry, known_from, ordinal)
) WITHOUT ROWID;

CREATE TABLE turning_away (
    experiment  BLOB   NOT NULL,
    day         BIGINT NOT NULL,
    entry       BIGINT NOT NULL,
    known_from  BIGINT NOT NULL,
    known_to    BIGINT NOT NULL,
    permanence  BLOB   NOT NULL,
    session     BLOB   NOT NULL,
    recorded_at BIGINT NOT NULL,
    users       BIGINT NOT NULL,
    cause       TEXT   NOT NULL,
    PRIMARY KEY (experiment, day, entry, known_from)
) WITHOUT ROWID;

CREATE TABLE feedback (
    experiment   BLOB   NOT NULL,
    day          BIGINT NOT NULL,
    entry        BIGINT NOT NULL,
    known_from   BIGINT NOT NULL,
    known_to     BIGINT NOT NULL,
    permanence   BLOB   NOT NULL,
    session      BLOB   NOT NULL,
    recorded_at  BIGINT NOT NULL,
    feedback     BLOB   NOT NULL,
    -- offered, received, declined
    state        TEXT   NOT NULL,
    -- 1 to 5; yes, no, unknown; what the user would have done otherwise
    satisfaction BIGINT,
    resolved     TEXT,
    otherwise    TEXT,
    PRIMARY KEY (experiment, day, entry, known_from)
) WITHOUT ROWID;
