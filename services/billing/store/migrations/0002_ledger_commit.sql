-- The clock of the books, in microseconds since 1970.
create function ledger_now_us() returns bigint language sql volatile as $$
  select (extract(epoch from clock_timestamp()) * 1000000)::bigint
$$;

-- Stores what one commit of the writer has decided, in one round trip and one transaction (WR-4).
-- The fence comes first: a writer that was deposed, or that forgot a commit, changes nothing.
-- Returns the time. The plans are generic, since arrays of any length are met by the same ones, and
-- arrays are unnested in the select list, which spares the copy that a function in FROM makes.
create function ledger_commit(
  of_shard integer, of_epoch bigint, previous_seq bigint, new_seq bigint, new_at_us bigint,
  event_transfers integer,
  seqs bigint[], ats_us bigint[], debit_slots bigint[], credit_slots bigint[],
  debit_versions bigint[], credit_versions bigint[], pending_seqs bigint[], ids uuid[],
  user_datas uuid[], ledgers integer[], codes integer[], flagses integer[], timeouts bigint[],
  kinds smallint[], amounts numeric[], debit_pendings numeric[], debit_posteds numeric[],
  credit_pendings numeric[], credit_posteds numeric[],
  touched_slots bigint[], touched_versions bigint[], touched_flags integer[],
  touched_debits_pending numeric[], touched_debits_posted numeric[],
  touched_credits_pending numeric[], touched_credits_posted numeric[],
  opened bigint[], closed bigint[], others jsonb
) returns bigint language plpgsql set plan_cache_mode = force_generic_plan as $$
begin
  update ledger_shard set last_seq = new_seq, last_at_us = new_at_us
    where shard = of_shard and epoch = of_epoch and last_seq = previous_seq;
  if not found then
    raise exception 'Epoch % with seq % is not the writer of shard %.',
      of_epoch, previous_seq, of_shard using errcode = 'MZ001';
  end if;
  if others is not null then perform ledger_commit_others(others); end if;
  insert into transfer (
    seq, at_us, debit_slot, credit_slot, debit_version, credit_version, pending_seq, id,
    user_data, ledger, code, flags, timeout_seconds, kind, amount, debit_pending_after,
    debit_posted_after, credit_pending_after, credit_posted_after
  ) select
    unnest(seqs), unnest(ats_us), unnest(debit_slots), unnest(credit_slots),
    unnest(debit_versions), unnest(credit_versions), unnest(pending_seqs), unnest(ids),
    unnest(user_datas), unnest(ledgers), unnest(codes), unnest(flagses), unnest(timeouts),
    unnest(kinds), unnest(amounts), unnest(debit_pendings), unnest(debit_posteds),
    unnest(credit_pendings), unnest(credit_posteds);
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
  if cardinality(closed) > 0 then delete from pending_open where seq = any (closed); end if;
  insert into ledger_commit (first_seq, last_seq, at_us)
    select first, last, ats_us[last - previous_seq]
      from generate_series(previous_seq + 1, new_seq, event_transfers) first,
        least(first + event_transfers - 1, new_seq) last;
  return ledger_now_us();
end
$$;

-- The rarer part of a commit: new accounts, references, burned ids, and replies to keep.
create function ledger_commit_others(others jsonb) returns void language sql as $$
  insert into account (
    slot, version, created_at_us, id, user_data, ledger, code, flags,
    debits_pending, debits_posted, credits_pending, credits_posted
  ) select
    slot, version, created_at_us, id, user_data, ledger, code, flags,
    debits_pending, debits_posted, credits_pending, credits_posted
  from jsonb_populate_recordset(null::account, others -> 'accounts');
  insert into transfer_reference (seq, reference)
  select seq, reference from jsonb_populate_recordset(null::transfer_reference, others -> 'references');
  insert into transfer_failed (id, at_us, status)
  select id, at_us, status from jsonb_populate_recordset(null::transfer_failed, others -> 'failed');
  insert into idempotency (principal, method, key, hash, code, reply)
  select principal, method, key, hash, code, reply
  from jsonb_populate_recordset(null::idempotency, others -> 'replies');
$$;
