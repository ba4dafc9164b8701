-- Advisers: what names one is sealed in the document, with a key that does not lie here.

CREATE TABLE adviser (
    id         TEXT   NOT NULL,
    known_from BIGINT NOT NULL,
    known_to   BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    erased     BIGINT NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX adviser_current ON adviser (id, known_to);
CREATE INDEX adviser_erased ON adviser (erased, known_to);

-- The stream of each event; the rows of before are built anew (version 2 of that read model).
ALTER TABLE history ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX history_of_subject ON history (subject, position);
