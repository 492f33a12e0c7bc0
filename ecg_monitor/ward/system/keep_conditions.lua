local present = {}
local after = 4 + 2 * ARGV[3]
for i = 4, after - 1, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  present[ARGV[i]] = true
end
local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
local last = newest[1] and tonumber(string.match(newest[1][1], '^%d+')) or 0
for i = after, #ARGV, 3 do
  if tonumber(ARGV[i]) > last then
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], ARGV[i] .. '-0',
      'what', ARGV[i + 1], 'e', ARGV[i + 2])
  end
end
for _, kind in ipairs(redis.call('HKEYS', KEYS[1])) do
  if not present[kind] then redis.call('HDEL', KEYS[1], kind) end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
