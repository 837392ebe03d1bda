ALTER TABLE realm ADD COLUMN max_waiting_logins BIGINT NOT NULL DEFAULT 128 CHECK (max_waiting_logins BETWEEN 1 AND 256);;
CREATE TABLE realm_counter (
    realm_id %uuid NOT NULL REFERENCES realm (id) ON DELETE CASCADE,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    counter TEXT NOT NULL,
    value BIGINT NOT NULL,
    since %instant NOT NULL,
    updated_at %instant NOT NULL,
    PRIMARY KEY (realm_id, counter)
);;
CREATE INDEX realm_counter_isp ON realm_counter (isp_id, realm_id);;
