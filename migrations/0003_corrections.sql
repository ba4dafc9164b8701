-- History anew, and narrower: where the entry began whose place each event takes (its own position,
-- unless it is a correction), when it was recorded, in microseconds, and the ids in bytes. The rows of
-- before are built anew. Recorded-at never steps back, so that an instant is found by halving, without
-- an index. An event of no experiment has the empty id.
DROP TABLE history;
CREATE TABLE history (
    position    INTEGER NOT NULL PRIMARY KEY,
    place       BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    experiment  BLOB   NOT NULL,
    subject     BLOB   NOT NULL,
    body        TEXT   NOT NULL
);
CREATE INDEX history_of_experiment ON history (experiment, position);
CREATE INDEX history_of_subject ON history (subject, position);
CREATE INDEX history_corrections ON history (place, position) WHERE place < position;
