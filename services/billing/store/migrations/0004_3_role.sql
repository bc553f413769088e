-- What the service may do with its database: everything that it does, and nothing to what was
-- written for ever (TRF-5, L1, L19). The role belongs to the whole server; who may not make it finds
-- it made, by an operator or by a migration of another database at the same time.
do $$
begin
  if to_regrole('mizan_billing') is null then
    create role mizan_billing nologin;
    grant mizan_billing to current_user;
  end if;
exception when duplicate_object or unique_violation then null;
end
$$;
grant usage on schema public to mizan_billing;
grant select, insert, update, delete on all tables in schema public to mizan_billing;
grant usage, select on all sequences in schema public to mizan_billing;
-- Later migrations have nothing to say about it.
alter default privileges in schema public grant select, insert, update, delete on tables to mizan_billing;
alter default privileges in schema public grant usage, select on sequences to mizan_billing;
revoke insert, update, delete on migration from mizan_billing;
-- Old days of events are emptied as a whole (O7).
grant truncate on outbox_0, outbox_1, outbox_2, outbox_3, inbox_0, inbox_1, inbox_2, inbox_3,
  inbox_4, inbox_5, inbox_6, inbox_7 to mizan_billing;

-- Makes the rows of a table append-only: no right to change them, and a trigger that also those
-- with all rights meet.
create or replace function make_append_only(of_table regclass) returns void language plpgsql as $$
begin
  execute format('revoke update, delete, truncate on %s from mizan_billing', of_table);
  execute format('create or replace trigger append_only before update or delete or truncate on %s
    for each statement execute function refuse_change()', of_table);
end
$$;
select make_append_only(name::regclass) from unnest(array[
  'transfer', 'transfer_id', 'transfer_reference', 'transfer_revert', 'transfer_failed',
  'ledger_commit'
]) name;
select make_append_only(inhrelid::regclass) from pg_inherits where inhparent = 'transfer'::regclass;

-- The service makes months by its commits, as the one who may make tables; nobody can slip tables
-- of the same name in.
alter function make_months security definer set search_path = public, pg_temp;
alter function make_months_unless_locked security definer set search_path = public, pg_temp;
revoke execute on function make_months, make_months_unless_locked, make_append_only from public;
grant execute on function make_months, make_months_unless_locked to mizan_billing;
