CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: reverse the entry instead', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;;
CREATE FUNCTION check_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount_minor) FROM posting WHERE entry_id = NEW.entry_id) <> 0 THEN
        RAISE EXCEPTION 'journal entry % does not balance', NEW.entry_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;;
CREATE CONSTRAINT TRIGGER posting_balances AFTER INSERT ON posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry_balances();;
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE ON posting
    FOR EACH ROW EXECUTE FUNCTION refuse_change();;
CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();;
CREATE TRIGGER posting_no_truncate BEFORE TRUNCATE ON posting
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();;
CREATE TRIGGER journal_entry_no_truncate BEFORE TRUNCATE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();;
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();;
ALTER TABLE account SET (fillfactor = 80);;
ALTER TABLE session SET (fillfactor = 70);;
DO $$
DECLARE role_name text;
BEGIN
    PERFORM pg_advisory_xact_lock(727101);
    FOREACH role_name IN ARRAY ARRAY['lastmile_app', 'lastmile_tenancy', 'lastmile_platform'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            -- Roles belong to the whole cluster: another database may make them at this moment.
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', role_name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
        IF NOT pg_has_role(current_user, role_name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', role_name, current_user);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role_name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', current_schema(), role_name);
        EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO %I', current_schema(), role_name);
    END LOOP;
END $$;;
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY[
        'isp_settings', 'operator', 'api_key', 'zone', 'package', 'nas', 'customer', 'customer_term',
        'subscription', 'account', 'journal_entry', 'posting', 'invoice', 'invoice_line', 'payment',
        'payment_allocation', 'counter', 'idempotency_key', 'domain_event', 'session', 'session_history',
        'login_answer', 'import_run', 'import_row', 'change_feed', 'isp', 'tenancy', 'app_user', 'user_grant',
        'sign_in', 'refresh_token', 'audit_log', 'job', 'schedule_slot'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY platform ON %I TO lastmile_platform USING (true) WITH CHECK (true)', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY[
        'isp_settings', 'operator', 'api_key', 'zone', 'package', 'nas', 'customer', 'customer_term',
        'subscription', 'account', 'journal_entry', 'posting', 'invoice', 'invoice_line', 'payment',
        'payment_allocation', 'counter', 'idempotency_key', 'domain_event', 'session', 'session_history',
        'login_answer', 'import_run', 'import_row', 'change_feed', 'app_user', 'audit_log', 'job'
    ] LOOP
        EXECUTE format('CREATE POLICY isp ON %I TO lastmile_app USING (isp_id = (SELECT current_setting(''app.isp_id'', true)::uuid)) WITH CHECK (isp_id = (SELECT current_setting(''app.isp_id'', true)::uuid))', t);
        EXECUTE format('CREATE POLICY tenancy ON %I TO lastmile_tenancy USING (isp_id = ANY ((SELECT string_to_array(current_setting(''app.isp_ids'', true), '','')::uuid[])::uuid[])) WITH CHECK (isp_id = ANY ((SELECT string_to_array(current_setting(''app.isp_ids'', true), '','')::uuid[])::uuid[]))', t);
    END LOOP;
END $$;;
CREATE POLICY isp ON isp TO lastmile_app USING (id = (SELECT current_setting('app.isp_id', true)::uuid));;
CREATE POLICY tenancy ON isp TO lastmile_tenancy
    USING (tenancy_id = (SELECT current_setting('app.tenancy_id', true)::uuid))
    WITH CHECK (tenancy_id = (SELECT current_setting('app.tenancy_id', true)::uuid));;
CREATE POLICY tenancy ON tenancy TO lastmile_tenancy
    USING (id = (SELECT current_setting('app.tenancy_id', true)::uuid));;
CREATE POLICY tenancy_itself ON audit_log TO lastmile_tenancy
    USING (isp_id IS NULL AND tenancy_id = (SELECT current_setting('app.tenancy_id', true)::uuid))
    WITH CHECK (isp_id IS NULL AND tenancy_id = (SELECT current_setting('app.tenancy_id', true)::uuid));;
CREATE POLICY isp ON user_grant TO lastmile_app USING (EXISTS (SELECT FROM app_user u WHERE u.id = user_id)) WITH CHECK (EXISTS (SELECT FROM app_user u WHERE u.id = user_id));;
CREATE POLICY isp ON sign_in TO lastmile_app USING (EXISTS (SELECT FROM app_user u WHERE u.id = user_id));;
