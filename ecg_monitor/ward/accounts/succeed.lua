-- KEYS as in begin_attempt. ARGV: address, now, how long an address stays known, how many are kept.
-- The user begins anew; the address only gets this attempt back, or whoever has an account could
-- go on guessing those of others.
redis.call('DEL', KEYS[1])
if redis.call('HINCRBY', KEYS[2], 'n', -1) <= 0 then
  redis.call('DEL', KEYS[2])
else
  redis.call('HDEL', KEYS[2], 'until')
end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[3], ARGV[3])
local held, oldest, at = redis.call('HGETALL', KEYS[3]), nil, math.huge
for i = 1, #held, 2 do
  if tonumber(held[i + 1]) < ARGV[2] - ARGV[3] then
    redis.call('HDEL', KEYS[3], held[i])
  elseif tonumber(held[i + 1]) < at then
    oldest, at = held[i], tonumber(held[i + 1])
  end
end
if redis.call('HLEN', KEYS[3]) > tonumber(ARGV[4]) then
  redis.call('HDEL', KEYS[3], oldest)
end
return 1
