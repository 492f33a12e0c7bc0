-- What the scripts of this folder share. KEYS: beds, their last version, the trail, the bed's notes.
-- ARGV: device, length of the trail, then what the script needs.
-- JSON is put together as text, so that no number passes through Lua's own formatting.
local time = redis.call('TIME')
local at = time[1] .. '.' .. string.format('%06d', time[2])
local text = redis.call('HGET', KEYS[1], ARGV[1])
local function log(version, rest)
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[2], '*', 'd', ARGV[1],
    'e', '{"at":' .. at .. ',"version":' .. version .. ',' .. rest)
end
