-- Keeps the last refusal of devices. KEYS: roster, refused, strangers. ARGV: most strangers; then
-- device, JSON (see ecg_monitor.ward.devices.refusal). A device on the roster has a place of its
-- own; among the others whoever was refused longest ago makes room.
for i = 2, #ARGV, 2 do
  local device = ARGV[i]
  if redis.call('HEXISTS', KEYS[1], device) == 1 then
    redis.call('HSET', KEYS[2], device, ARGV[i + 1])
  else
    redis.call('HSET', KEYS[3], device, ARGV[i + 1])
    while redis.call('HLEN', KEYS[3]) > tonumber(ARGV[1]) do
      local held = redis.call('HGETALL', KEYS[3])
      local oldest, since
      for j = 1, #held, 2 do
        local readable, one = pcall(cjson.decode, held[j + 1])
        local at = readable and type(one) == 'table' and tonumber(one.at) or 0
        if since == nil or at < since then
          oldest, since = held[j], at
        end
      end
      redis.call('HDEL', KEYS[3], oldest)
    end
  end
end
