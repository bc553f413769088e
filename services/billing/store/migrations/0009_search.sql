-- What makes history and search quick over many months.

-- The counters of the debit side of an account after all transfers until a time: those of the last
-- row that debits it, none when there is none since another time. It looks further and further
-- back, so that the months that it does not need cost nothing, and it is planned once a connection:
-- to plan what looks into all months takes longer than to look. Of null it says nothing.
create function debits_after(of_slot bigint, since_us bigint, until_us bigint)
returns table (pending numeric, posted numeric, version bigint)
language plpgsql stable strict rows 1 set plan_cache_mode = force_generic_plan as $$
declare
  before_us bigint := until_us + 1;
  span_us bigint := 2678400000000;
  from_us bigint;
begin
  while before_us > since_us loop
    from_us := greatest(before_us - span_us, since_us);
    return query select debit_pending_after, debit_posted_after, debit_version from transfer
      where debit_slot = of_slot and at_us >= from_us and at_us < before_us
      order by at_us desc limit 1;
    exit when found;
    before_us := from_us;
    span_us := span_us * 4;
  end loop;
end
$$;

-- The same of the credit side.
create function credits_after(of_slot bigint, since_us bigint, until_us bigint)
returns table (pending numeric, posted numeric, version bigint)
language plpgsql stable strict rows 1 set plan_cache_mode = force_generic_plan as $$
declare
  before_us bigint := until_us + 1;
  span_us bigint := 2678400000000;
  from_us bigint;
begin
  while before_us > since_us loop
    from_us := greatest(before_us - span_us, since_us);
    return query select credit_pending_after, credit_posted_after, credit_version from transfer
      where credit_slot = of_slot and at_us >= from_us and at_us < before_us
      order by at_us desc limit 1;
    exit when found;
    before_us := from_us;
    span_us := span_us * 4;
  end loop;
end
$$;

-- Some of the times of the transfers with some user data, of a stretch of time, in no order; of any
-- reason where none is given. The index of user data is one that the planner thinks little of, since
-- it can't know how much it leaves out: without these settings all rows would be read, by all cores.
create function times_with(of_user_data uuid, of_code integer, from_us bigint, before_us bigint, most bigint)
returns setof bigint language plpgsql stable
set plan_cache_mode = force_custom_plan
set enable_seqscan = off set enable_indexscan = off set max_parallel_workers_per_gather = 0 as $$
begin
  return query select at_us from transfer
    where user_data = of_user_data and (of_code is null or code = of_code)
      and at_us >= from_us and at_us < before_us
    limit most;
end
$$;

-- Finds transfers by their references. It has hashes, since references may be long.
create index transfer_by_reference on transfer_reference (hashtextextended(reference, 0), at_us);
