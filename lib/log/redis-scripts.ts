// What must happen in Redis as one. Offsets are written with %.0f: Lua would give large ones an exponent.

/**
 * Takes part in the epoch, or begins one, after all that was ever appended or read.
 * Keys: meta, stream. Arguments: the identity of the server, a name for a new epoch, the epoch and position that the node knows.
 */
export const OPEN = `
local function offset (id) return tonumber(string.match(id, '^%d+')) end
local function text (number) return string.format('%.0f', number) end

local meta = redis.call('HMGET', KEYS[1], 'epoch', 'start', 'previous', 'identity', 'end')
local epoch, start, previous, last = meta[1], meta[2], meta[3], tonumber(meta[5] or '0')
local newest, first = 0, nil
if redis.call('EXISTS', KEYS[2]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[2])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then newest = offset(info[i + 1]) end
    if info[i] == 'first-entry' and info[i + 1] then first = offset(info[i + 1][1]) - 1 end
  end
end
local known = tonumber(ARGV[4])
if not epoch or meta[4] ~= ARGV[1] or newest > last or (epoch == ARGV[3] and last < known) then
  previous = epoch or ''
  epoch = ARGV[2]
  last = math.max(last, newest, known)
  start = text(last)
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'start', start, 'previous', previous, 'identity', ARGV[1], 'end', start)
end
return { epoch, start, previous or '', text(first or last), text(last) }
`

/**
 * Appends an entry, unless its key is known or the node has sent it before, and trims.
 * Keys: meta, stream, what the node has sent, and the message's key if it has one. Arguments: epoch, node, number, channel, data, maxLength,
 * maxAge. Answers epoch, offset and whether it is new.
 */
export const APPEND = `
local function text (number) return string.format('%.0f', number) end

local meta = redis.call('HMGET', KEYS[1], 'epoch', 'start', 'previous', 'end')
if meta[1] ~= ARGV[1] then return redis.error_reply('COMETEPOCH another epoch has begun') end
local origin = ARGV[2] .. '-' .. ARGV[3]

if tonumber(ARGV[3]) <= tonumber(redis.call('GET', KEYS[3]) or '0') then
  local from = '+'
  for _ = 1, 100 do
    local entries = redis.call('XREVRANGE', KEYS[2], from, '-', 'COUNT', 1000)
    for _, entry in ipairs(entries) do
      if entry[2][8] == origin then
        local offset = string.match(entry[1], '^%d+')
        return { tonumber(offset) > tonumber(meta[2]) and meta[1] or meta[3], offset, 1 }
      end
    end
    if #entries < 1000 then break end
    from = '(' .. entries[1000][1]
  end
  return { meta[1], meta[4], 1 }
end

if KEYS[4] then
  local earlier = redis.call('GET', KEYS[4])
  if earlier then
    local epoch, offset = string.match(earlier, '^(.*)-(%d+)$')
    return { epoch, offset, 0 }
  end
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local offset = redis.call('HINCRBY', KEYS[1], 'end', 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[6], text(offset) .. '-0', 'c', ARGV[4], 'd', ARGV[5], 'e', ARGV[1], 'o', origin, 't', text(now))
redis.call('SET', KEYS[3], ARGV[3], 'PX', 600000)
if KEYS[4] then redis.call('SET', KEYS[4], ARGV[1] .. '-' .. text(offset), 'PX', 300000) end

local age = tonumber(ARGV[7])
if age > 0 and offset % 100 == 0 then
  for _ = 1, 10 do
    local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 100)
    local last = oldest[#oldest]
    if tonumber(last[2][10]) >= now - age then break end
    redis.call('XTRIM', KEYS[2], 'MINID', text(tonumber(string.match(last[1], '^%d+')) + 1))
  end
end
return { ARGV[1], text(offset), 1 }
`
