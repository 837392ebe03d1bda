GRANT SELECT, UPDATE ON write_probe TO lastmile_platform;;
ALTER TABLE write_probe ENABLE ROW LEVEL SECURITY;;
ALTER TABLE write_probe FORCE ROW LEVEL SECURITY;;
CREATE POLICY platform ON write_probe TO lastmile_platform USING (true) WITH CHECK (true);;
