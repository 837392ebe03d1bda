CREATE FUNCTION drop_empty_session_history_partitions(up_to date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '500ms' AS $$
DECLARE
    part text;
    has_rows boolean;
    dropped integer := 0;
BEGIN
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'session_history'::regclass AND c.relname ~ '^session_history_[0-9]{6}$'
        AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= up_to ORDER BY c.relname
    LOOP
        -- A look costs nothing; only what seems empty is worth the lock that keeps everybody out.
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', part) INTO has_rows;
        CONTINUE WHEN has_rows;
        LOCK TABLE ONLY session_history IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', part);
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', part) INTO has_rows;
        CONTINUE WHEN has_rows;
        EXECUTE format('DROP TABLE %I', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
EXCEPTION WHEN lock_not_available THEN
    -- Somebody reads for long: there is another time.
    RETURN 0;
END $$;;
REVOKE ALL ON FUNCTION drop_empty_session_history_partitions(date) FROM PUBLIC;;
GRANT EXECUTE ON FUNCTION drop_empty_session_history_partitions(date) TO lastmile_platform;;
