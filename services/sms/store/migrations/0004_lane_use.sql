-- When a lane of a provider was used last: what the others leave to it goes by that (LANE-2).
create table lane_use (
  provider text not null,
  lane lane not null,
  used_at timestamptz not null,
  primary key (provider, lane)
) with (fillfactor = 50);
