CREATE TABLE fair_use_policy (
    package_id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    counting_window TEXT NOT NULL CHECK (counting_window IN ('day', 'week', 'month', 'period')),
    counts TEXT NOT NULL CHECK (counts IN ('total', 'upload', 'download')),
    notify_percent BIGINT NOT NULL CHECK (notify_percent BETWEEN 0 AND 99),
    tiers %json NOT NULL,
    created_at %instant NOT NULL,
    updated_at %instant NOT NULL,
    CONSTRAINT fair_use_policy_package_fk FOREIGN KEY (isp_id, package_id) REFERENCES package (isp_id, id)
);;
CREATE INDEX fair_use_policy_isp ON fair_use_policy (isp_id, package_id);;
CREATE TABLE fair_use_standing (
    customer_id %uuid PRIMARY KEY REFERENCES customer (id),
    isp_id %uuid NOT NULL REFERENCES isp (id),
    mode TEXT NOT NULL CHECK (mode IN ('automatic', 'forced', 'exempt')),
    tier BIGINT CHECK (tier > 0),
    until %instant,
    baseline_day %date,
    baseline_input BIGINT NOT NULL DEFAULT 0,
    baseline_output BIGINT NOT NULL DEFAULT 0,
    baseline_seconds BIGINT NOT NULL DEFAULT 0,
    updated_at %instant NOT NULL,
    CHECK ((mode = 'forced') = (tier IS NOT NULL))
);;
CREATE INDEX fair_use_standing_isp ON fair_use_standing (isp_id, customer_id);;
CREATE INDEX fair_use_standing_until ON fair_use_standing (until) WHERE until IS NOT NULL;;
CREATE TABLE fair_use_notice (
    customer_id %uuid NOT NULL REFERENCES customer (id),
    cause TEXT NOT NULL,
    tier BIGINT NOT NULL,
    first_day %date NOT NULL,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    at %instant NOT NULL,
    PRIMARY KEY (customer_id, cause, tier, first_day)
);;
CREATE INDEX fair_use_notice_isp ON fair_use_notice (isp_id, at);;
CREATE TABLE fair_use_log (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    customer_id %uuid NOT NULL REFERENCES customer (id),
    action TEXT NOT NULL CHECK (action IN ('applied', 'changed', 'lifted', 'notified', 'activated', 'deactivated', 'reset')),
    cause TEXT NOT NULL CHECK (cause IN ('fup', 'volume_limit', 'time_limit')),
    tier BIGINT,
    manual BOOLEAN NOT NULL,
    until %instant,
    input_octets BIGINT NOT NULL,
    output_octets BIGINT NOT NULL,
    seconds BIGINT NOT NULL,
    note TEXT,
    actor_id %uuid,
    at %instant NOT NULL
);;
CREATE INDEX fair_use_log_isp ON fair_use_log (isp_id, at);;
CREATE INDEX fair_use_log_customer ON fair_use_log (customer_id, id);;
CREATE TABLE live_change (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    customer_id %uuid NOT NULL REFERENCES customer (id),
    session_id %uuid NOT NULL,
    nas_id %uuid NOT NULL REFERENCES nas (id) ON DELETE CASCADE,
    username TEXT NOT NULL,
    acct_session_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('change', 'disconnect')),
    requested %json NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'waiting_for_stop', 'no_stop', 'session_unknown', 'refused', 'unreachable')),
    error_cause BIGINT,
    at %instant NOT NULL,
    settled_at %instant
);;
CREATE INDEX live_change_isp ON live_change (isp_id, at);;
CREATE INDEX live_change_customer ON live_change (customer_id, id);;
CREATE INDEX live_change_session ON live_change (session_id, id);;
