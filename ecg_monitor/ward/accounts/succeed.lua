-- The user begins anew; the address only gets this attempt back, or whoever has an account could
-- go on guessing those of others.
redis.call('DEL', KEYS[1])
if redis.call('HINCRBY', KEYS[2], 'n', -1) <= 0 then
  redis.call('DEL', KEYS[2])
else
  redis.call('HDEL', KEYS[2], 'until')
end
return 1
