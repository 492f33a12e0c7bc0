local field, happens = 'standby|' .. ARGV[5], ARGV[7]
local text = redis.call('HGET', KEYS[2], field)
local known = text and cjson.decode(text)
if not known or known.ended ~= '' then return 0 end
if ARGV[6] ~= '' and known.seq ~= tonumber(ARGV[6]) then return 0 end
local gone, over = type(known.gone_at) == 'number', tonumber(at) >= known['until']
if over and ARGV[6] == '' then return 0 end
if happens == 'time' and not over then return 0 end
if over then happens = 'time' end
local what = 'standby_over'
if happens == 'gone' then
  if gone then return 0 end
  what = 'away'
  text = string.gsub(text, '"gone_at":null', '"gone_at":' .. at)
else
  if happens == 'signal' and not gone then return 0 end
  if happens == 'unused' and gone then return 0 end
  local ended = over and string.match(text, '"until":([^,]+)') or at
  text = string.gsub(text, '"ended_at":null,"ended":"","ended_by":""', function()
    return '"ended_at":' .. ended .. ',"ended":"' .. happens .. '","ended_by":' .. ARGV[4]
  end)
end
redis.call('HSET', KEYS[2], field, text)
log('{"what":"' .. what .. '","who":' .. ARGV[4] .. ',"at":' .. at ..
  ',"device":' .. ARGV[3] .. ',"standby":' .. text .. '}')
return 1
