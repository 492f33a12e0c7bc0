-- ARGV: key, account as it was ('' if there was none), account, which sessions end, entry, kept
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if ARGV[4] ~= 'none' then
  local held = redis.call('HGETALL', KEYS[2])
  for i = 1, #held, 2 do
    local session = cjson.decode(held[i + 1])
    if session.key == ARGV[1] and (ARGV[4] == 'all' or session.kind ~= 'wall') then
      redis.call('HDEL', KEYS[2], held[i])
      redis.call('HDEL', KEYS[3], held[i])
    end
  end
end
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[6], '*', 'e', ARGV[5])
return 1
