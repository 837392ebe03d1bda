CREATE TABLE tenancy (
    id %uuid PRIMARY KEY,
    name TEXT NOT NULL,
    created_at %instant NOT NULL
);;
CREATE TABLE isp (
    id %uuid PRIMARY KEY,
    tenancy_id %uuid NOT NULL REFERENCES tenancy (id),
    name TEXT NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    time_zone TEXT NOT NULL,
    country TEXT NOT NULL,
    created_at %instant NOT NULL,
    CONSTRAINT isp_name_key UNIQUE (tenancy_id, name)
);;
CREATE TABLE isp_settings (
    isp_id %uuid PRIMARY KEY REFERENCES isp (id),
    suspended_access TEXT NOT NULL DEFAULT 'walled' CHECK (suspended_access IN ('walled', 'reject')),
    suspended_pool TEXT NOT NULL DEFAULT 'suspended',
    suspended_address_list TEXT NOT NULL DEFAULT 'suspended',
    suspended_rate_kbps BIGINT NOT NULL DEFAULT 512,
    operator_label TEXT NOT NULL DEFAULT 'Operator',
    sub_operator_label TEXT NOT NULL DEFAULT 'Sub-operator',
    grace_days BIGINT NOT NULL DEFAULT 3,
    interim_seconds BIGINT NOT NULL DEFAULT 300,
    updated_at %instant NOT NULL
);;
CREATE TABLE operator (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    parent_id %uuid,
    name TEXT NOT NULL,
    mobile TEXT,
    email TEXT,
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    created_at %instant NOT NULL,
    updated_at %instant NOT NULL,
    CONSTRAINT operator_name_key UNIQUE (isp_id, name),
    CONSTRAINT operator_isp_key UNIQUE (isp_id, id),
    CONSTRAINT operator_parent_fk FOREIGN KEY (isp_id, parent_id) REFERENCES operator (isp_id, id)
);;
CREATE TABLE app_user (
    id %uuid PRIMARY KEY,
    tenancy_id %uuid REFERENCES tenancy (id),
    isp_id %uuid REFERENCES isp (id),
    operator_id %uuid,
    role TEXT NOT NULL,
    login TEXT NOT NULL,
    login_key TEXT NOT NULL CONSTRAINT app_user_login_key UNIQUE,
    name TEXT NOT NULL,
    email TEXT,
    mobile TEXT,
    password_hash TEXT,
    must_change_password BOOLEAN NOT NULL,
    totp_secret %bytes,
    totp_enabled BOOLEAN NOT NULL,
    totp_last_step BIGINT,
    status TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
    hidden_menus %json NOT NULL,
    last_sign_in_at %instant,
    created_at %instant NOT NULL,
    updated_at %instant NOT NULL,
    CONSTRAINT app_user_operator_fk FOREIGN KEY (isp_id, operator_id) REFERENCES operator (isp_id, id)
);;
CREATE INDEX app_user_isp ON app_user (isp_id, role);;
CREATE TABLE user_grant (
    user_id %uuid NOT NULL REFERENCES app_user (id),
    permission TEXT NOT NULL,
    granted_by %uuid,
    expires_at %instant,
    created_at %instant NOT NULL,
    PRIMARY KEY (user_id, permission)
);;
CREATE TABLE sign_in (
    id %uuid PRIMARY KEY,
    user_id %uuid NOT NULL REFERENCES app_user (id),
    user_agent TEXT,
    ip TEXT,
    created_at %instant NOT NULL,
    last_used_at %instant NOT NULL,
    expires_at %instant NOT NULL,
    revoked_at %instant,
    revoked_because TEXT
);;
CREATE INDEX sign_in_user ON sign_in (user_id, created_at);;
CREATE TABLE refresh_token (
    token_hash %bytes PRIMARY KEY,
    sign_in_id %uuid NOT NULL REFERENCES sign_in (id),
    created_at %instant NOT NULL,
    used_at %instant
);;
CREATE INDEX refresh_token_sign_in ON refresh_token (sign_in_id);;
CREATE TABLE api_key (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    user_id %uuid NOT NULL REFERENCES app_user (id),
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    key_hash %bytes NOT NULL CONSTRAINT api_key_hash_key UNIQUE,
    permissions %json NOT NULL,
    allowed_ips %json NOT NULL,
    rate_per_minute BIGINT NOT NULL,
    expires_at %instant,
    revoked_at %instant,
    last_used_at %instant,
    created_at %instant NOT NULL
);;
CREATE INDEX api_key_isp ON api_key (isp_id, created_at);;
CREATE TABLE zone (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    name TEXT NOT NULL,
    created_at %instant NOT NULL,
    updated_at %instant NOT NULL,
    CONSTRAINT zone_name_key UNIQUE (isp_id, name),
    CONSTRAINT zone_isp_key UNIQUE (isp_id, id)
);;
CREATE TABLE package (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    name TEXT NOT NULL,
    up_kbps BIGINT NOT NULL CHECK (up_kbps >= 0),
    down_kbps BIGINT NOT NULL CHECK (down_kbps >= 0),
    burst %json,
    rate_managed_by_router BOOLEAN NOT NULL,
    price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
    cycle TEXT NOT NULL CHECK (cycle IN ('daily', 'weekly', 'monthly', 'quarterly', 'yearly')),
    billing_type TEXT NOT NULL CHECK (billing_type IN ('prepaid', 'postpaid')),
    pool TEXT,
    address_list TEXT,
    router_profile TEXT,
    simultaneous_use BIGINT NOT NULL CHECK (simultaneous_use >= 1),
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    created_at %instant NOT NULL,
    updated_at %instant NOT NULL,
    CONSTRAINT package_name_key UNIQUE (isp_id, name),
    CONSTRAINT package_isp_key UNIQUE (isp_id, id)
);;
CREATE TABLE nas (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    name TEXT NOT NULL,
    address TEXT NOT NULL CONSTRAINT nas_address_key UNIQUE,
    secret %bytes NOT NULL,
    coa_port BIGINT NOT NULL CHECK (coa_port BETWEEN 1 AND 65535),
    require_message_authenticator TEXT NOT NULL CHECK (require_message_authenticator IN ('auto', 'yes', 'no')),
    status TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
    last_seen_at %instant,
    created_at %instant NOT NULL,
    updated_at %instant NOT NULL,
    CONSTRAINT nas_name_key UNIQUE (isp_id, name),
    CONSTRAINT nas_isp_key UNIQUE (isp_id, id)
);;
CREATE TABLE customer (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key %term NOT NULL,
    mobile TEXT,
    email TEXT,
    national_id TEXT,
    connection_type TEXT NOT NULL CHECK (connection_type IN ('pppoe', 'hotspot', 'static_ip', 'other')),
    username TEXT NOT NULL,
    username_key TEXT NOT NULL,
    password %bytes NOT NULL,
    billing_type TEXT NOT NULL CHECK (billing_type IN ('prepaid', 'postpaid')),
    status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'suspended', 'expired', 'closed')),
    status_reason TEXT CHECK (status_reason IN ('non_payment', 'violation', 'maintenance', 'customer_request', 'other')),
    status_changed_at %instant NOT NULL,
    package_id %uuid NOT NULL,
    zone_id %uuid,
    operator_id %uuid,
    address TEXT,
    device_type TEXT CHECK (device_type IN ('router', 'pc', 'mobile', 'other')),
    static_ipv4 TEXT,
    expires_at %instant,
    anchor_day BIGINT NOT NULL CHECK (anchor_day BETWEEN 1 AND 31),
    auto_renew BOOLEAN NOT NULL,
    notes TEXT,
    version BIGINT NOT NULL,
    created_at %instant NOT NULL,
    updated_at %instant NOT NULL,
    CONSTRAINT customer_number_key UNIQUE (isp_id, number),
    CONSTRAINT customer_username_key UNIQUE (isp_id, username_key),
    CONSTRAINT customer_static_ipv4_key UNIQUE (isp_id, static_ipv4),
    CONSTRAINT customer_isp_key UNIQUE (isp_id, id),
    CONSTRAINT customer_package_fk FOREIGN KEY (isp_id, package_id) REFERENCES package (isp_id, id),
    CONSTRAINT customer_zone_fk FOREIGN KEY (isp_id, zone_id) REFERENCES zone (isp_id, id),
    CONSTRAINT customer_operator_fk FOREIGN KEY (isp_id, operator_id) REFERENCES operator (isp_id, id)
);;
-- What one filter of the list finds is counted and put in order by its index alone: behind the number
-- stand the columns that the list always looks at.
CREATE INDEX customer_status ON customer (isp_id, status, number, operator_id);;
CREATE INDEX customer_package ON customer (isp_id, package_id, number, status, operator_id);;
CREATE INDEX customer_zone ON customer (isp_id, zone_id, number, status, operator_id);;
CREATE INDEX customer_operator ON customer (isp_id, operator_id, number, status);;
CREATE INDEX customer_connection ON customer (isp_id, connection_type, number, status, operator_id);;
CREATE INDEX customer_billing ON customer (isp_id, billing_type, number, status, operator_id);;
CREATE INDEX customer_name ON customer (isp_id, name_key, id, status, operator_id);;
CREATE INDEX customer_expiry ON customer (isp_id, expires_at, id, status, operator_id);;
CREATE INDEX customer_due ON customer (isp_id, status, billing_type, expires_at);;
CREATE INDEX customer_created ON customer (isp_id, created_at);;
CREATE TABLE customer_term (
    isp_id %uuid NOT NULL,
    term %term NOT NULL,
    customer_id %uuid NOT NULL,
    PRIMARY KEY (isp_id, term, customer_id),
    CONSTRAINT customer_term_customer_fk FOREIGN KEY (customer_id) REFERENCES customer (id)
);;
CREATE INDEX customer_term_customer ON customer_term (customer_id, term, isp_id);;
CREATE TABLE subscription (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL,
    customer_id %uuid NOT NULL,
    package_id %uuid NOT NULL,
    previous_id %uuid REFERENCES subscription (id),
    price_minor BIGINT NOT NULL,
    started_at %instant NOT NULL,
    ended_at %instant,
    -- By its key alone: checked row by row while customers come by the ten thousand, PostgreSQL would
    -- choose any index that begins with the ISP as long as it has no statistics of them.
    CONSTRAINT subscription_customer_fk FOREIGN KEY (customer_id) REFERENCES customer (id),
    CONSTRAINT subscription_package_fk FOREIGN KEY (isp_id, package_id) REFERENCES package (isp_id, id)
);;
CREATE UNIQUE INDEX subscription_current_key ON subscription (customer_id) WHERE ended_at IS NULL;;
CREATE TABLE account (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    customer_id %uuid CONSTRAINT account_customer_key UNIQUE,
    currency TEXT NOT NULL,
    balance_minor BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT account_name_key UNIQUE (isp_id, kind, name),
    CONSTRAINT account_isp_key UNIQUE (isp_id, id)
);;
CREATE TABLE zero (value BIGINT PRIMARY KEY CHECK (value = 0));;
INSERT INTO zero (value) VALUES (0);;
CREATE TABLE journal_entry (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    cause TEXT NOT NULL,
    reference_id %uuid,
    description TEXT NOT NULL,
    actor_id %uuid,
    at %instant NOT NULL,
    imbalance BIGINT NOT NULL DEFAULT 0 REFERENCES zero (value) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT journal_entry_isp_key UNIQUE (isp_id, id)
);;
CREATE INDEX journal_entry_at ON journal_entry (isp_id, at);;
CREATE TABLE posting (
    entry_id %uuid NOT NULL,
    position BIGINT NOT NULL,
    isp_id %uuid NOT NULL,
    account_id %uuid NOT NULL,
    amount_minor BIGINT NOT NULL,
    balance_after_minor BIGINT NOT NULL,
    at %instant NOT NULL,
    PRIMARY KEY (entry_id, position),
    CONSTRAINT posting_entry_fk FOREIGN KEY (isp_id, entry_id) REFERENCES journal_entry (isp_id, id),
    CONSTRAINT posting_account_fk FOREIGN KEY (isp_id, account_id) REFERENCES account (isp_id, id)
);;
CREATE INDEX posting_account ON posting (account_id, at, entry_id);;
CREATE TABLE invoice (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL,
    customer_id %uuid NOT NULL,
    package_id %uuid,
    number TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('issued', 'partly_paid', 'paid', 'void')),
    period_start %instant NOT NULL,
    period_end %instant NOT NULL,
    issued_at %instant NOT NULL,
    due_at %instant NOT NULL,
    currency TEXT NOT NULL,
    total_minor BIGINT NOT NULL CHECK (total_minor >= 0),
    paid_minor BIGINT NOT NULL CHECK (paid_minor BETWEEN 0 AND total_minor),
    void_reason TEXT,
    entry_id %uuid NOT NULL REFERENCES journal_entry (id),
    CONSTRAINT invoice_number_key UNIQUE (isp_id, number),
    CONSTRAINT invoice_isp_key UNIQUE (isp_id, id),
    CONSTRAINT invoice_customer_fk FOREIGN KEY (isp_id, customer_id) REFERENCES customer (isp_id, id)
);;
CREATE INDEX invoice_customer ON invoice (customer_id, period_start);;
CREATE INDEX invoice_status ON invoice (isp_id, status, issued_at);;
CREATE INDEX invoice_issued ON invoice (isp_id, issued_at, id);;
CREATE INDEX invoice_open ON invoice (isp_id, due_at) WHERE status IN ('issued', 'partly_paid');;
CREATE TABLE invoice_line (
    invoice_id %uuid NOT NULL REFERENCES invoice (id),
    position BIGINT NOT NULL,
    isp_id %uuid NOT NULL,
    description TEXT NOT NULL,
    category TEXT NOT NULL CHECK (category IN ('service', 'other')),
    quantity BIGINT NOT NULL,
    unit_price_minor BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    PRIMARY KEY (invoice_id, position)
);;
CREATE TABLE payment (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL,
    customer_id %uuid NOT NULL,
    receipt_number TEXT NOT NULL,
    method TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    credited_minor BIGINT NOT NULL,
    reference TEXT,
    note TEXT,
    received_at %instant NOT NULL,
    received_by %uuid,
    reactivated BOOLEAN NOT NULL,
    customer_balance_minor BIGINT NOT NULL,
    expires_at %instant,
    entry_id %uuid NOT NULL REFERENCES journal_entry (id),
    created_at %instant NOT NULL,
    CONSTRAINT payment_receipt_key UNIQUE (isp_id, receipt_number),
    CONSTRAINT payment_isp_key UNIQUE (isp_id, id),
    CONSTRAINT payment_customer_fk FOREIGN KEY (isp_id, customer_id) REFERENCES customer (isp_id, id)
);;
CREATE INDEX payment_customer ON payment (customer_id, received_at);;
CREATE INDEX payment_received ON payment (isp_id, received_at, id, amount_minor);;
CREATE TABLE payment_allocation (
    payment_id %uuid NOT NULL REFERENCES payment (id),
    invoice_id %uuid NOT NULL REFERENCES invoice (id),
    isp_id %uuid NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    PRIMARY KEY (payment_id, invoice_id)
);;
CREATE INDEX payment_allocation_invoice ON payment_allocation (invoice_id);;
CREATE TABLE counter (
    isp_id %uuid NOT NULL REFERENCES isp (id),
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (isp_id, kind, year)
);;
CREATE TABLE idempotency_key (
    isp_id %uuid NOT NULL REFERENCES isp (id),
    actor TEXT NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint %bytes NOT NULL,
    outcome %json,
    created_at %instant NOT NULL,
    PRIMARY KEY (isp_id, actor, operation, key)
);;
CREATE TABLE domain_event (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    name TEXT NOT NULL,
    customer_id %uuid,
    payload %json NOT NULL,
    actor_id %uuid,
    at %instant NOT NULL
);;
CREATE INDEX domain_event_isp ON domain_event (isp_id, at);;
CREATE INDEX domain_event_customer ON domain_event (customer_id, at);;
CREATE TABLE job (
    id %uuid PRIMARY KEY,
    isp_id %uuid REFERENCES isp (id),
    operator_id %uuid,
    created_by %uuid,
    kind TEXT NOT NULL,
    queue TEXT NOT NULL,
    payload %json NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead', 'cancelled')),
    attempts BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    run_at %instant NOT NULL,
    locked_by TEXT,
    locked_until %instant,
    dedup_key TEXT,
    progress_done BIGINT NOT NULL,
    progress_total BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    result %json,
    error TEXT,
    created_at %instant NOT NULL,
    finished_at %instant
);;
CREATE UNIQUE INDEX job_dedup_key ON job (dedup_key) WHERE state IN ('queued', 'running') AND dedup_key IS NOT NULL;;
CREATE INDEX job_ready ON job (queue, run_at, id) WHERE state = 'queued';;
CREATE INDEX job_running ON job (locked_until) WHERE state = 'running';;
CREATE INDEX job_isp ON job (isp_id, created_at);;
CREATE TABLE schedule_slot (
    name TEXT NOT NULL,
    slot %instant NOT NULL,
    PRIMARY KEY (name, slot)
);;
CREATE TABLE change_feed (
    seq %serial,
    transaction_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    isp_id %uuid NOT NULL,
    subject_id %uuid NOT NULL,
    at %instant NOT NULL
);;
CREATE INDEX change_feed_transaction ON change_feed (transaction_id);;
CREATE TABLE session (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    nas_id %uuid NOT NULL REFERENCES nas (id),
    customer_id %uuid,
    session_key %bytes NOT NULL CONSTRAINT session_key_key UNIQUE,
    acct_session_id TEXT NOT NULL,
    username TEXT NOT NULL,
    framed_ip TEXT,
    calling_station_id TEXT,
    nas_port_id TEXT,
    nas_address TEXT NOT NULL,
    class %bytes,
    walled BOOLEAN NOT NULL,
    input_octets BIGINT NOT NULL,
    output_octets BIGINT NOT NULL,
    session_time BIGINT NOT NULL,
    started_at %instant NOT NULL,
    updated_at %instant NOT NULL
);;
CREATE INDEX session_isp ON session (isp_id, started_at, id);;
CREATE INDEX session_customer ON session (isp_id, customer_id);;
CREATE INDEX session_nas ON session (nas_id);;
CREATE TABLE session_history (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL,
    nas_id %uuid NOT NULL,
    customer_id %uuid,
    session_key %bytes NOT NULL,
    acct_session_id TEXT NOT NULL,
    username TEXT NOT NULL,
    framed_ip TEXT,
    calling_station_id TEXT,
    nas_port_id TEXT,
    walled BOOLEAN NOT NULL,
    input_octets BIGINT NOT NULL,
    output_octets BIGINT NOT NULL,
    session_time BIGINT NOT NULL,
    started_at %instant NOT NULL,
    stopped_at %instant NOT NULL,
    terminate_cause TEXT NOT NULL,
    presumed BOOLEAN NOT NULL
);;
CREATE INDEX session_history_customer ON session_history (customer_id, stopped_at);;
CREATE INDEX session_history_key ON session_history (session_key, stopped_at);;
CREATE INDEX session_history_isp ON session_history (isp_id, stopped_at);;
CREATE TABLE login_answer (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL,
    nas_id %uuid NOT NULL,
    customer_id %uuid,
    username TEXT NOT NULL,
    calling_station_id TEXT,
    answer TEXT NOT NULL,
    at %instant NOT NULL
);;
CREATE INDEX login_answer_isp ON login_answer (isp_id, at);;
CREATE INDEX login_answer_customer ON login_answer (customer_id, at);;
CREATE TABLE audit_log (
    id %uuid PRIMARY KEY,
    isp_id %uuid,
    tenancy_id %uuid,
    at %instant NOT NULL,
    actor_id %uuid,
    actor_kind TEXT NOT NULL,
    impersonator_id %uuid,
    api_key_id %uuid,
    permission TEXT NOT NULL,
    action TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id %uuid,
    ip TEXT,
    user_agent TEXT,
    request_id TEXT,
    before %json,
    after %json
);;
CREATE INDEX audit_log_isp ON audit_log (isp_id, at, id);;
CREATE INDEX audit_log_resource ON audit_log (resource_id, at);;
CREATE TABLE import_run (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    operator_id %uuid,
    created_by %uuid,
    file_name TEXT NOT NULL,
    format TEXT NOT NULL CHECK (format IN ('csv', 'routeros_export')),
    content %bytes NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('uploaded', 'previewed', 'running', 'done', 'failed')),
    summary %json NOT NULL,
    options %json,
    preview %json,
    token TEXT,
    job_id %uuid,
    created_at %instant NOT NULL,
    finished_at %instant
);;
CREATE INDEX import_run_isp ON import_run (isp_id, created_at);;
CREATE UNIQUE INDEX import_run_running_key ON import_run (isp_id) WHERE state = 'running';;
CREATE TABLE import_row (
    import_id %uuid NOT NULL REFERENCES import_run (id),
    line BIGINT NOT NULL,
    isp_id %uuid NOT NULL,
    username TEXT NOT NULL,
    outcome TEXT NOT NULL,
    customer_number BIGINT,
    reasons %json NOT NULL,
    PRIMARY KEY (import_id, line)
);;
