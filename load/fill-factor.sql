-- What the fill factor of a partition does to status updates. Needs a database with the gateway's schema and the right to make tables:
--   psql "$DATABASE" -v rows=300000 -f load/fill-factor.sql
-- For each fill factor: rows come in batches of 5,000, as ingest writes them; a batch becomes `sent` when the next one is there, and `delivered` three
-- batches later, each batch by one statement of its own transaction. Then: share of updates that were HOT, time of all updates, size in the end.
\set QUIET on
\if :{?rows} \else \set rows 300000 \endif
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS fill_factor CASCADE;
CREATE SCHEMA fill_factor;
SET search_path = fill_factor, public;
CREATE TABLE result (fill_factor int, updates_s numeric, inserts_s numeric);

CREATE PROCEDURE measure(fill int, rows int) LANGUAGE plpgsql AS $$
DECLARE
  batch constant int := 5000;
  started timestamptz;
  inserting interval := '0';
  updating interval := '0';
BEGIN
  EXECUTE format('CREATE TABLE fill_%s (LIKE public.sms_messages INCLUDING ALL) WITH (fillfactor = %s, autovacuum_enabled = off)', fill, fill);
  COMMIT;
  FOR n IN 0 .. rows / batch + 3 LOOP
    started := clock_timestamp();
    IF n < rows / batch THEN
      EXECUTE format(
        $i$INSERT INTO fill_%s (id, created_at, user_id, cost, valid_until, priority, encoding, segments, recipient, body, client_reference)
           SELECT (lpad(to_hex(i), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4, 15))::uuid,
                  '2026-01-01'::timestamptz + i * interval '1 ms', i %% 1000, 1000, '2026-01-03', 'normal', 'GSM-7', 1, '+4917012' || lpad((i %% 100000)::text, 5, '0'),
                  repeat('Your code is 123456. ', 1 + i %% 7), 'order-' || i
             FROM generate_series(%s, %s) AS i$i$, fill, n * batch, (n + 1) * batch - 1);
      COMMIT;
      inserting := inserting + (clock_timestamp() - started);
    END IF;
    started := clock_timestamp();
    EXECUTE format($u$UPDATE fill_%s SET state = 'sent', sent_at = now(), provider = 'simulator', provider_message_id = 'SM0123456789abcdef0123456789abcdef', attempts = 1
                       WHERE created_at >= '2026-01-01'::timestamptz + %s * interval '1 ms' AND created_at < '2026-01-01'::timestamptz + %s * interval '1 ms'
                         AND id >= (lpad(to_hex(%s), 12, '0') || repeat('0', 20))::uuid AND id < (lpad(to_hex(%s), 12, '0') || repeat('0', 20))::uuid$u$,
                   fill, (n - 1) * batch, n * batch, greatest(0, (n - 1) * batch), n * batch);
    COMMIT;
    EXECUTE format($u$UPDATE fill_%s SET state = 'delivered', finished_at = now()
                       WHERE created_at >= '2026-01-01'::timestamptz + %s * interval '1 ms' AND created_at < '2026-01-01'::timestamptz + %s * interval '1 ms'
                         AND id >= (lpad(to_hex(%s), 12, '0') || repeat('0', 20))::uuid AND id < (lpad(to_hex(%s), 12, '0') || repeat('0', 20))::uuid$u$,
                   fill, (n - 4) * batch, (n - 3) * batch, greatest(0, (n - 4) * batch), greatest(0, (n - 3) * batch));
    COMMIT;
    updating := updating + (clock_timestamp() - started);
  END LOOP;
  INSERT INTO result VALUES (fill, extract(epoch FROM updating), extract(epoch FROM inserting));
  COMMIT;
END
$$;

CALL measure(100, :rows);
CALL measure(85, :rows);
CALL measure(70, :rows);
CALL measure(60, :rows);
CALL measure(50, :rows);
CALL measure(40, :rows);
CALL measure(30, :rows);
-- The session's counters are on their way to the statistics for up to a second.
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT fill_factor, round(100.0 * n_tup_hot_upd / n_tup_upd, 1) AS hot_percent, round(updates_s, 2) AS updates_s, round(inserts_s, 2) AS inserts_s,
       pg_size_pretty(pg_relation_size(relid)) AS heap, pg_size_pretty(pg_indexes_size(relid)) AS indexes, n_dead_tup AS dead
  FROM result JOIN pg_stat_user_tables ON relname = 'fill_' || fill_factor AND schemaname = 'fill_factor' ORDER BY 1 DESC;
DROP SCHEMA fill_factor CASCADE;
