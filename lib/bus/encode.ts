import type { StoredMessage } from '../history/channel.ts'
import {
  type Control, gapControl, isGap, isLoss, isMessage, type JoinMessage, type Slice, type SliceItem
} from '../history/slice.ts'
import { Batch } from '../transports/batch.ts'
import { controlFrame, type WireFrame, withoutId } from '../transports/frames.ts'
import type { Transport } from '../transports/transport.ts'

/** Encodes a slice for a transport: the only way to bytes. `preamble` precedes the first frame. */
export function encode ({ items }: Pick<Slice, 'items'>, transport: Transport, preamble = ''): Batch {
  const frames: WireFrame[] = []
  let messages = 0
  let gaps = 0
  for (const item of items) {
    frames.push(toFrame(item))
    if (isMessage(item)) messages++
    else if (isLoss(item)) gaps++
  }
  return new Batch(preamble + transport.encode(frames), messages, gaps)
}

function toFrame (item: SliceItem): WireFrame {
  if ('data' in item) return messageFrame(item)
  if ('message' in item) return joinMessageFrame(item)
  return toControlFrame(isGap(item) ? gapControl(item, true) : item)
}

function messageFrame ({ id, channel, data }: StoredMessage): WireFrame {
  return { json: `{"id":"${id}","channel":${channel.json},"data":${data}}`, id }
}

function joinMessageFrame ({ message: { id, channel, data }, isHistory }: JoinMessage): WireFrame {
  return { json: `{"id":"${id}","channel":${channel.json},"data":${data}${isHistory ? ',"history":true' : ''}}` }
}

function toControlFrame ({ frame, isPosition }: Control): WireFrame {
  return isPosition ? controlFrame(frame) : withoutId(controlFrame(frame))
}
