local wanted, found, start = {}, {}, ARGV[1]
for i = 2, #ARGV do wanted[ARGV[i]] = true end
while true do
  local page = redis.call('XRANGE', KEYS[1], '(' .. start, '+', 'COUNT', 1000)
  for _, entry in ipairs(page) do
    local device, text
    for i = 1, #entry[2], 2 do
      if entry[2][i] == 'd' then device = entry[2][i + 1] end
      if entry[2][i] == 'j' then text = entry[2][i + 1] end
    end
    if wanted[device] and string.find(text, '"vitals"', 1, true) then
      found[#found + 1] = {entry[1], device, text}
    end
  end
  if #page > 0 then start = page[#page][1] end
  if #page < 1000 then return {start, found} end
end
