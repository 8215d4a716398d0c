// SPDX-License-Identifier: Apache-2.0
//
// Node's opinion: a handshake over 127.0.0.1 with the case's chain presented by a second TLS of this process, at security level 0, and
// judged by tls.connect with its defaults (or by tls.createServer, for a client's certificate). Bundles: tls.createSecureContext.
//
// Usage: node agreement.js <questions
'use strict';

const fs = require('fs');
const tls = require('tls');

const LIMIT = 100000;
const NAMES = ['name', 'check', 'purpose', 'host', 'chain', 'key', 'anchors', 'crl', 'ocsp', 'p12', 'passphrase',
  'level'];

function parse(line) {
  const values = line.split('\t');
  return Object.fromEntries(NAMES.map((name, i) => [name, values[i] === '-' ? null : values[i]]));
}

function words(error) {
  return `${error.code || error.name}: ${error.message}`;
}

// Both ends of one connection. What comes first of the judging end decides; `judge` is 'client' or 'server'.
function shake(serverOptions, clientOptions, judge) {
  return new Promise((resolve) => {
    const server = tls.createServer(serverOptions);
    let client = null;
    const timer = setTimeout(() => finish('n/a', 'no end of the handshake'), LIMIT);
    function finish(verdict, why) {
      clearTimeout(timer);
      if (client) {
        client.destroy();
      }
      server.close();
      resolve([verdict, why]);
    }
    server.on('secureConnection', (socket) => {
      if (judge === 'server') {
        finish(socket.authorized ? 'accept' : 'reject', socket.authorized ? 'good' : `${socket.authorizationError}`);
      }
    });
    server.on('tlsClientError', (error) => judge === 'server' && finish('reject', words(error)));
    server.listen(0, '127.0.0.1', () => {
      client = tls.connect({ ...clientOptions, host: '127.0.0.1', port: server.address().port });
      client.on('secureConnect', () => judge === 'client' && finish('accept', 'good'));
      client.on('error', (error) => judge === 'client' && finish('reject', words(error)));
    });
  });
}

async function verify(question) {
  const presented = {
    cert: fs.readFileSync(question.chain), key: fs.readFileSync(question.key), ciphers: 'DEFAULT:@SECLEVEL=0',
  };
  const judging = { ca: fs.readFileSync(question.anchors), rejectUnauthorized: true };
  if (question.ocsp) {
    return ['n/a', 'hands an OCSP response over and does not look at it'];
  }
  if (question.crl) {
    judging.crl = fs.readFileSync(question.crl);
  }
  try {
    tls.createSecureContext(presented);
  } catch (error) {
    return ['n/a', `cannot present it: ${words(error)}`];
  }
  if (question.purpose === 'client') {
    // The server needs a certificate of its own, which nobody judges.
    // Told not to end the connection, it tells why it would.
    return shake({ ...presented, ...judging, requestCert: true, rejectUnauthorized: false }, { ...presented, rejectUnauthorized: false }, 'server');
  }
  judging.checkServerIdentity = (_host, certificate) =>
    question.host === null ? undefined : tls.checkServerIdentity(question.host, certificate);
  const answer = await shake(presented, judging, 'client');
  return answer[1].startsWith('UNABLE_TO_GET_CRL') ? ['n/a', 'wants a CRL of every authority above, too'] : answer;
}

function open(question) {
  const passphrase = fs.readFileSync(question.passphrase, 'utf8').split(/\r?\n/)[0];
  tls.createSecureContext({ pfx: fs.readFileSync(question.p12), passphrase });
  return ['accept', 'key and certificate'];
}

async function main() {
  console.log(`version\tNode ${process.versions.node} (OpenSSL ${process.versions.openssl})`);
  for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
    const question = parse(line);
    let answer;
    try {
      answer = question.check === 'p12' ? open(question) : await verify(question);
    } catch (error) {
      answer = ['reject', words(error)];
    }
    console.log([question.name, answer[0], answer[1].replace(/\s+/g, ' ')].join('\t'));
  }
}

main();
