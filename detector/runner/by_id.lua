-- ARGV: ids of entries of the stream KEYS[1]. Returns the fields of those that are still there.
local found = {}
for _, id in ipairs(ARGV) do
  local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
  if entry then
    found[#found + 1] = entry[2]
  end
end
return found
