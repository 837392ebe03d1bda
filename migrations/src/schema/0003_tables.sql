CREATE TABLE usage_day (
    isp_id %uuid NOT NULL,
    customer_id %uuid NOT NULL,
    day %date NOT NULL,
    input_octets BIGINT NOT NULL,
    output_octets BIGINT NOT NULL,
    session_seconds BIGINT NOT NULL,
    updated_at %instant NOT NULL,
    PRIMARY KEY (customer_id, day)
);;
CREATE INDEX usage_day_isp ON usage_day (isp_id, day);;
CREATE TABLE usage_month (
    isp_id %uuid NOT NULL,
    customer_id %uuid NOT NULL,
    month %date NOT NULL,
    input_octets BIGINT NOT NULL,
    output_octets BIGINT NOT NULL,
    session_seconds BIGINT NOT NULL,
    updated_at %instant NOT NULL,
    PRIMARY KEY (customer_id, month)
);;
CREATE INDEX usage_month_isp ON usage_month (isp_id, month);;
ALTER TABLE session ADD COLUMN version BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session ADD COLUMN flags BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session ADD COLUMN reported_input BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session ADD COLUMN reported_output BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session ADD COLUMN reported_time BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session ADD COLUMN reported_at %instant;;
ALTER TABLE session ADD COLUMN counted_from %instant;;
ALTER TABLE session ADD COLUMN earlier_time BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session ADD COLUMN input_bps BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session ADD COLUMN output_bps BIGINT NOT NULL DEFAULT 0;;
DROP INDEX session_nas;;
CREATE INDEX session_nas ON session (nas_id, username);;
CREATE INDEX session_address ON session (isp_id, framed_ip);;
CREATE INDEX session_username ON session (isp_id, username);;
ALTER TABLE session_history ADD COLUMN version BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session_history ADD COLUMN flags BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session_history ADD COLUMN reported_input BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session_history ADD COLUMN reported_output BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session_history ADD COLUMN reported_time BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session_history ADD COLUMN reported_at %instant;;
ALTER TABLE session_history ADD COLUMN counted_from %instant;;
ALTER TABLE session_history ADD COLUMN earlier_time BIGINT NOT NULL DEFAULT 0;;
ALTER TABLE session_history ADD COLUMN reopens_after %instant;;
