CREATE TABLE payment_reference (
    isp_id %uuid NOT NULL REFERENCES isp (id),
    method TEXT NOT NULL,
    reference_key TEXT NOT NULL,
    payment_id %uuid NOT NULL REFERENCES payment (id),
    PRIMARY KEY (isp_id, method, reference_key)
);;
INSERT INTO payment_reference (isp_id, method, reference_key, payment_id)
    SELECT isp_id, method, LOWER(REPLACE(reference, ' ', '')), id FROM payment
    WHERE reference IS NOT NULL AND TRIM(reference) <> ''
    AND method IN ('mobile_money', 'bank_transfer', 'card') ORDER BY id
    ON CONFLICT DO NOTHING;;
