CREATE UNIQUE INDEX nas_address_key ON nas (isp_id, address);;
DROP INDEX nas_radsec_identity_key;;
CREATE UNIQUE INDEX nas_radsec_identity_key ON nas (isp_id, radsec_identity);;
ALTER TABLE nas ADD COLUMN claimed_at %instant;;
UPDATE nas SET claimed_at = created_at;;
ALTER TABLE nas_source ADD COLUMN proven_at %instant;;
UPDATE nas_source SET proven_at = message_authenticator_seen_at;;
