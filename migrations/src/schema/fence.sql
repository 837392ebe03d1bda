GRANT SELECT, INSERT, UPDATE, DELETE ON %table TO lastmile_app, lastmile_tenancy, lastmile_platform;;
ALTER TABLE %table ENABLE ROW LEVEL SECURITY;;
ALTER TABLE %table FORCE ROW LEVEL SECURITY;;
CREATE POLICY platform ON %table TO lastmile_platform USING (true) WITH CHECK (true);;
CREATE POLICY isp ON %table TO lastmile_app
    USING (isp_id = (SELECT current_setting('app.isp_id', true)::uuid))
    WITH CHECK (isp_id = (SELECT current_setting('app.isp_id', true)::uuid));;
CREATE POLICY tenancy ON %table TO lastmile_tenancy
    USING (isp_id = ANY ((SELECT string_to_array(current_setting('app.isp_ids', true), ',')::uuid[])::uuid[]))
    WITH CHECK (isp_id = ANY ((SELECT string_to_array(current_setting('app.isp_ids', true), ',')::uuid[])::uuid[]));;
