"""Lua that `ecg_monitor.ward.alerts.handling.actions` runs on the server.

Keys: the hashes ``alerts`` and ``acts``, the stream ``alertlog``. Arguments: ranks by priority
(JSON), length of the trail, then what `actions` puts there. JSON is put together as text, so that
no number passes through Lua's own formatting.
"""

_COMMON = """
local ranks = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local at = time[1] .. '.' .. string.format('%06d', time[2])
local function act(field)
  local text = redis.call('HGET', KEYS[2], field)
  return text and cjson.decode(text)
end
local function facts(id)
  local text = redis.call('HGET', KEYS[1], id)
  if not text then return nil end
  return text, ranks[cjson.decode(text).priority] or 0
end
local function log(entry, text)
  if text then
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[2], '*', 'e', entry, 'j', text)
  else
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[2], '*', 'e', entry)
  end
end
"""

ACKNOWLEDGE = (
    _COMMON
    + """
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
"""
)

PAUSE = (
    _COMMON
    + """
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
"""
)

MARK = (
    _COMMON
    + """
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
"""
)

STANDBY = (
    _COMMON
    + """
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
"""
)

STANDBY_STEP = (
    _COMMON
    + """
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
"""
)
