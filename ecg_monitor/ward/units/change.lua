-- KEYS: units, beds, people, version, audit trail.
-- ARGV: which of the first three is changed; entries kept; most units; JSON list of the units that
-- must be there; then for each field: its name, what it was and what it is to be ('' for nothing),
-- entry of the trail. All of it is done, or nothing.
local hash, kept = KEYS[tonumber(ARGV[1])], ARGV[2]
for _, unit in ipairs(cjson.decode(ARGV[4])) do
  if redis.call('HEXISTS', KEYS[1], unit) == 0 then
    return {'gone', unit}
  end
end
local function holders(key, id)
  local count = 0
  for _, text in ipairs(redis.call('HVALS', key)) do
    local ok, held = pcall(cjson.decode, text)
    if ok and held.unit == id then
      count = count + 1
    end
    if ok and type(held.units) == 'table' then
      for _, one in ipairs(held.units) do
        if one == id then
          count = count + 1
        end
      end
    end
  end
  return count
end
for i = 5, #ARGV, 4 do
  local field, former, new = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local held = redis.call('HGET', hash, field) or ''
  if held ~= former then
    return {'changed', field, held}
  end
  if ARGV[1] == '1' and new == '' then
    local beds, people = holders(KEYS[2], field), holders(KEYS[3], field)
    if beds > 0 or people > 0 then
      return {'used', beds, people}
    end
  elseif ARGV[1] == '1' then
    if former == '' and redis.call('HLEN', hash) >= tonumber(ARGV[3]) then
      return {'full'}
    end
    local wanted = cjson.decode(new).key
    local all = redis.call('HGETALL', hash)
    for j = 1, #all, 2 do
      local ok, other = pcall(cjson.decode, all[j + 1])
      if all[j] ~= field and ok and other.key == wanted then
        return {'taken', other.name}
      end
    end
  end
end
for i = 5, #ARGV, 4 do
  if ARGV[i + 2] == '' then
    redis.call('HDEL', hash, ARGV[i])
  else
    redis.call('HSET', hash, ARGV[i], ARGV[i + 2])
  end
  redis.call('XADD', KEYS[5], 'MAXLEN', '~', kept, '*', 'e', ARGV[i + 3])
end
redis.call('INCR', KEYS[4])
return {'done'}
