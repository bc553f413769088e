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

-- Finds transfers by their references. It has hashes, since references may be long.
create index transfer_by_reference on transfer_reference (hashtextextended(reference, 0), at_us);
