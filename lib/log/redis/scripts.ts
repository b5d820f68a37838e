// What must happen in Redis as one. Offsets are written with %.0f: Lua would give large ones an exponent.

/**
 * Takes part in the epoch, or begins one, after all that was ever appended or read; also where what is written of it is none.
 * Keys: meta, stream. Arguments: the identity of the server, a name for a new epoch, the epoch and position that the node knows.
 * What nodes have sent that were not heard of for 10 minutes is forgotten.
 */
export const OPEN = `
local function offset (id) return tonumber(string.match(id, '^%d+')) end
local function text (number) return string.format('%.0f', number) end
local function number (text) return text and string.find(text, '^%d+$') and #text <= 15 and tonumber(text) end
local function name (text) return text and #text <= 64 and string.find(text, '^[%w_]+$') and text end

local meta = redis.call('HMGET', KEYS[1], 'epoch', 'start', 'previous', 'identity', 'end')
local epoch, start, previous, last = name(meta[1]), number(meta[2]), name(meta[3]), number(meta[5])
local newest, first, held, length = 0, nil, 0, 0
if redis.call('EXISTS', KEYS[2]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[2])
  for i = 1, #info, 2 do
    if info[i] == 'length' then length = info[i + 1] end
    if info[i] == 'last-generated-id' then newest = offset(info[i + 1]) end
    if info[i] == 'first-entry' and info[i + 1] then first = offset(info[i + 1][1]) - 1 end
    if info[i] == 'last-entry' and info[i + 1] then held = offset(info[i + 1][1]) end
  end
end
if newest > 9e14 then return redis.error_reply('COMETSTREAM entries of something else have ids beyond those of a log, delete the stream') end
local known = tonumber(ARGV[4])
if not epoch or not start or not last or meta[4] ~= ARGV[1] or newest > last or (epoch == ARGV[3] and last < known) then
  previous = epoch
  epoch = ARGV[2]
  last = math.max(last or 0, newest, known)
  start = last
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'start', text(start), 'previous', previous or '', 'identity', ARGV[1], 'end', text(start))
end
local before = redis.call('XREVRANGE', KEYS[2], text(start), '-', 'COUNT', 1)[1]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local sent = string.find(fields[i], '^sent:') and string.match(fields[i + 1], '%d+$')
  if sent and tonumber(sent) < now - 600000 then redis.call('HDEL', KEYS[1], fields[i]) end
end
return { epoch, text(start), previous or '', text(before and offset(before[1]) or 0), text(first or last), text(held), text(last), length, text(now) }
`

/**
 * Appends records in their order, each unless its key is known or the node has sent it before, and trims.
 * Keys: meta, stream, and the keys of the messages that have one. Arguments: epoch, node, maxLength, maxAge, and of each
 * record its number, channel, data, and the place of its key among the keys, 0 for none. Answers the offset of each that is new, and
 * epoch, offset and whether it is new of the others. It is written for one record with no key: every call and every table is felt.
 */
export const APPEND = `
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'end', 'sent:' .. ARGV[2])
if meta[1] ~= ARGV[1] then return redis.error_reply('COMETEPOCH another epoch has begun') end
local before, sent = tonumber(meta[2]), tonumber(meta[3] or '0')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
time = string.format('%.0f', now)

local last, newest = before, nil
local replies = {}
for i = 5, #ARGV, 4 do
  local number, key, reply = ARGV[i], KEYS[tonumber(ARGV[i + 3])], nil
  local isKnown = tonumber(number) <= sent
  if isKnown then
    local function again (origin)
      local from = '+'
      for _ = 1, 100 do
        local entries = redis.call('XREVRANGE', KEYS[2], from, '-', 'COUNT', 1000)
        for _, entry in ipairs(entries) do
          if entry[2][8] == origin then
            local offset = string.match(entry[1], '^%d+')
            local epochs = redis.call('HMGET', KEYS[1], 'start', 'previous')
            return { tonumber(offset) > tonumber(epochs[1]) and meta[1] or epochs[2], offset, 1 }
          end
        end
        if #entries < 1000 then break end
        from = '(' .. entries[1000][1]
      end
    end
    reply = again(ARGV[2] .. '-' .. number)
  end
  local earlier = not reply and key and redis.call('GET', key)
  local earlierEpoch, earlierOffset = string.match(earlier or '', '^([%w_]+)-(%d+)$')
  if earlierEpoch then
    reply = { earlierEpoch, earlierOffset, 0 }
  elseif isKnown then
    -- It was in the log, and was trimmed.
    reply = reply or { meta[1], meta[2], 1 }
  else
    last, newest = last + 1, number
    reply = string.format('%.0f', last)
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], reply .. '-0', 'c', ARGV[i + 1], 'd', ARGV[i + 2], 'e', ARGV[1], 'o', ARGV[2] .. '-' .. number, 't', time)
    if key then redis.call('SET', key, ARGV[1] .. '-' .. reply, 'PX', 300000) end
  end
  replies[(i - 1) / 4] = reply
end
-- The time comes after the point, where it does not change what the number is compared with.
if newest then redis.call('HSET', KEYS[1], 'end', string.format('%.0f', last), 'sent:' .. ARGV[2], newest .. '.' .. time) end

local age = tonumber(ARGV[4])
if age > 0 and math.floor(last / 100) > math.floor(before / 100) then
  local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
  for _ = 1, 10 do
    -- An entry of something else has no time, and goes first.
    if #oldest == 0 or (tonumber(oldest[#oldest][2][10]) or 0) >= now - age then break end
    local offset = tonumber(string.match(oldest[#oldest][1], '^%d+'))
    redis.call('XTRIM', KEYS[2], 'MINID', string.format('%.0f', offset + 1))
    oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 100)
  end
end
return replies
`
