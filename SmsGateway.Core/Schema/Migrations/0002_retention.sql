-- What leaves sms_messages by retention. Guarantees: what the messages of a retired range have cost and given back stays known to the unit, so
-- that the audit is exact whether the partition is attached, half-way out or gone; and nothing is written into a retired range any more.

-- The creation time that an id holds (UUIDv7).
CREATE FUNCTION sms_created_at(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0);

-- The partitions with their half-open ranges, also while one is half-way out.
CREATE VIEW sms_partitions AS
SELECT name, oid, bounds[1]::timestamptz AS starts_at, bounds[2]::timestamptz AS ends_at, detach_pending
  FROM (SELECT c.relname::text AS name, c.oid, i.inhdetachpending AS detach_pending,
               regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''(.+?)''\) TO \(''(.+?)''\)') AS bounds
          FROM pg_inherits i
          JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'sms_messages'::regclass) AS partition;

-- out_at: when the table had left sms_messages and was archived or dropped; until then its rows may still be seen there, and are not counted there.
CREATE TABLE retired_partitions (
  name            text PRIMARY KEY,
  starts_at       timestamptz NOT NULL,
  ends_at         timestamptz NOT NULL,
  archive_schema  text,
  retired_at      timestamptz NOT NULL DEFAULT now(),
  out_at          timestamptz,
  CHECK (ends_at > starts_at),
  EXCLUDE USING gist (tstzrange(starts_at, ends_at) WITH &&)
);

-- Minor units. Written once, in the transaction that retires the partition.
CREATE TABLE retired_usage (
  name      text NOT NULL REFERENCES retired_partitions,
  user_id   bigint NOT NULL,
  messages  bigint NOT NULL CHECK (messages > 0),
  cost      bigint NOT NULL CHECK (cost > 0),
  refunded  bigint NOT NULL CHECK (refunded BETWEEN 0 AND cost),
  PRIMARY KEY (name, user_id)
);

-- The trigger of a partition that is being retired. Ingest sets such a message aside and pays it back, as it does with all that the database refuses.
CREATE FUNCTION refuse_retired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the messages of this time are retired' USING ERRCODE = 'check_violation', CONSTRAINT = 'retired';
END
$$;
