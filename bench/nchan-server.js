import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { children, cpuTime, residentMemory } from './process.js'
import { envelope, payload } from './servers/payload.js'

const NGINX = '/usr/sbin/nginx'
const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so'

/** Whether nginx and Nchan (Debian's libnginx-mod-nchan) are installed. */
export const hasNchan = existsSync(NGINX) && existsSync(MODULE)

/** Has the same interface as NodeServer. Publishes over HTTP, with one pipelined POST per message. */
export class NchanServer {
  #process
  #folder
  #worker = 0
  #publisher
  #answered
  port = 0

  static async start () {
    const server = new NchanServer()
    server.port = await freePort()
    server.#folder = await mkdtemp(join(tmpdir(), 'bench-nchan-'))
    const config = join(server.#folder, 'nginx.conf')
    await writeFile(config, configuration(server.#folder, server.port))
    const command = ['--cpu-list', '0', NGINX, '-p', server.#folder, '-e', 'error.log', '-c', config]
    server.#process = spawn('taskset', command, { stdio: 'inherit' })
    server.#publisher = await server.#connect()
    server.#worker = await server.#forked()
    return server
  }

  get cpu () {
    return cpuTime(this.#worker)
  }

  get memory () {
    return residentMemory(this.#worker)
  }

  async publish ({ ticks, burst, size, every }) {
    for (let tick = 0; tick < ticks; tick++) {
      const posts = Array.from({ length: burst }, (_, index) => post(payload(size, index === burst - 1)))
      const answered = this.#answers(burst)
      this.#publisher.write(posts.join(''))
      await answered
      if (every !== undefined) await delay(every)
    }
  }

  async settle () {
    await delay(20)
  }

  async collectGarbage () {}

  async stop () {
    this.#publisher.destroy()
    this.#process.kill('SIGTERM')
    await once(this.#process, 'exit')
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #connect () {
    for (let attempt = 0; attempt < 100; attempt++) {
      const socket = connect(this.port, '127.0.0.1')
      try {
        await once(socket, 'connect')
        socket.on('data', (data) => { this.#answered?.(data) })
        return socket
      } catch (error) {
        if (error.code !== 'ECONNREFUSED') throw error
        await delay(20)
      }
    }
    throw new Error('nginx did not start')
  }

  // The master process listens before its worker exists.
  async #forked () {
    for (;;) {
      const [worker] = children(this.#process.pid)
      if (worker !== undefined) return worker
      await delay(20)
    }
  }

  #answers (count) {
    return new Promise((resolve) => {
      this.#answered = (data) => {
        count -= data.toString('latin1').split('HTTP/1.1 20').length - 1
        if (count <= 0) resolve()
      }
    })
  }
}

function post (data) {
  const body = JSON.stringify(envelope(data))
  return `POST /publish HTTP/1.1\r\nHost: bench\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

async function freePort () {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

function configuration (folder, port) {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const paths = folders.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')
  return `
load_module ${MODULE};
${process.getuid() === 0 ? 'user root;' : ''}
daemon off; worker_processes 1; worker_rlimit_nofile 20000; pid ${folder}/nginx.pid;
events { worker_connections 19000; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; client_body_in_single_buffer on;
  ${paths}
  nchan_max_reserved_memory 256M; nchan_message_buffer_length 1000; nchan_message_timeout 5m;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /publish { nchan_publisher; nchan_channel_id bench; }
    location = /subscribe {
      nchan_subscriber eventsource longpoll; nchan_channel_id bench;
      nchan_subscriber_first_message newest; nchan_eventsource_ping_interval 0;
    }
  }
}
`
}
