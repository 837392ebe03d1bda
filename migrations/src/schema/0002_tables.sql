ALTER TABLE nas ADD COLUMN limit_proxy_state TEXT NOT NULL DEFAULT 'auto' CHECK (limit_proxy_state IN ('auto', 'yes', 'no'));;
ALTER TABLE nas ADD COLUMN swap_octets BOOLEAN NOT NULL DEFAULT false;;
ALTER TABLE nas ADD COLUMN max_requests_per_second BIGINT CHECK (max_requests_per_second > 0);;
ALTER TABLE nas ADD COLUMN max_in_flight BIGINT CHECK (max_in_flight > 0);;
ALTER TABLE nas ADD COLUMN old_secret %bytes;;
ALTER TABLE nas ADD COLUMN old_secret_until %instant;;
ALTER TABLE nas ADD COLUMN forgotten_at %instant;;
ALTER TABLE login_answer ADD COLUMN method TEXT;;
ALTER TABLE login_answer ADD COLUMN nas_address TEXT;;
CREATE TABLE nas_source (
    nas_id %uuid NOT NULL REFERENCES nas (id) ON DELETE CASCADE,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    address TEXT NOT NULL,
    first_seen_at %instant NOT NULL,
    last_seen_at %instant NOT NULL,
    message_authenticator_seen_at %instant,
    limits_proxy_state BOOLEAN,
    PRIMARY KEY (nas_id, address)
);;
CREATE INDEX nas_source_isp ON nas_source (isp_id, nas_id);;
CREATE TABLE nas_counter (
    nas_id %uuid NOT NULL REFERENCES nas (id) ON DELETE CASCADE,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    counter TEXT NOT NULL,
    value BIGINT NOT NULL,
    since %instant NOT NULL,
    updated_at %instant NOT NULL,
    PRIMARY KEY (nas_id, counter)
);;
CREATE INDEX nas_counter_isp ON nas_counter (isp_id, nas_id);;
CREATE TABLE radius_trace (
    customer_id %uuid PRIMARY KEY REFERENCES customer (id) ON DELETE CASCADE,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    started_by %uuid,
    started_at %instant NOT NULL,
    until %instant NOT NULL
);;
CREATE INDEX radius_trace_isp ON radius_trace (isp_id, until);;
CREATE TABLE radius_trace_packet (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    customer_id %uuid NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    nas_id %uuid NOT NULL,
    nas_address TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('request', 'answer', 'dropped')),
    packet TEXT NOT NULL,
    attributes %json NOT NULL,
    note TEXT,
    at %instant NOT NULL
);;
CREATE INDEX radius_trace_packet_isp ON radius_trace_packet (isp_id, customer_id, id);;
CREATE INDEX radius_trace_packet_customer ON radius_trace_packet (customer_id, id);;
