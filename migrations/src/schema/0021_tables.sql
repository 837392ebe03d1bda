-- How many customers an ISP's runs cut on each of its days.
CREATE TABLE expiry_day (
    isp_id %uuid NOT NULL REFERENCES isp (id),
    day %date NOT NULL,
    cut BIGINT NOT NULL CHECK (cut >= 0),
    PRIMARY KEY (isp_id, day)
);;
-- Since when cuts wait for a person, and how many they are.
ALTER TABLE isp_settings ADD COLUMN cuts_held_since %instant;;
ALTER TABLE isp_settings ADD COLUMN cuts_held BIGINT NOT NULL DEFAULT 0;;
