export { type LogContractOptions, logContract, type LogEngine, type LogNode } from './log-contract.ts'
