-- KEYS: failures of the user, of the address; addresses from which the user has signed in.
-- ARGV: now, longest wait, time to forget, failures without a wait (of the user at this address, of
-- the address, of the user elsewhere), address, failures of one address that count elsewhere.
local now, place = tonumber(ARGV[1]), ARGV[7]
local known = redis.call('HEXISTS', KEYS[3], place) == 1
-- Key, what its fields end with, failures without a wait.
local counts = {{KEYS[1], '|' .. place, ARGV[4]}, {KEYS[2], '', ARGV[5]}}
if not known then
  local here = tonumber(redis.call('HGET', KEYS[1], 'n|' .. place) or 0)
  if here < tonumber(ARGV[8]) then
    counts[3] = {KEYS[1], '', ARGV[6]}
  end
end
local wait = 0
for _, one in ipairs(counts) do
  wait = math.max(wait, tonumber(redis.call('HGET', one[1], 'until' .. one[2]) or 0) - now)
end
if not known then
  wait = math.max(wait, tonumber(redis.call('HGET', KEYS[1], 'until') or 0) - now)
end
if wait > 0 then
  return tostring(wait)
end
for _, one in ipairs(counts) do
  local over = redis.call('HINCRBY', one[1], 'n' .. one[2], 1) - tonumber(one[3])
  if over >= 0 then
    local pause = math.min(tonumber(ARGV[2]), 2 ^ math.min(over, 30))
    redis.call('HSET', one[1], 'until' .. one[2], string.format('%.3f', now + pause))
  end
  redis.call('EXPIRE', one[1], ARGV[3])
end
return '0'
