-- Labelled sites; and which of them are the hub of an experiment.

CREATE TABLE site (
    id         TEXT   NOT NULL,
    known_from BIGINT NOT NULL,
    known_to   BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    name_key   TEXT   NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX site_current ON site (id, known_to);
CREATE INDEX site_by_name ON site (name_key, id, known_from, known_to);

-- One row per labelled site that the hub of an experiment ever was.
CREATE TABLE experiment_hub (
    id         TEXT   NOT NULL,
    known_from BIGINT NOT NULL,
    known_to   BIGINT NOT NULL,
    site_id    TEXT   NOT NULL
);
CREATE INDEX experiment_hub_current ON experiment_hub (id, known_to);
CREATE INDEX experiment_hub_of ON experiment_hub (site_id, known_to);
