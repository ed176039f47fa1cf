import { createServer } from 'node:net'
import { createServer as createHttpServer } from 'node:http'
import { Aedes } from 'aedes'
import { WebSocketServer, createWebSocketStream } from 'ws'
const [port, webSocketPort] = process.argv.slice(2).map(Number)
const aedes = await Aedes.createBroker()
createServer(aedes.handle).listen(port, '127.0.0.1')
const http = createHttpServer()
new WebSocketServer({ server: http }).on('connection', (socket, request) => {
  aedes.handle(createWebSocketStream(socket), request)
})
http.listen(webSocketPort, '127.0.0.1')
