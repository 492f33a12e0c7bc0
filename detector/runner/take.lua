-- Takes a partition over for the caller whose mark is ARGV[1]; returns the epoch. The same caller
-- may ask again (the answer was lost): it then gets the epoch that it has.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  redis.call('INCR', KEYS[1])
  redis.call('SET', KEYS[2], ARGV[1])
end
return tonumber(redis.call('GET', KEYS[1]))
