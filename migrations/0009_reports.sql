-- Published reports, by the place in the log where each was published. What is not published yet has
-- no place, no audience, and replaces nothing.

CREATE TABLE report (
    id            TEXT   NOT NULL,
    known_from    BIGINT NOT NULL,
    known_to      BIGINT NOT NULL,
    body          TEXT   NOT NULL,
    place         TEXT   NOT NULL,
    experiment_id TEXT   NOT NULL,
    audience      TEXT   NOT NULL,
    replaces      TEXT   NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX report_current ON report (id, known_to);
CREATE INDEX report_by_place ON report (place, id, known_from, known_to);
CREATE INDEX report_of_experiment ON report (experiment_id, known_to);
CREATE INDEX report_replacing ON report (replaces, known_to);
