-- Odoo runs this when a database is neutralised (`odoo neutralize`, or a duplicate marked as such).
-- The log says that it happened: from then on every release given before is void, and production is ruled out.
WITH told AS (
    SELECT date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC') + interval '1 second' AS at,
        format('{"items":%s,"payloads":%s}', (SELECT count(*) FROM fin_item WHERE purge_id IS NULL),
            (SELECT count(*) FROM fin_payload WHERE purge_id IS NULL)) AS facts
),
written AS (
    SELECT at, facts, format(
        '{"actor":"neutralize.sql","at":"%sZ","code":"fin.database.neutralise","facts":%s,"subject":["fin.database",%s]}',
        to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS'), facts, to_json(current_database()::text)) AS content
    FROM told
)
INSERT INTO fin_audit_event (at, code, actor, subject_model, subject_key, facts, content, digest)
SELECT at, 'fin.database.neutralise', 'neutralize.sql', 'fin.database', current_database(), facts, content,
    encode(sha256(convert_to(content, 'UTF8')), 'hex')
FROM written;

-- Contents go the one way that the triggers allow: emptied, under a certificate. The bytes of payloads lie in files, so
-- they cannot be reached from here: what is certified is not opened any more, and is removed when Odoo next loads the
-- database (fin.payload._register_hook), or by its vacuum.
INSERT INTO fin_purge (name, at, kind, company_id, rule, payload_count, item_count, totals, digest)
SELECT 'NEUTRALISED-' || c.id || '-' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS'),
    clock_timestamp() AT TIME ZONE 'UTC', 'neutralise', c.id, 'neutralize.sql',
    (SELECT count(*) FROM fin_payload p WHERE p.company_id = c.id AND p.purge_id IS NULL),
    (SELECT count(*) FROM fin_item i WHERE i.company_id = c.id AND i.purge_id IS NULL),
    NULL,
    (SELECT encode(sha256(convert_to(COALESCE(string_agg(i.digest, '' ORDER BY i.id), ''), 'UTF8')), 'hex')
        FROM fin_item i WHERE i.company_id = c.id AND i.purge_id IS NULL)
FROM res_company c;

UPDATE fin_item i
   SET content = '{}', mapped_values = NULL,
       purge_id = (SELECT max(g.id) FROM fin_purge g WHERE g.company_id = i.company_id AND g.kind = 'neutralise')
 WHERE purge_id IS NULL;

UPDATE fin_payload p
   SET name = 'purged ' || uid,
       purge_id = (SELECT max(g.id) FROM fin_purge g WHERE g.company_id = p.company_id AND g.kind = 'neutralise')
 WHERE purge_id IS NULL;
UPDATE fin_payload SET name = 'purged ' || uid WHERE name <> 'purged ' || uid;

-- What people and errors have written beside them.
UPDATE fin_exception SET text = code, facts = NULL, reason = NULL;
UPDATE fin_run SET last_error = NULL WHERE last_error IS NOT NULL;
UPDATE fin_attempt SET rejects = NULL WHERE rejects IS NOT NULL;
UPDATE fin_connection SET last_test = NULL;
UPDATE mail_tracking_value SET old_value_text = NULL, new_value_text = NULL
 WHERE mail_message_id IN (SELECT id FROM mail_message WHERE model IN ('fin.exception', 'fin.run'));
UPDATE mail_message SET body = NULL, subject = NULL WHERE model IN ('fin.exception', 'fin.run');
UPDATE mail_activity SET summary = NULL, note = NULL, feedback = NULL WHERE res_model IN ('fin.exception', 'fin.run');

-- Secrets are encrypted under a key outside the database; a copy does not even keep the ciphertext.
UPDATE fin_secret SET token = NULL;

-- Bank accounts and addresses of partners, and what banks told about counterparties.
UPDATE res_partner_bank
   SET acc_number = 'MASKED' || lpad(id::text, 10, '0'), sanitized_acc_number = 'MASKED' || lpad(id::text, 10, '0'),
       acc_holder_name = NULL, clearing_number = NULL, note = NULL, allow_out_payment = FALSE;
UPDATE res_partner
   SET street = NULL, street2 = NULL, zip = NULL, city = NULL, phone = NULL, partner_latitude = NULL,
       partner_longitude = NULL,
       email = CASE WHEN email IS NULL THEN NULL ELSE 'masked-' || id || '@example.invalid' END,
       email_normalized = CASE WHEN email IS NULL THEN NULL ELSE 'masked-' || id || '@example.invalid' END;
UPDATE account_bank_statement_line SET account_number = NULL, partner_name = NULL, transaction_details = NULL;
