-- Operators, funding agreements and costs; and for which experiments advisers are assigned.

CREATE TABLE operator (
    id         TEXT   NOT NULL,
    known_from BIGINT NOT NULL,
    known_to   BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX operator_current ON operator (id, known_to);

CREATE TABLE agreement (
    id         TEXT   NOT NULL,
    known_from BIGINT NOT NULL,
    known_to   BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    signed_on  TEXT   NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX agreement_current ON agreement (id, known_to);
CREATE INDEX agreement_by_signature ON agreement (signed_on, id, known_from, known_to);

CREATE TABLE cost (
    id            TEXT   NOT NULL,
    known_from    BIGINT NOT NULL,
    known_to      BIGINT NOT NULL,
    body          TEXT   NOT NULL,
    experiment_id TEXT   NOT NULL,
    from_on       TEXT   NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX cost_current ON cost (id, known_to);
CREATE INDEX cost_of_experiment ON cost (experiment_id, from_on, id, known_from, known_to);

-- One row per experiment that an adviser was ever assigned to.
CREATE TABLE adviser_experiment (
    id            TEXT   NOT NULL,
    known_from    BIGINT NOT NULL,
    known_to      BIGINT NOT NULL,
    experiment_id TEXT   NOT NULL
);
CREATE INDEX adviser_experiment_current ON adviser_experiment (id, known_to);
CREATE INDEX adviser_experiment_of ON adviser_experiment (experiment_id, known_to);
