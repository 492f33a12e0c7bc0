-- Gives a server its place ARGV[1] in KEYS[1], unless it has one, or a key KEYS[2..] that belongs to
-- another. Returns the place that it has then, or nothing, and the first such key.
local held = redis.call('GET', KEYS[1])
if held then return {held, ''} end
for i = 2, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then return {false, KEYS[i]} end
end
redis.call('SET', KEYS[1], ARGV[1])
return {ARGV[1], ''}
