-- KEYS[1]: what the cluster says of itself. ARGV[1]: its id. Another's is left as it is.
if redis.call('HGET', KEYS[1], 'id') == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return 1
