CREATE SCHEMA freeradius;;
CREATE TABLE freeradius.radcheck (
    id serial PRIMARY KEY,
    username text NOT NULL DEFAULT '',
    attribute text NOT NULL DEFAULT '',
    op varchar(2) NOT NULL DEFAULT '==',
    value text NOT NULL DEFAULT ''
);;
CREATE INDEX radcheck_username ON freeradius.radcheck (username, attribute);;
CREATE TABLE freeradius.radreply (
    id serial PRIMARY KEY,
    username text NOT NULL DEFAULT '',
    attribute text NOT NULL DEFAULT '',
    op varchar(2) NOT NULL DEFAULT '=',
    value text NOT NULL DEFAULT ''
);;
CREATE INDEX radreply_username ON freeradius.radreply (username, attribute);;
CREATE TABLE freeradius.radgroupcheck (
    id serial PRIMARY KEY,
    groupname text NOT NULL DEFAULT '',
    attribute text NOT NULL DEFAULT '',
    op varchar(2) NOT NULL DEFAULT '==',
    value text NOT NULL DEFAULT ''
);;
CREATE INDEX radgroupcheck_groupname ON freeradius.radgroupcheck (groupname, attribute);;
CREATE TABLE freeradius.radgroupreply (
    id serial PRIMARY KEY,
    groupname text NOT NULL DEFAULT '',
    attribute text NOT NULL DEFAULT '',
    op varchar(2) NOT NULL DEFAULT '=',
    value text NOT NULL DEFAULT ''
);;
CREATE INDEX radgroupreply_groupname ON freeradius.radgroupreply (groupname, attribute);;
CREATE TABLE freeradius.radusergroup (
    id serial PRIMARY KEY,
    username text NOT NULL DEFAULT '',
    groupname text NOT NULL DEFAULT '',
    priority integer NOT NULL DEFAULT 0
);;
CREATE INDEX radusergroup_username ON freeradius.radusergroup (username);;
CREATE TABLE freeradius.nas (
    id serial PRIMARY KEY,
    nasname text NOT NULL,
    shortname text NOT NULL,
    type text NOT NULL DEFAULT 'other',
    ports integer,
    secret text NOT NULL,
    server text,
    community text,
    description text
);;
CREATE INDEX nas_nasname ON freeradius.nas (nasname);;
CREATE TABLE freeradius.nasreload (
    nasipaddress inet PRIMARY KEY,
    reloadtime timestamptz NOT NULL
);;
CREATE TABLE freeradius.radacct (
    radacctid bigserial PRIMARY KEY,
    acctsessionid text NOT NULL,
    acctuniqueid text NOT NULL UNIQUE,
    username text,
    realm text,
    nasipaddress inet NOT NULL,
    nasportid text,
    nasporttype text,
    acctstarttime timestamptz,
    acctupdatetime timestamptz,
    acctstoptime timestamptz,
    acctinterval bigint,
    acctsessiontime bigint,
    acctauthentic text,
    connectinfo_start text,
    connectinfo_stop text,
    acctinputoctets bigint,
    acctoutputoctets bigint,
    calledstationid text,
    callingstationid text,
    acctterminatecause text,
    servicetype text,
    framedprotocol text,
    framedipaddress inet,
    framedipv6address inet,
    framedipv6prefix inet,
    framedinterfaceid text,
    delegatedipv6prefix inet,
    class text
) WITH (fillfactor = 80);;
CREATE INDEX radacct_active_session_idx ON freeradius.radacct (acctuniqueid) WHERE acctstoptime IS NULL;;
CREATE INDEX radacct_active_user_idx ON freeradius.radacct (username) WHERE acctstoptime IS NULL;;
CREATE INDEX radacct_bulk_close ON freeradius.radacct (nasipaddress, acctstarttime) WHERE acctstoptime IS NULL;;
CREATE INDEX radacct_start_user_idx ON freeradius.radacct (acctstarttime, username);;
CREATE TABLE freeradius.radpostauth (
    id bigserial PRIMARY KEY,
    username text NOT NULL,
    pass text,
    reply text,
    calledstationid text,
    callingstationid text,
    authdate timestamptz NOT NULL DEFAULT now(),
    class text,
    nasipaddress inet
);;
CREATE INDEX radpostauth_username_idx ON freeradius.radpostauth (username);;
-- What of the customers stands in the tables above, so that only differences are written.
CREATE TABLE freeradius.mirrored_customer (
    customer_id uuid PRIMARY KEY,
    username text NOT NULL,
    walled boolean NOT NULL,
    fingerprint bytea NOT NULL
);;
-- Sessions and answers that FreeRADIUS wrote and that were not taken over yet.
CREATE TABLE freeradius.radacct_news (
    acctuniqueid text PRIMARY KEY,
    seq bigserial NOT NULL
) WITH (fillfactor = 50);;
CREATE TABLE freeradius.radpostauth_news (id bigint PRIMARY KEY);;
CREATE FUNCTION freeradius.note_radacct() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = freeradius AS $$
BEGIN
    INSERT INTO radacct_news (acctuniqueid) VALUES (NEW.acctuniqueid)
        ON CONFLICT (acctuniqueid) DO UPDATE SET seq = nextval('radacct_news_seq_seq');
    RETURN NULL;
END $$;;
CREATE FUNCTION freeradius.note_radpostauth() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = freeradius AS $$
BEGIN
    INSERT INTO radpostauth_news (id) VALUES (NEW.id);
    RETURN NULL;
END $$;;
-- FreeRADIUS would keep every password that anybody tries, in the clear.
CREATE FUNCTION freeradius.blank_password() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.pass := NULL;
    RETURN NEW;
END $$;;
CREATE TRIGGER radacct_news AFTER INSERT OR UPDATE ON freeradius.radacct
    FOR EACH ROW EXECUTE FUNCTION freeradius.note_radacct();;
CREATE TRIGGER radpostauth_blank BEFORE INSERT OR UPDATE ON freeradius.radpostauth
    FOR EACH ROW EXECUTE FUNCTION freeradius.blank_password();;
CREATE TRIGGER radpostauth_news AFTER INSERT ON freeradius.radpostauth
    FOR EACH ROW EXECUTE FUNCTION freeradius.note_radpostauth();;
GRANT USAGE ON SCHEMA freeradius TO lastmile_platform;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA freeradius TO lastmile_platform;;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA freeradius TO lastmile_platform;;
DO $$
BEGIN
    PERFORM pg_advisory_xact_lock(727101);
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'freeradius') THEN
        -- Roles belong to the whole cluster: another database may make it at this moment.
        BEGIN
            CREATE ROLE freeradius LOGIN NOINHERIT;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END IF;
END $$;;
REVOKE ALL ON FUNCTION freeradius.note_radacct(), freeradius.note_radpostauth() FROM PUBLIC;;
GRANT USAGE ON SCHEMA freeradius TO freeradius;;
GRANT SELECT ON freeradius.radcheck, freeradius.radreply, freeradius.radgroupcheck,
    freeradius.radgroupreply, freeradius.radusergroup, freeradius.nas TO freeradius;;
GRANT SELECT, INSERT, UPDATE ON freeradius.radacct, freeradius.nasreload TO freeradius;;
GRANT INSERT ON freeradius.radpostauth TO freeradius;;
GRANT USAGE ON SEQUENCE freeradius.radacct_radacctid_seq, freeradius.radpostauth_id_seq TO freeradius;;
