-- Read models. Every row says from which position of the log it was so (known_from) and from
-- which it no longer is (known_to, exclusive; 9223372036854775807 while it stands), so that
-- "as known at N" is the predicate known_from <= N AND known_to > N, and never a replay.
-- A date that is not known is ''. Ids are TEXT, instants BIGINT microseconds, civil dates TEXT (YYYY-MM-DD), documents JSON in TEXT.

CREATE TABLE projection (
    name     TEXT   NOT NULL PRIMARY KEY,
    version  BIGINT NOT NULL,
    log_id   TEXT   NOT NULL,
    position BIGINT NOT NULL
);

CREATE TABLE experiment (
    id          TEXT   NOT NULL,
    known_from  BIGINT NOT NULL,
    known_to    BIGINT NOT NULL,
    body        TEXT   NOT NULL,
    title_key   TEXT   NOT NULL,
    model       TEXT,
    start_on    TEXT   NOT NULL,
    end_on      TEXT   NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX experiment_current ON experiment (id, known_to);
CREATE INDEX experiment_by_title ON experiment (title_key, id, known_from, known_to);
CREATE INDEX experiment_by_start ON experiment (start_on, id, known_from, known_to);

-- One row per stretch of days with one status. valid_from is inclusive, valid_to exclusive; the
-- open ends are '0000-01-01' and '9999-12-31'.
CREATE TABLE experiment_phase (
    id         TEXT   NOT NULL,
    known_from BIGINT NOT NULL,
    known_to   BIGINT NOT NULL,
    status     TEXT   NOT NULL,
    valid_from TEXT   NOT NULL,
    valid_to   TEXT   NOT NULL
);
CREATE INDEX experiment_phase_current ON experiment_phase (id, known_to);
CREATE INDEX experiment_phase_of ON experiment_phase (id, known_from);

CREATE TABLE experiment_departement (
    id          TEXT   NOT NULL,
    known_from  BIGINT NOT NULL,
    known_to    BIGINT NOT NULL,
    departement TEXT   NOT NULL
);
CREATE INDEX experiment_departement_current ON experiment_departement (id, known_to);
CREATE INDEX experiment_departement_of ON experiment_departement (id, known_from);

CREATE TABLE venue (
    id            TEXT   NOT NULL,
    known_from    BIGINT NOT NULL,
    known_to      BIGINT NOT NULL,
    body          TEXT   NOT NULL,
    experiment_id TEXT   NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX venue_current ON venue (id, known_to);
CREATE INDEX venue_of_experiment ON venue (experiment_id, known_to);

CREATE TABLE permanence (
    id            TEXT   NOT NULL,
    known_from    BIGINT NOT NULL,
    known_to      BIGINT NOT NULL,
    body          TEXT   NOT NULL,
    experiment_id TEXT   NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX permanence_current ON permanence (id, known_to);
CREATE INDEX permanence_of_experiment ON permanence (experiment_id, known_to);

-- One row per event: its position is its id and its known_from, and it stands for ever.
CREATE TABLE history (
    position      BIGINT NOT NULL PRIMARY KEY,
    experiment_id TEXT   NOT NULL,
    body          TEXT   NOT NULL
);
CREATE INDEX history_of_experiment ON history (experiment_id, position);
