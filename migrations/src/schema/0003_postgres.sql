ALTER TABLE usage_day SET (fillfactor = 70);;
ALTER TABLE usage_month SET (fillfactor = 70);;
ALTER TABLE session SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);;
ALTER TABLE session_history NO FORCE ROW LEVEL SECURITY;;
ALTER TABLE session_history RENAME TO session_history_before;;
ALTER INDEX session_history_pkey RENAME TO session_history_before_pkey;;
DROP INDEX session_history_customer;;
DROP INDEX session_history_key;;
DROP INDEX session_history_isp;;
CREATE TABLE session_history (
    LIKE session_history_before INCLUDING DEFAULTS,
    PRIMARY KEY (id, stopped_at)
) PARTITION BY RANGE (stopped_at);;
CREATE INDEX session_history_customer ON session_history (customer_id, stopped_at);;
CREATE INDEX session_history_key ON session_history (session_key, stopped_at);;
CREATE INDEX session_history_isp ON session_history (isp_id, started_at, id);;
CREATE INDEX session_history_address ON session_history (isp_id, framed_ip, started_at);;
CREATE INDEX session_history_username ON session_history (isp_id, username, started_at);;
CREATE INDEX session_history_station ON session_history (isp_id, calling_station_id, started_at);;
CREATE INDEX session_history_nas ON session_history (isp_id, nas_id, started_at);;
CREATE TABLE session_history_rest PARTITION OF session_history DEFAULT;;
INSERT INTO session_history SELECT * FROM session_history_before;;
DROP TABLE session_history_before;;
CREATE FUNCTION make_session_history_partitions(first_month date, months integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    starts date := date_trunc('month', first_month)::date;
    made integer := 0;
    part text;
    lower_end timestamptz;
    upper_end timestamptz;
BEGIN
    -- The months are those of UTC whatever the zone of the connection.
    FOR i IN 1..months LOOP
        part := format('session_history_%s', to_char(starts, 'YYYYMM'));
        lower_end := starts::timestamp AT TIME ZONE 'UTC';
        upper_end := (starts + interval '1 month') AT TIME ZONE 'UTC';
        IF to_regclass(format('%I.%I', current_schema(), part)) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE session_history INCLUDING DEFAULTS)', part);
            -- What the rest holds of the month moves: PostgreSQL refuses a partition otherwise.
            EXECUTE format('WITH moved AS (DELETE FROM session_history_rest WHERE stopped_at >= %L AND stopped_at < %L RETURNING *) INSERT INTO %I SELECT * FROM moved', lower_end, upper_end, part);
            EXECUTE format('ALTER TABLE session_history ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, lower_end, upper_end);
            made := made + 1;
        END IF;
        starts := (starts + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$;;
SELECT make_session_history_partitions((now() - interval '1 month')::date, 6);;
REVOKE ALL ON FUNCTION make_session_history_partitions(date, integer) FROM PUBLIC;;
GRANT EXECUTE ON FUNCTION make_session_history_partitions(date, integer) TO lastmile_platform;;
