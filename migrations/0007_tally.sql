-- Tallies: what each session adds up to, as it stands now; one row for each session of which anything
-- was ever recorded. `known_from` is the position of its first entry, `changed` that of its last: what
-- a session added up to at a position between the two is folded from its history.
CREATE TABLE tally (
    experiment BLOB   NOT NULL,
    day        BIGINT NOT NULL,
    id         TEXT   NOT NULL,
    known_from BIGINT NOT NULL,
    known_to   BIGINT NOT NULL,
    changed    BIGINT NOT NULL,
    permanence BLOB   NOT NULL,
    body       TEXT   NOT NULL,
    PRIMARY KEY (experiment, day, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX tally_of_session ON tally (id);
