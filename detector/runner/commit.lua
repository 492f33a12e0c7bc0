-- ARGV: epoch of the caller, number of the commit, then each command after its number of words.
-- Returns whether the caller is the owner. A commit that comes again (its answer was lost) was
-- carried out when it came first.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local epoch, number = string.match(redis.call('GET', KEYS[2]) or '', '^(%d+)/(%d+)$')
if epoch == ARGV[1] and tonumber(number) >= tonumber(ARGV[2]) then
  return 1
end
local i = 3
while i <= #ARGV do
  local count = tonumber(ARGV[i])
  redis.call(unpack(ARGV, i + 1, i + count))
  i = i + count + 1
end
redis.call('SET', KEYS[2], ARGV[1] .. '/' .. ARGV[2])
return 1
