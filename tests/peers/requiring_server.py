# SPDX-License-Identifier: Apache-2.0
"""An HTTPS server that requires a client's certificate. Usage: requiring_server.py PORT CERTIFICATE KEY CLIENTS-CA

It answers with the subject that Python read from the certificate it verified.
"""
import http.server
import ssl
import sys


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        subject = {key: value for rdn in self.connection.getpeercert()["subject"] for key, value in rdn}
        body = f"hello {subject['commonName']}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        print(f"refused: {sys.exc_info()[1]}", flush=True)


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=sys.argv[4])
context.verify_mode = ssl.CERT_REQUIRED
context.load_cert_chain(sys.argv[2], sys.argv[3])
server = Server(("127.0.0.1", int(sys.argv[1])), Answer)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
