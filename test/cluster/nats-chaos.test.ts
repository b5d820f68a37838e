import t from 'tap'
import { playAll } from '../fixtures/cluster/schedule.ts'

playAll(t, 'nats', 5)
