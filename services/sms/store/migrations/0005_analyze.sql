-- Lets the planner know the tables that have changed much since it looked last. A day begins empty,
-- and what is known of it is soon so wrong that whole days are read for a few rows; the server's
-- own round comes too late for that.
create function analyze_changed() returns int language plpgsql as $$
declare
  changed text;
  looked int := 0;
begin
  for changed in
    select relname from pg_stat_user_tables
    where schemaname = current_schema() and n_mod_since_analyze > greatest(2000, n_live_tup / 4)
    order by n_mod_since_analyze desc limit 8
  loop
    execute format('analyze (skip_locked) %I', changed);
    looked := looked + 1;
  end loop;
  return looked;
end
$$;
