local done = 0
for i = 4, #ARGV, 6 do
  local id, what, field = ARGV[i], ARGV[i + 1], ARGV[i + 2] .. ARGV[i]
  local number, since = tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4])
  local text, rank = facts(id)
  local known = text and act(field)
  local newer = not known or since > known.since
    or (since == known.since and number > known.number)
  local ack = text and act('ack|' .. id)
  local settled = what == 'escalated' and ack and ack.rank >= rank
  if text and newer and not settled then
    local counted = '"number":' .. ARGV[i + 3] .. ',"since":' .. ARGV[i + 4]
    redis.call('HSET', KEYS[2], field, '{' .. counted .. ',"at":' .. at .. '}')
    log('{"what":"' .. what .. '","who":' .. ARGV[3] .. ',"at":' .. at ..
      ',"device":' .. ARGV[i + 5] .. ',' .. counted .. '}', text)
    done = done + 1
  end
end
return done
