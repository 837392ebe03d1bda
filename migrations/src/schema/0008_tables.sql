-- A job that runs may have looked before what is asked for now came about: only one that waits yet
-- stands for another with its key.
DROP INDEX job_dedup_key;;
CREATE UNIQUE INDEX job_dedup_key ON job (dedup_key) WHERE state = 'queued' AND dedup_key IS NOT NULL;;
CREATE INDEX job_running_key ON job (dedup_key) WHERE state = 'running' AND dedup_key IS NOT NULL;;
