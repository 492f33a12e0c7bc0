local bed = text and cjson.decode(text)
if not bed or type(bed.admission) ~= 'table' or bed.admission.stay ~= ARGV[3] then return 'gone' end
if type(bed.leaving) == 'table' then return 'leaving' end
if redis.call('LLEN', KEYS[4]) >= tonumber(ARGV[4]) then return 'full' end
redis.call('RPUSH', KEYS[4], '{"at":' .. at .. ',' .. ARGV[5])
log(string.format('%d', bed.version), ARGV[6])
return 'done'
