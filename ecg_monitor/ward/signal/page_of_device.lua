local page = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[3], 'COUNT', ARGV[4])
local found = {}
for _, entry in ipairs(page) do
  local device, payload
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'd' then device = entry[2][i + 1] end
    if entry[2][i] == 'p' then payload = entry[2][i + 1] end
  end
  if device == ARGV[1] then found[#found + 1] = payload end
end
local last = false
if #page == tonumber(ARGV[4]) then last = page[#page][1] end
return {last, found}
