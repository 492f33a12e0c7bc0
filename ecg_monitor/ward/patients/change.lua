local version = text and cjson.decode(text).version or 0
if version ~= tonumber(ARGV[3]) then return {0, text or ''} end
version = string.format('%d', redis.call('INCR', KEYS[2]))
redis.call('HSET', KEYS[1], ARGV[1],
  '{"version":' .. version .. ',"at":' .. at .. ',' .. ARGV[4])
log(version, ARGV[5])
if ARGV[6] ~= 'keep' then redis.call('DEL', KEYS[4]) end
for i = 7, #ARGV do redis.call('RPUSH', KEYS[4], ARGV[i]) end
return {tonumber(version), at}
