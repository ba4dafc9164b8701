-- Who carries an experiment, by the name its launch tells; '' before it is launched. What a carrier sees
-- follows from it. The rows of before are built anew.
ALTER TABLE experiment ADD COLUMN carrier TEXT NOT NULL DEFAULT '';
CREATE INDEX experiment_by_carrier ON experiment (carrier, known_to);
