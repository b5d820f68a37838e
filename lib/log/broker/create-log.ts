import { completeOptions, integer, MAX_TIMEOUT, type OptionRules } from '../../util/option-rules.ts'
import type { MessageLog } from '../message-log.ts'
import type { Broker, BrokerOptions } from './broker.ts'
import { BrokerLog } from './broker-log.ts'

const BROKER_DEFAULTS: BrokerOptions = { publishTimeout: 5000, loadLength: 100_000 }

const BROKER_RULES: OptionRules<BrokerOptions> = { publishTimeout: integer(1, MAX_TIMEOUT), loadLength: integer(0) }

/**
 * Makes a log over a broker. `defaults` and `rules` are those of the options beyond `BrokerOptions`, and `createBroker`
 * is given all options, completed. Throws `COMET_ERR_OPTION` or `COMET_ERR_OPTION_UNKNOWN`.
 */
export function createBrokerLog<T extends object> (
  given: Partial<T & BrokerOptions>,
  defaults: T,
  rules: OptionRules<T>,
  createBroker: (options: T & BrokerOptions) => Broker
): MessageLog {
  const allRules = { ...rules, ...BROKER_RULES } as OptionRules<T & BrokerOptions>
  const options = completeOptions<T & BrokerOptions>(given, { ...defaults, ...BROKER_DEFAULTS }, allRules)
  return new BrokerLog(createBroker(options), options)
}
