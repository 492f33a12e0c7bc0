local standby = act('standby|' .. cjson.decode(ARGV[3]))
local function voided(known, rank)
  if rank > ranks.technical or not standby then return false end
  local over = standby['until']
  if type(standby.ended_at) == 'number' then over = math.min(over, standby.ended_at) end
  return tonumber(at) >= over and known.at < over
end
local answer = {}
for i = 5, #ARGV, 2 do
  local id = ARGV[i]
  local text, rank = facts(id)
  if not text then
    answer[#answer + 1] = 'unknown'
  else
    rank = math.min(rank, tonumber(ARGV[i + 1]))
    local known = act('ack|' .. id)
    if known and known.rank >= rank and not voided(known, rank) then
      answer[#answer + 1] = 'already'
    else
      redis.call('HSET', KEYS[2], 'ack|' .. id,
        '{"by":' .. ARGV[4] .. ',"at":' .. at .. ',"rank":' .. rank .. '}')
      log('{"what":"acknowledged","who":' .. ARGV[4] .. ',"at":' .. at ..
        ',"device":' .. ARGV[3] .. ',"rank":' .. rank .. '}', text)
      answer[#answer + 1] = 'done'
    end
  end
end
return answer
