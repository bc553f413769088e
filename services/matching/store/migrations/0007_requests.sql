-- Requests that have changed something, stored with what they have led to: one that comes again after
-- its answer was lost has no second effect (L6).
create table changed_request (
  -- derived from who has asked, by which method, and the key
  id uuid primary key,
  -- of what was asked
  hash bytea not null,
  -- the order that was changed; null for what concerns many
  order_id uuid,
  -- how many orders have ended by it
  ended integer not null,
  at_ms bigint not null
) with (autovacuum_vacuum_scale_factor = 0.02);
create index changed_request_by_time on changed_request using brin (at_ms);

create function engine_changed_requests(
  ids uuid[], hashes bytea[], order_ids uuid[], all_ended integer[], ats_ms bigint[]
) returns void language sql as $$
  insert into changed_request (id, hash, order_id, ended, at_ms)
    select unnest(ids), unnest(hashes), unnest(order_ids), unnest(all_ended), unnest(ats_ms)
    on conflict do nothing
$$;
