// SPDX-License-Identifier: Apache-2.0
// Mutual TLS with Node.js. Usage: node client.js PKI [PORT]
const fs = require('fs');
const https = require('https');

const pki = process.argv[2];
const port = Number(process.argv[3] || 8889);

https.get({
  host: 'localhost',
  port,
  path: '/',
  timeout: 10000,
  ca: fs.readFileSync(`${pki}/server-ca.crt`),
  cert: fs.readFileSync(`${pki}/client.crt`),
  key: fs.readFileSync(`${pki}/client.key`),
}, (answer) => {
  answer.pipe(process.stdout);
  answer.on('end', () => { process.exitCode = answer.statusCode === 200 ? 0 : 1; });
}).on('timeout', function () {
  this.destroy(new Error('no answer within 10 seconds'));
}).on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
