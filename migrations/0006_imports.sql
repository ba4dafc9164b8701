-- Imports of files, by the place in the log where each was recorded.

CREATE TABLE import (
    id         TEXT   NOT NULL,
    known_from BIGINT NOT NULL,
    known_to   BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    place      TEXT   NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX import_current ON import (id, known_to);
CREATE INDEX import_by_place ON import (place, id, known_from, known_to);
