ALTER TABLE isp_settings ADD COLUMN keep_sessions_months BIGINT CHECK (keep_sessions_months BETWEEN 1 AND 240);;
