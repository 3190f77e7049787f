import Foundation
import ServerFixtures
import Testing

@testable import HTTP

/// Against a server whose certificate comes from an authority that nobody knows.
@Suite struct TLSTests {
    /// Makes an authority and a certificate, serves one page over TLS, and writes down the port.
    private static let program = """
        import datetime, http.server, ipaddress, ssl, threading
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import NameOID

        now = datetime.datetime.now(datetime.timezone.utc)

        def certificate(name, issuer, issuer_key, is_authority, days=(-1, 1)):
            key = ec.generate_private_key(ec.SECP256R1())
            subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
            builder = x509.CertificateBuilder(issuer or subject, subject, key.public_key(),
                x509.random_serial_number(), *(now + datetime.timedelta(day) for day in days))
            builder = builder.add_extension(x509.BasicConstraints(is_authority, None), True)
            address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
            builder = builder.add_extension(x509.SubjectAlternativeName([address]), False)
            made = builder.sign(issuer_key or key, hashes.SHA256())
            return made.public_bytes(serialization.Encoding.PEM), made.subject, key

        authority, subject, authority_key = certificate("Authority", None, None, True)
        with open("authority.pem", "wb") as file: file.write(authority)
        for name, days in ("server", (-1, 1)), ("expired", (-2, -1)):
            chain, _, key = certificate("Server", subject, authority_key, False, days)
            with open(name + ".pem", "wb") as file:
                file.write(chain + key.private_bytes(serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

        servers = []
        for name in "server", "expired":
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(name + ".pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
            servers.append(server)
        print("ports", *(server.server_port for server in servers), flush=True)
        threading.Thread(target=servers[1].serve_forever, daemon=True).start()
        servers[0].serve_forever()
        """

    private func kind(_ url: HTTPURL, _ options: TransportOptions) async throws -> TransportError.Kind? {
        let exchange = try CurlExchange(options)
        do {
            let answer = try await exchange.send(HTTPRequest(.get, url), within: .seconds(30))
            #expect(answer.status == 200)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func trustsNobodyUnlessTold() async throws {
        let server = try ServerProcess { _ in
            [ServerProcess.repository + "/.build/venv/bin/python", "-c", Self.program]
        }
        defer { server.stop() }
        var ports: [Substring] = []
        for _ in 0..<600 where ports.isEmpty {
            try await Task.sleep(for: .milliseconds(50))
            let line = server.output.split(separator: "\n").first { $0.hasPrefix("ports ") }
            ports = line?.split(separator: " ").dropFirst().map { $0 } ?? []
        }
        let url = try HTTPURL("https://127.0.0.1:\(try #require(ports.first, "\(server.output)"))/")
        var options = TransportOptions()
        #expect(try await kind(url, options) == .untrusted)
        options.verifiesServer = false
        #expect(try await kind(url, options) == nil)
        options.verifiesServer = true
        options.authorities = server.folder + "/authority.pem"
        #expect(try await kind(url, options) == nil)
        // The certificate is for an address, and for no other name of this machine.
        var other = url
        other.host = "localhost"
        #expect(try await kind(other, options) == .untrusted)
        let expired = try HTTPURL("https://127.0.0.1:\(ports[1])/")
        #expect(try await kind(expired, options) == .untrusted)
    }
}
