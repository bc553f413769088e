-- The clock of the books, in microseconds since 1970.
create function ledger_now_us() returns bigint language sql volatile as $$
  select (extract(epoch from clock_timestamp()) * 1000000)::bigint
$$;

-- Stores what one commit of the writer has decided, in one round trip and one transaction (WR-4).
-- The fence comes first: a writer that was deposed, or that forgot a commit, changes nothing.
-- Returns the time. The plans are generic, since arrays of any length are met by the same ones.
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
  ) select * from unnest(
    seqs, ats_us, debit_slots, credit_slots, debit_versions, credit_versions, pending_seqs, ids,
    user_datas, ledgers, codes, flagses, timeouts, kinds, amounts, debit_pendings, debit_posteds,
    credit_pendings, credit_posteds
  );
  update account set version = now.version, flags = now.flags,
      debits_pending = now.debits_pending, debits_posted = now.debits_posted,
      credits_pending = now.credits_pending, credits_posted = now.credits_posted
    from unnest(
      touched_slots, touched_versions, touched_flags, touched_debits_pending,
      touched_debits_posted, touched_credits_pending, touched_credits_posted
    ) as now (
      slot, version, flags, debits_pending, debits_posted, credits_pending, credits_posted
    )
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
