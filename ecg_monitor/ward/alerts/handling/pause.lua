local seconds = tonumber(ARGV[6])
local pause_until = string.format('%.6f', tonumber(at) + seconds)
if seconds == 0 then pause_until = at end
local field = 'pause|' .. ARGV[5]
local known = act(field)
local seq = known and known.seq + 1 or 1
local covers, top = {}, 0
for i = 8, #ARGV, 2 do
  local text, rank = facts(ARGV[i])
  if text then
    rank = math.min(rank, tonumber(ARGV[i + 1]))
    top = math.max(top, rank)
    covers[#covers + 1] = '"' .. ARGV[i] .. '":' .. rank
  end
end
if top == 0 then top = ARGV[7] end
local pause = '{"by":' .. ARGV[4] .. ',"at":' .. at .. ',"until":' .. pause_until ..
  ',"seq":' .. string.format('%d', seq) .. ',"rank":' .. top ..
  ',"covers":{' .. table.concat(covers, ',') .. '}}'
local what = seconds == 0 and 'resumed' or 'paused'
redis.call('HSET', KEYS[2], field, pause)
log('{"what":"' .. what .. '","who":' .. ARGV[4] .. ',"at":' .. at ..
  ',"device":' .. ARGV[3] .. ',"pause":' .. pause .. '}')
return pause_until
