/**
 * The Redis script that joins the epoch, or begins one. An epoch begins after every offset that was ever appended or
 * read, also if what is stored about it is damaged. Nodes that have appended nothing for 10 minutes are forgotten.
 *
 * Keys: meta, stream. Arguments: see the first lines. Returns the marks of a `LogState`, see the last line.
 *
 * Why a string and not a file: Node cannot import text, so a file would have to be read relative to the module when it
 * is loaded, which breaks in every server that is bundled, or each tool (tap, esbuild, tsc, rollup) would need a loader
 * for it. The comment before the template is what editors highlight Lua by.
 */
export const OPEN = /* lua */ `
local META, STREAM = KEYS[1], KEYS[2]
local IDENTITY, NEW_EPOCH, KNOWN_EPOCH, KNOWN_POSITION = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local FORGET_AFTER = 600000 -- ms
-- Beyond it, a number in Lua no longer is every integer.
local MAX_OFFSET = 9e14

-- Offsets are written with %.0f: Lua would give large ones an exponent.
local function text(number) return string.format('%.0f', number) end

local function offset_of(id) return tonumber(string.match(id, '^%d+')) end

-- What meta holds is checked: every program that can write to Redis can put anything there.
local function checked_number(value)
  return value and string.find(value, '^%d+$') and #value <= 15 and tonumber(value)
end

local function checked_name(value)
  return value and #value <= 64 and string.find(value, '^[%w_]+$') and value
end

-- The offset of the newest entry that ever was, and of those that are held: the one before the oldest, and the newest.
local function stream_state()
  local state = { newest = 0, held = 0, length = 0 }
  if redis.call('EXISTS', STREAM) == 0 then return state end
  local info = redis.call('XINFO', 'STREAM', STREAM)
  for i = 1, #info, 2 do
    local name, value = info[i], info[i + 1]
    if name == 'length' then state.length = value end
    if name == 'last-generated-id' then state.newest = offset_of(value) end
    if name == 'first-entry' and value then state.trimmed_to = offset_of(value[1]) - 1 end
    if name == 'last-entry' and value then state.held = offset_of(value[1]) end
  end
  return state
end

local function forget_nodes(before)
  local fields = redis.call('HGETALL', META)
  for i = 1, #fields, 2 do
    local node = string.match(fields[i], '^seen:(.*)$')
    if node and (tonumber(fields[i + 1]) or 0) < before then redis.call('HDEL', META, fields[i], 'record:' .. node) end
  end
end

local stream = stream_state()
if stream.newest > MAX_OFFSET then
  return redis.error_reply('COMETSTREAM entries of something else have ids beyond those of a log, delete the stream')
end

local stored = redis.call('HMGET', META, 'epoch', 'start', 'previous', 'identity', 'end')
local epoch, start, previous = checked_name(stored[1]), checked_number(stored[2]), checked_name(stored[3])
local identity, last = stored[4], checked_number(stored[5])
local is_whole = epoch and start and last
local has_lost = is_whole and (stream.newest > last or (epoch == KNOWN_EPOCH and last < KNOWN_POSITION))
if not is_whole or has_lost or identity ~= IDENTITY then
  previous, epoch = epoch, NEW_EPOCH
  last = math.max(last or 0, stream.newest, KNOWN_POSITION)
  start = last
  redis.call('HSET', META, 'epoch', epoch, 'start', text(start), 'end', text(last),
    'previous', previous or '', 'identity', IDENTITY)
end
local before = redis.call('XREVRANGE', STREAM, text(start), '-', 'COUNT', 1)[1]
local previous_end = before and offset_of(before[1]) or 0

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
forget_nodes(now - FORGET_AFTER)
return {
  epoch, text(start), previous or '', text(previous_end), text(stream.trimmed_to or last), text(stream.held),
  text(last), stream.length, text(now)
}
`
