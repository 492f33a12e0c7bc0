-- Appends packets to the stream KEYS[1] and counts them in the hash KEYS[2].
-- ARGV: most entries of the stream; Unix ms before which entries are dropped (0: none are); number
-- of packets; of each its device, arrival and bytes; then names and numbers to be counted.
local count = tonumber(ARGV[3])
for i = 4, 3 * count + 3, 3 do
  redis.call('XADD', KEYS[1], '*', 'd', ARGV[i], 't', ARGV[i + 1], 'p', ARGV[i + 2])
end
redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[1])
for i = 3 * count + 4, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[2], ARGV[i], ARGV[i + 1])
end
if ARGV[2] ~= '0' then
  redis.call('XTRIM', KEYS[1], 'MINID', '~', ARGV[2])
end
