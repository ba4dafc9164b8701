-- History: where the entry began whose place each event takes (its own position, unless it is a
-- correction), and when it was recorded, in microseconds. The rows of before are built anew.
-- Recorded-at never steps back, so that an instant is found by halving, without an index.
ALTER TABLE history ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
ALTER TABLE history ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX history_corrections ON history (place, position) WHERE place < position;
