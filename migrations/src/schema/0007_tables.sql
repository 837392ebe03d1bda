ALTER TABLE nas ADD COLUMN radsec_identity TEXT;;
CREATE UNIQUE INDEX nas_radsec_identity_key ON nas (radsec_identity);;
CREATE TABLE realm (
    id %uuid PRIMARY KEY,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    name TEXT NOT NULL,
    position TEXT NOT NULL CHECK (position IN ('suffix', 'prefix')),
    strip BOOLEAN NOT NULL,
    authentication BOOLEAN NOT NULL,
    accounting BOOLEAN NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
    created_at %instant NOT NULL,
    updated_at %instant NOT NULL,
    CONSTRAINT realm_name_key UNIQUE (isp_id, name),
    CONSTRAINT realm_isp_key UNIQUE (isp_id, id)
);;
CREATE TABLE home_server (
    realm_id %uuid NOT NULL,
    isp_id %uuid NOT NULL REFERENCES isp (id),
    rank BIGINT NOT NULL,
    address TEXT NOT NULL,
    auth_port BIGINT NOT NULL CHECK (auth_port BETWEEN 1 AND 65535),
    acct_port BIGINT NOT NULL CHECK (acct_port BETWEEN 1 AND 65535),
    secret %bytes NOT NULL,
    require_message_authenticator BOOLEAN NOT NULL,
    PRIMARY KEY (realm_id, rank),
    CONSTRAINT home_server_realm_fkey FOREIGN KEY (isp_id, realm_id) REFERENCES realm (isp_id, id) ON DELETE CASCADE
);;
CREATE INDEX home_server_isp ON home_server (isp_id, realm_id);;
