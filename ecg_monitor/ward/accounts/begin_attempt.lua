-- KEYS: subjects. ARGV: now, longest wait, time to forget, failures without a wait per subject.
local now, wait = tonumber(ARGV[1]), 0
for i, key in ipairs(KEYS) do
  wait = math.max(wait, tonumber(redis.call('HGET', key, 'until') or 0) - now)
end
if wait > 0 then
  return tostring(wait)
end
for i, key in ipairs(KEYS) do
  local over = redis.call('HINCRBY', key, 'n', 1) - tonumber(ARGV[3 + i])
  if over >= 0 then
    local pause = math.min(tonumber(ARGV[2]), 2 ^ math.min(over, 30))
    redis.call('HSET', key, 'until', string.format('%.3f', now + pause))
  end
  redis.call('EXPIRE', key, ARGV[3])
end
return '0'
