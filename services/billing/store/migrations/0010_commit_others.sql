-- The rarer parts of a commit: new assets and accounts, references, reverts, burned ids, replies to
-- keep, events for the outbox; what administrators ask for, decide and move by hand; monitors.
create function ledger_commit_others(others jsonb) returns void language plpgsql as $$
declare
  by_hand jsonb := others -> 'by_hand';
  monitors jsonb := others -> 'monitors';
  decided_count integer;
begin
  insert into asset (ledger, code, scale)
  select ledger, code, scale from jsonb_populate_recordset(null::asset, others -> 'assets');
  insert into account (
    slot, version, created_at_us, id, user_data, ledger, code, flags,
    debits_pending, debits_posted, credits_pending, credits_posted
  ) select
    slot, version, created_at_us, id, user_data, ledger, code, flags,
    debits_pending, debits_posted, credits_pending, credits_posted
  from jsonb_populate_recordset(null::account, others -> 'accounts');
  insert into transfer_reference (at_us, reference)
  select at_us, reference
  from jsonb_populate_recordset(null::transfer_reference, others -> 'references');
  insert into transfer_revert (original_at_us, at_us)
  select original_at_us, at_us
  from jsonb_populate_recordset(null::transfer_revert, others -> 'reverts');
  insert into transfer_failed (id, at_us, status)
  select id, at_us, status from jsonb_populate_recordset(null::transfer_failed, others -> 'failed');
  insert into idempotency (principal, method, key, hash, code, reply)
  select principal, method, key, hash, code, reply
  from jsonb_populate_recordset(null::idempotency, others -> 'replies');
  insert into outbox (stream, event_id, subject, key, seq, traceparent, payload)
  select stream, event_id, subject, key, seq, traceparent, payload
  from jsonb_populate_recordset(null::outbox, others -> 'events');

  if by_hand is not null then
    insert into approval
      select * from jsonb_populate_recordset(null::approval, by_hand -> 'approvals');
    update approval set state = now.state, decided_by = now.decided_by,
        decided_at_us = now.decided_at_us, transfer_id = now.transfer_id
      from jsonb_populate_recordset(null::approval, by_hand -> 'decisions') now
      where approval.id = now.id;
    get diagnostics decided_count = row_count;
    if decided_count <> jsonb_array_length(by_hand -> 'decisions') then
      raise exception 'An approval that is decided is not there.' using errcode = 'MZ003';
    end if;
    insert into movement
      select * from jsonb_populate_recordset(null::movement, by_hand -> 'movements');
  end if;

  if monitors is not null then
    insert into balance_monitor
      select * from jsonb_populate_recordset(null::balance_monitor, monitors -> 'kept')
      on conflict (id) do update set is_beyond = excluded.is_beyond;
    delete from balance_monitor
      where id in (select ended::uuid from jsonb_array_elements_text(monitors -> 'ended') ended);
  end if;
end
$$;
