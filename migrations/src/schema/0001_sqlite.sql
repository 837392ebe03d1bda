CREATE TRIGGER posting_insert AFTER INSERT ON posting BEGIN
    UPDATE journal_entry SET imbalance = imbalance + NEW.amount_minor WHERE id = NEW.entry_id;
END;;
CREATE TRIGGER posting_update BEFORE UPDATE ON posting BEGIN
    SELECT RAISE(ABORT, 'postings are never changed: reverse the entry');
END;;
CREATE TRIGGER posting_delete BEFORE DELETE ON posting BEGIN
    SELECT RAISE(ABORT, 'postings are never deleted: reverse the entry');
END;;
CREATE TRIGGER journal_entry_insert BEFORE INSERT ON journal_entry WHEN NEW.imbalance <> 0 BEGIN
    SELECT RAISE(ABORT, 'an entry starts balanced');
END;;
CREATE TRIGGER journal_entry_update BEFORE UPDATE ON journal_entry
WHEN NEW.id <> OLD.id OR NEW.isp_id <> OLD.isp_id OR NEW.cause <> OLD.cause OR NEW.at <> OLD.at
    OR NEW.description <> OLD.description
    OR NEW.imbalance <> (SELECT COALESCE(SUM(amount_minor), 0) FROM posting WHERE entry_id = OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'journal entries are never changed: reverse the entry');
END;;
CREATE TRIGGER journal_entry_delete BEFORE DELETE ON journal_entry BEGIN
    SELECT RAISE(ABORT, 'journal entries are never deleted: reverse the entry');
END;;
CREATE TRIGGER zero_update BEFORE UPDATE ON zero BEGIN
    SELECT RAISE(ABORT, 'zero is zero');
END;;
CREATE TRIGGER zero_delete BEFORE DELETE ON zero BEGIN
    SELECT RAISE(ABORT, 'zero is zero');
END;;
CREATE TRIGGER audit_log_update BEFORE UPDATE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'the audit trail is never changed');
END;;
CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'the audit trail is never deleted');
END;;
