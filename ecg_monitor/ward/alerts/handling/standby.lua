local field = 'standby|' .. ARGV[5]
local known = act(field)
local seq = known and known.seq + 1 or 1
local covers = {}
for i = 8, #ARGV, 2 do
  local text, rank = facts(ARGV[i])
  if text then
    rank = math.min(rank, tonumber(ARGV[i + 1]))
    covers[#covers + 1] = '"' .. ARGV[i] .. '":' .. rank
  end
end
local ends = string.format('%.6f', tonumber(at) + tonumber(ARGV[6]))
local standby = '{"by":' .. ARGV[4] .. ',"at":' .. at .. ',"until":' .. ends ..
  ',"seq":' .. string.format('%d', seq) .. ',"reason":' .. ARGV[7] ..
  ',"covers":{' .. table.concat(covers, ',') .. '},"gone_at":null,"ended_at":null,' ..
  '"ended":"","ended_by":""}'
redis.call('HSET', KEYS[2], field, standby)
log('{"what":"standby","who":' .. ARGV[4] .. ',"at":' .. at ..
  ',"device":' .. ARGV[3] .. ',"standby":' .. standby .. '}')
return ends
