-- An order that loses nothing by a prevented trade keeps its hold, that for a linked pair too: such a
-- row comes with -1.
create or replace function engine_changed_orders(
  ids uuid[], states order_state[], prices integer[], reserve_prices integer[],
  stop_prices integer[], all_lots_more bigint[], remainings bigint[], all_filled_lots bigint[],
  all_filled_units bigint[], all_taker_lots bigint[], all_taker_units bigint[],
  all_prevented_more bigint[], hold_steps integer[], all_releases integer[], seqs bigint[],
  updated_ats_ms bigint[], fees_minor numeric[], helds_minor numeric[], reasons text[]
) returns void language plpgsql
set plan_cache_mode = force_generic_plan set enable_hashjoin = off set enable_mergejoin = off
set enable_seqscan = off as $$
declare
  changed integer;
begin
  update orders set state = coalesce(now.state, orders.state), price = now.price,
      reserve_price = now.reserve_price,
      stop_price = case when now.stop_price < 0 then orders.stop_price else now.stop_price end,
      lots = orders.lots + now.lots_more, remaining = now.remaining, filled_lots = now.filled_lots,
      filled_units = now.filled_units, taker_lots = now.taker_lots,
      taker_units = now.taker_units,
      prevented_lots = orders.prevented_lots + now.prevented_more,
      hold_step = greatest(orders.hold_step, now.hold_step), releases = now.releases,
      seq = now.seq, updated_ms = now.updated_ms, fee_minor = now.fee_minor,
      held_minor = case when now.held_minor < 0 then orders.held_minor else now.held_minor end,
      reason = now.reason
    from (select
      unnest(ids) as id, unnest(states) as state, unnest(prices) as price,
      unnest(reserve_prices) as reserve_price, unnest(stop_prices) as stop_price,
      unnest(all_lots_more) as lots_more, unnest(remainings) as remaining,
      unnest(all_filled_lots) as filled_lots, unnest(all_filled_units) as filled_units,
      unnest(all_taker_lots) as taker_lots, unnest(all_taker_units) as taker_units,
      unnest(all_prevented_more) as prevented_more, unnest(hold_steps) as hold_step,
      unnest(all_releases) as releases, unnest(seqs) as seq, unnest(updated_ats_ms) as updated_ms,
      unnest(fees_minor) as fee_minor, unnest(helds_minor) as held_minor,
      unnest(reasons) as reason
    ) now
    where orders.id = now.id;
  get diagnostics changed = row_count;
  if changed <> cardinality(ids) then
    raise exception 'Only % of % changed orders are stored.', changed, cardinality(ids)
      using errcode = 'MZ002';
  end if;
end
$$;
