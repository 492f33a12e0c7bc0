local found, start = {}, ARGV[2]
while true do
  local page = redis.call('XRANGE', KEYS[1], start, ARGV[3], 'COUNT', 1000)
  for _, entry in ipairs(page) do
    for i = 1, #entry[2], 2 do
      if entry[2][i] == 'd' and entry[2][i + 1] == ARGV[1] then
        found[#found + 1] = entry[2]
        break
      end
    end
  end
  if #page < 1000 then return found end
  start = '(' .. page[#page][1]
end
