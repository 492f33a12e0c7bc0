if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local i = 2
while i <= #ARGV do
  local count = tonumber(ARGV[i])
  redis.call(unpack(ARGV, i + 1, i + count))
  i = i + count + 1
end
return 1
