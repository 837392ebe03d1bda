ALTER TABLE package ADD COLUMN access %json NOT NULL DEFAULT '{}';;
CREATE TABLE restriction (
    isp_id %uuid NOT NULL,
    customer_id %uuid NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('fup', 'volume_limit', 'time_limit')),
    effect TEXT NOT NULL CHECK (effect IN ('throttle', 'suspend', 'disconnect')),
    tier BIGINT CHECK (tier BETWEEN 1 AND 100),
    up_kbps BIGINT CHECK (up_kbps >= 0),
    down_kbps BIGINT CHECK (down_kbps >= 0),
    pool TEXT,
    address_list TEXT,
    since %instant NOT NULL,
    until %instant,
    manual BOOLEAN NOT NULL,
    PRIMARY KEY (customer_id, cause),
    CONSTRAINT restriction_rate_whole CHECK ((up_kbps IS NULL) = (down_kbps IS NULL)),
    CONSTRAINT restriction_customer_fk FOREIGN KEY (customer_id) REFERENCES customer (id)
);;
CREATE INDEX restriction_isp ON restriction (isp_id, until);;
CREATE TABLE customer_override (
    isp_id %uuid NOT NULL,
    customer_id %uuid PRIMARY KEY,
    terms %json NOT NULL,
    reason TEXT,
    expires_at %instant,
    set_by %uuid,
    set_at %instant NOT NULL,
    CONSTRAINT customer_override_customer_fk FOREIGN KEY (customer_id) REFERENCES customer (id)
);;
CREATE INDEX customer_override_expiry ON customer_override (isp_id, expires_at);;
CREATE TABLE customer_mac (
    isp_id %uuid NOT NULL,
    customer_id %uuid NOT NULL,
    mac TEXT NOT NULL CHECK (length(mac) = 17),
    label TEXT,
    learnt BOOLEAN NOT NULL,
    added_by %uuid,
    added_at %instant NOT NULL,
    PRIMARY KEY (customer_id, mac),
    CONSTRAINT customer_mac_customer_fk FOREIGN KEY (customer_id) REFERENCES customer (id)
);;
CREATE INDEX customer_mac_mac ON customer_mac (isp_id, mac);;
CREATE TABLE top_up (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL,
    customer_id %uuid NOT NULL,
    octets BIGINT NOT NULL CHECK (octets >= 0),
    seconds BIGINT NOT NULL CHECK (seconds >= 0),
    reason TEXT,
    granted_by %uuid,
    granted_at %instant NOT NULL,
    -- The window it belongs to; what is left of it ends there.
    valid_until %instant,
    CONSTRAINT top_up_gives_something CHECK (octets > 0 OR seconds > 0),
    CONSTRAINT top_up_customer_fk FOREIGN KEY (customer_id) REFERENCES customer (id)
);;
CREATE INDEX top_up_customer ON top_up (customer_id, granted_at);;
CREATE INDEX top_up_isp ON top_up (isp_id, granted_at);;
