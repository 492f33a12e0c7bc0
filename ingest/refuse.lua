-- Keeps the last refusal of devices. KEYS: roster, refused, strangers. ARGV: most strangers; then
-- device, JSON (see ecg_monitor.ward.devices.refusal). A device on the roster has a place of its
-- own; among the others whoever was refused longest ago makes room. That is looked at once for all
-- of them: whoever makes ids up must not keep Redis busy.
for i = 2, #ARGV, 2 do
  local is_known = redis.call('HEXISTS', KEYS[1], ARGV[i]) == 1
  redis.call('HSET', is_known and KEYS[2] or KEYS[3], ARGV[i], ARGV[i + 1])
end
local excess = redis.call('HLEN', KEYS[3]) - tonumber(ARGV[1])
if excess <= 0 then
  return
end
local held = redis.call('HGETALL', KEYS[3])
local strangers = {}
for i = 1, #held, 2 do
  local readable, one = pcall(cjson.decode, held[i + 1])
  local at = readable and type(one) == 'table' and tonumber(one.at) or 0
  if at ~= at then at = 0 end  -- nothing can be sorted by NaN
  strangers[#strangers + 1] = { device = held[i], at = at }
end
table.sort(strangers, function(a, b)
  return a.at < b.at or a.at == b.at and a.device < b.device
end)
for i = 1, excess do
  redis.call('HDEL', KEYS[3], strangers[i].device)
end
