// SPDX-License-Identifier: Apache-2.0
// A server that requires client certificates, with Node.js alone. Usage: node server.js PKI [PORT]
const fs = require('fs');
const https = require('https');

const pki = process.argv[2];
const port = Number(process.argv[3] || 8443);

https.createServer({
  key: fs.readFileSync(`${pki}/server.key`),
  cert: fs.readFileSync(`${pki}/server.crt`),
  ca: fs.readFileSync(`${pki}/client-ca.crt`),
  requestCert: true,
  rejectUnauthorized: true,
}, (request, answer) => {
  answer.end(`hello ${request.socket.getPeerCertificate().subject.CN}\n`);
}).on('tlsClientError', (error) => {
  console.log(`refused: ${error.message}`);
}).listen(port, '127.0.0.1', () => console.log(`listening on https://localhost:${port}/`));
