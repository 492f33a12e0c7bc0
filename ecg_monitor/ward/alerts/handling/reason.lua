local said = '"reason":' .. ARGV[5] .. ',"text":' .. ARGV[6]
local by, reason, text = cjson.decode(ARGV[4]), cjson.decode(ARGV[5]), cjson.decode(ARGV[6])
local answer = {}
for i = 7, #ARGV do
  local field = 'why|' .. ARGV[i]
  local known = act(field)
  local row = facts(ARGV[i])
  if not row then
    answer[#answer + 1] = 'unknown'
  elseif not act('ack|' .. ARGV[i]) then
    answer[#answer + 1] = 'open'
  elseif known and known.by == by and known.reason == reason and known.text == text then
    answer[#answer + 1] = 'already'
  else
    local seq = string.format('%d', known and known.seq + 1 or 1)
    redis.call('HSET', KEYS[2], field,
      '{"by":' .. ARGV[4] .. ',"at":' .. at .. ',"seq":' .. seq .. ',' .. said .. '}')
    log('{"what":"reason_given","who":' .. ARGV[4] .. ',"at":' .. at ..
      ',"device":' .. ARGV[3] .. ',"number":' .. seq .. ',' .. said .. '}', row)
    answer[#answer + 1] = 'done'
  end
end
return answer
