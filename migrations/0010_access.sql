-- Service tokens and holders of grants, by the place in the log where each began.

CREATE TABLE token (
    id         TEXT   NOT NULL,
    known_from BIGINT NOT NULL,
    known_to   BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    place      TEXT   NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX token_current ON token (id, known_to);
CREATE INDEX token_by_place ON token (place, id, known_from, known_to);

CREATE TABLE holder (
    id         TEXT   NOT NULL,
    known_from BIGINT NOT NULL,
    known_to   BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    place      TEXT   NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX holder_current ON holder (id, known_to);
CREATE INDEX holder_by_place ON holder (place, id, known_from, known_to);
