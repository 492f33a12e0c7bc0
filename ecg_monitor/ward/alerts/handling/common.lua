-- What the scripts of this folder share. KEYS: the hashes `alerts` and `acts`, the stream `alertlog`.
-- ARGV: ranks by priority (JSON), length of the trail, then what the script needs.
-- JSON is put together as text, so that no number passes through Lua's own formatting.
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
