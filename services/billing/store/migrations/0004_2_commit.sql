drop function ledger_commit;
drop function ledger_commit_others;

-- Stores what one commit of the writer has decided, in one round trip and one transaction (WR-4).
-- The fence comes first: a writer that was deposed, or that forgot a commit, changes nothing.
-- Returns the time. The plans are generic, since arrays of any length are met by the same ones, and
-- arrays are unnested in the select list, which spares the copy that a function in FROM makes.
create function ledger_commit(
  of_shard integer, of_epoch bigint, lease_us bigint, previous_seq bigint, new_seq bigint,
  new_at_us bigint, event_transfers integer,
  ats_us bigint[], debit_slots bigint[], credit_slots bigint[], debit_versions bigint[],
  credit_versions bigint[], pending_ats_us bigint[], reverts_ats_us bigint[], timeouts bigint[],
  ledgers integer[], codes integer[], flagses integer[], kinds smallint[], ids uuid[],
  user_datas uuid[], amounts numeric[], debit_pendings numeric[], debit_posteds numeric[],
  credit_pendings numeric[], credit_posteds numeric[],
  touched_slots bigint[], touched_versions bigint[], touched_flags integer[],
  touched_debits_pending numeric[], touched_debits_posted numeric[],
  touched_credits_pending numeric[], touched_credits_posted numeric[],
  opened bigint[], closed bigint[], others jsonb,
  told_first bigint, told_last bigint
) returns bigint language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  months_end_us bigint;
  closed_count integer;
begin
  update ledger_shard set last_seq = new_seq, last_at_us = new_at_us,
      lease_until_us = ledger_now_us() + lease_us
    where shard = of_shard and epoch = of_epoch and last_seq = previous_seq
    returning months_until_us into months_end_us;
  if not found then
    raise exception 'Epoch % with seq % is not the writer of shard %.',
      of_epoch, previous_seq, of_shard using errcode = 'MZ001';
  end if;
  if new_at_us >= months_end_us then -- this commit needs it
    update ledger_shard set months_until_us = make_months(months_end_us, new_at_us + 2678400000000)
      where shard = of_shard;
  elsif new_at_us + 2678400000000 > months_end_us then -- later ones do, and try again
    update ledger_shard set months_until_us =
        make_months_unless_locked(months_end_us, new_at_us + 2678400000000)
      where shard = of_shard;
  end if;
  if others is not null then perform ledger_commit_others(others); end if;
  insert into transfer (
    seq, at_us, debit_slot, credit_slot, debit_version, credit_version, pending_at_us,
    reverts_at_us, timeout_seconds, ledger, code, flags, kind, id, user_data, amount,
    debit_pending_after, debit_posted_after, credit_pending_after, credit_posted_after
  ) select
    generate_series(previous_seq + 1, new_seq), unnest(ats_us), unnest(debit_slots),
    unnest(credit_slots), unnest(debit_versions), unnest(credit_versions),
    unnest(pending_ats_us), unnest(reverts_ats_us), unnest(timeouts), unnest(ledgers),
    unnest(codes), unnest(flagses), unnest(kinds), unnest(ids), unnest(user_datas),
    unnest(amounts), unnest(debit_pendings), unnest(debit_posteds), unnest(credit_pendings),
    unnest(credit_posteds);
  insert into transfer_id (id, at_us) select unnest(ids), unnest(ats_us);
  update account set version = now.version, flags = now.flags,
      debits_pending = now.debits_pending, debits_posted = now.debits_posted,
      credits_pending = now.credits_pending, credits_posted = now.credits_posted
    from (select
      unnest(touched_slots) as slot, unnest(touched_versions) as version,
      unnest(touched_flags) as flags, unnest(touched_debits_pending) as debits_pending,
      unnest(touched_debits_posted) as debits_posted,
      unnest(touched_credits_pending) as credits_pending,
      unnest(touched_credits_posted) as credits_posted
    ) now
    where account.slot = now.slot;
  if cardinality(opened) > 0 then insert into pending_open select unnest(opened); end if;
  if cardinality(closed) > 0 then
    delete from pending_open where at_us = any (closed);
    get diagnostics closed_count = row_count;
    if closed_count <> cardinality(closed) then
      raise exception 'Only % of % pending transfers are open.', closed_count, cardinality(closed)
        using errcode = 'MZ002'; -- none is resolved twice, in whatever month (TRF-3)
    end if;
  end if;
  insert into ledger_commit (first_seq, last_seq, at_us, epoch, first_slot, last_slot)
    select first, last, ats_us[last - previous_seq], of_epoch,
        case when first = previous_seq + 1 then told_first end,
        case when first = previous_seq + 1 then told_last end
      from generate_series(previous_seq + 1, new_seq, event_transfers) first,
        least(first + event_transfers - 1, new_seq) last;
  return ledger_now_us();
end
$$;
