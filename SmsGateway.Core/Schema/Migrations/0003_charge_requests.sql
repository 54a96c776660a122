-- The names (X-Request-ID) under which callers have asked for top-ups, and a fingerprint of what they asked for: so that a name is good for one request,
-- whichever account and reference it names. A row is written with the ledger row, both or neither. Only adds; the version before goes on without it.
CREATE TABLE charge_requests (
  user_id      bigint NOT NULL REFERENCES accounts,
  request_id   text NOT NULL,
  fingerprint  text NOT NULL,
  ledger_id    bigint NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, request_id)
);
