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
 * Appends records in their order, each unless its key is known or the node has sent it before, and trims.
 * Keys: meta, stream, what the node has sent, and the keys of the messages that have one. Arguments: epoch, node, maxLength, maxAge, and of each
 * record its number, channel, data, and the place of its key among the keys, 0 for none. Answers epoch, offset and whether it is new, of each.
 */
export const APPEND = `
local function text (number) return string.format('%.0f', number) end

local meta = redis.call('HMGET', KEYS[1], 'epoch', 'start', 'previous', 'end')
if meta[1] ~= ARGV[1] then return redis.error_reply('COMETEPOCH another epoch has begun') end
local sent = tonumber(redis.call('GET', KEYS[3]) or '0')
local before, last = tonumber(meta[4]), tonumber(meta[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function again (origin)
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

local function append (number, channel, data, key)
  local origin = ARGV[2] .. '-' .. number
  if tonumber(number) <= sent then return again(origin) end
  local earlier = key and redis.call('GET', key)
  if earlier then
    local epoch, offset = string.match(earlier, '^(.*)-(%d+)$')
    return { epoch, offset, 0 }
  end
  last = redis.call('HINCRBY', KEYS[1], 'end', 1)
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], text(last) .. '-0', 'c', channel, 'd', data, 'e', ARGV[1], 'o', origin, 't', text(now))
  redis.call('SET', KEYS[3], number, 'PX', 600000)
  if key then redis.call('SET', key, ARGV[1] .. '-' .. text(last), 'PX', 300000) end
  return { ARGV[1], text(last), 1 }
end

local replies = {}
for i = 5, #ARGV, 4 do
  replies[#replies + 1] = append(ARGV[i], ARGV[i + 1], ARGV[i + 2], KEYS[tonumber(ARGV[i + 3])])
end

local age = tonumber(ARGV[4])
if age > 0 and math.floor(last / 100) > math.floor(before / 100) then
  for _ = 1, 10 do
    local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 100)
    local newest = oldest[#oldest]
    if tonumber(newest[2][10]) >= now - age then break end
    redis.call('XTRIM', KEYS[2], 'MINID', text(tonumber(string.match(newest[1], '^%d+')) + 1))
  end
end
return replies
`
