/* What must never be, whatever happened: each query counts it, under the words for what it would
   mean. Read by tests/it/payment.rs and by the faults harness (trust/), on both databases. */

-- a payment line is live twice
SELECT COUNT(*) FROM (SELECT payment_line_id FROM batch_line WHERE live
    GROUP BY payment_line_id HAVING COUNT(*) > 1) t;

-- a payment line disagrees with its batches
SELECT COUNT(*) FROM payment_line p
    LEFT JOIN batch_line l ON l.payment_line_id = p.id AND l.live
    WHERE p.state <> CASE WHEN l.id IS NULL THEN 'payable'
          WHEN l.outcome = 'settled' THEN 'paid' ELSE 'in_batch' END
      AND p.state <> 'void' AND NOT (p.state = 'pending' AND l.id IS NULL);

-- a frozen sum is not the sum of its lines
SELECT COUNT(*) FROM batch b WHERE b.state NOT IN ('draft', 'cancelled')
    AND (b.total_fen <> (SELECT COALESCE(SUM(l.amount_fen), 0) FROM batch_line l
           WHERE l.batch_id = b.id AND l.revision = b.revision)
      OR b.line_count <> (SELECT COUNT(*) FROM batch_line l
           WHERE l.batch_id = b.id AND l.revision = b.revision));

-- a draft or cancelled batch holds money
SELECT COUNT(*) FROM batch b JOIN batch_line l ON l.batch_id = b.id AND l.live
    WHERE b.state IN ('draft', 'cancelled');

-- a finished batch waits for the bank
SELECT COUNT(*) FROM batch b JOIN batch_line l ON l.batch_id = b.id
    WHERE b.state IN ('settled', 'closed') AND l.outcome = 'pending';

-- somebody is paid more than granted
SELECT COUNT(*) FROM (SELECT p.person_id, SUM(l.amount_fen) AS paid
       FROM batch_line l JOIN payment_line p ON p.id = l.payment_line_id
       WHERE l.live GROUP BY p.person_id) t
    WHERE t.paid > (SELECT COALESCE(MAX(e.net_fen), 0) FROM entitlement e
       WHERE e.person_id = t.person_id);

-- a budget line is overspent
SELECT COUNT(*) FROM (SELECT b.source, b.payer_division, b.budget_year,
       SUM(l.amount_fen) AS spent FROM batch b
       JOIN batch_line l ON l.batch_id = b.id AND l.live
       GROUP BY b.source, b.payer_division, b.budget_year) t
    WHERE t.spent > (SELECT COALESCE(SUM(a.amount_fen), 0) FROM budget_allocation a
       WHERE a.source = t.source AND a.payer_division = t.payer_division
       AND a.budget_year = t.budget_year);

-- a batch is not where its last step left it
SELECT COUNT(*) FROM batch b WHERE b.state <> (SELECT s.to_state FROM batch_step s
    WHERE s.batch_id = b.id ORDER BY s.id DESC LIMIT 1);

-- a step does not begin where the one before ended
SELECT COUNT(*) FROM batch_step s WHERE s.from_state <> COALESCE((SELECT p.to_state
    FROM batch_step p WHERE p.batch_id = s.batch_id AND p.id < s.id
    ORDER BY p.id DESC LIMIT 1), 'draft');

-- a step is not in the log
SELECT ABS((SELECT COUNT(*) FROM batch_step) - (SELECT COUNT(*) FROM audit_event
    WHERE object_kind = 'batch'
      AND action NOT IN ('batch.file_downloaded', 'batch.accounts_seen')));
