DO $$
DECLARE t text; role_name text;
BEGIN
    FOREACH t IN ARRAY ARRAY['restriction', 'customer_override', 'customer_mac', 'top_up'] LOOP
        FOREACH role_name IN ARRAY ARRAY['lastmile_app', 'lastmile_tenancy', 'lastmile_platform'] LOOP
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO %I', t, role_name);
        END LOOP;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY platform ON %I TO lastmile_platform USING (true) WITH CHECK (true)', t);
        EXECUTE format('CREATE POLICY isp ON %I TO lastmile_app USING (isp_id = (SELECT current_setting(''app.isp_id'', true)::uuid)) WITH CHECK (isp_id = (SELECT current_setting(''app.isp_id'', true)::uuid))', t);
        EXECUTE format('CREATE POLICY tenancy ON %I TO lastmile_tenancy USING (isp_id = ANY ((SELECT string_to_array(current_setting(''app.isp_ids'', true), '','')::uuid[])::uuid[])) WITH CHECK (isp_id = ANY ((SELECT string_to_array(current_setting(''app.isp_ids'', true), '','')::uuid[])::uuid[]))', t);
    END LOOP;
END $$;;
