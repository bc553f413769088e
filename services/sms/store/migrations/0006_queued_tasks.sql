-- What waits in a lane, the oldest first: how long it has waited is looked at every few seconds, and
-- must not cost more the more there is.
create index task_queued on task (lane, id) where stage = 'QUEUED';
