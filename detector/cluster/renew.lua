-- KEYS[1]: what the cluster says of itself. ARGV: its id, how long that holds (ms), fields and values.
-- Returns whether it is this cluster's; another's is left as it is.
local id = redis.call('HGET', KEYS[1], 'id')
if id and id ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'id', ARGV[1], unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
